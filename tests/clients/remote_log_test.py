"""The log on other machines: what the daemon says arrives as syslog messages (RFC 5424) over UDP
and TCP, servers go and come back, and one that takes nothing holds up no mail.
"""
import datetime
import os
import re
import signal
import socket
import threading
import time
import unittest

from harness import BOB, HOST, Gateway, main, message, wait_until

HEAD = re.compile(
    r"<(\d{1,3})>1 (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z) (\S+) (\S+) (\S+) - - (.*)", re.DOTALL)
MARK = b"\xef\xbb\xbf"


def parse(data):
    """(priority, time, host, application, process, text); fails on what RFC 5424 does not allow."""
    found = HEAD.fullmatch(data.decode("utf-8"))
    assert found, data
    priority, moment, host, application, process, text = found.groups()
    assert (MARK in data) == (not text.isascii()), data
    assert not re.search(r"[\x00-\x1f\x7f]", text), data
    moment = datetime.datetime.fromisoformat(moment.replace("Z", "+00:00"))
    return int(priority), moment, host, application, process, text.removeprefix("\ufeff")


class Receiver:
    """Keeps the messages that come to a port."""

    def __init__(self, kind, port=0):
        self.kind = kind
        self.messages = []
        self.socket = socket.socket(
            socket.AF_INET, socket.SOCK_DGRAM if kind == "udp" else socket.SOCK_STREAM)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind((HOST, port))
        self.port = self.socket.getsockname()[1]
        self.connections = []
        if kind == "tcp":
            self.socket.listen()
        run = self.take_datagrams if kind == "udp" else self.take_connections
        self.thread = threading.Thread(target=run, daemon=True)
        self.thread.start()

    def name(self, host=HOST):
        return f"{self.kind}:{host}:{self.port}"

    def take_datagrams(self):
        while True:
            data = self.socket.recv(65_536)
            if data == b"end":
                return
            assert len(data) <= 1_232, len(data)
            self.messages.append(parse(data))

    def take_connections(self):
        while True:
            try:
                connection, _ = self.socket.accept()
            except OSError:
                return
            self.connections.append(connection)
            threading.Thread(target=self.take_frames, args=(connection,), daemon=True).start()

    def take_frames(self, connection):
        with connection.makefile("rb") as file:
            while True:
                size = b""
                while not size.endswith(b" "):
                    byte = file.read(1)
                    if byte == b"":
                        return
                    size += byte
                assert re.fullmatch(rb"[1-9]\d* ", size), size
                data = file.read(int(size))
                if len(data) < int(size):
                    return
                self.messages.append(parse(data))

    def stop(self):
        if self.kind == "udp":
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as end:
                end.sendto(b"end", (HOST, self.port))
        else:
            self.socket.shutdown(socket.SHUT_RDWR)
        self.thread.join(10)
        for connection in self.connections:
            connection.shutdown(socket.SHUT_RDWR)
            connection.close()
        self.socket.close()

    def texts(self):
        return [each[5] for each in self.messages]

    def has(self, words):
        return any(words in text for text in self.texts())


class RemoteLog(unittest.TestCase):
    def start(self, *servers, more=()):
        names = ", ".join(f'"{each}"' for each in servers)
        return self.enterContext(Gateway(settings=(f"log.servers=[{names}]", *more)))

    def receiver(self, kind, port=0):
        receiver = Receiver(kind, port)
        self.addCleanup(receiver.stop)
        return receiver

    def reload(self, gateway, *servers):
        path = gateway.path("postern.toml")
        with open(path, encoding="utf-8") as file:
            text = file.read()
        names = ", ".join(f'"{each}"' for each in servers)
        gateway.write("postern.toml",
                      re.sub(r"(?m)^servers = .*$", f"servers = [{names}]", text))
        before = len(gateway.log())
        os.kill(gateway.pid, signal.SIGHUP)
        wait_until(lambda: "event=log.reload" in gateway.log()[before:])
        return gateway.log()[before:]

    def test_every_line_arrives(self):
        """By a name, too: /etc/hosts is read when the process is confined already."""
        udp, tcp = self.receiver("udp"), self.receiver("tcp")
        gateway = self.start(udp.name("localhost"), tcp.name())
        pid = gateway.pid
        gateway.send(message("to be logged"))
        with socket.create_connection((HOST, gateway.port["smtp"]), timeout=30) as peer:
            peer.sendall("EHLO client\r\nMAIL FROM:<zoë\u2028@example.test> SMTPUTF8\r\n"
                         f"RCPT TO:<{BOB}>\r\nDATA\r\n".encode())
            peer.sendall(b"Subject: x\r\n\r\nx\r\n.\r\nQUIT\r\n")
            while peer.recv(4096):
                pass
        for receiver in (udp, tcp):
            wait_until(lambda one=receiver: one.has("event=smtp."))
        gateway.stop()
        wait_until(lambda: udp.has("event=app.ended") and tcp.has("event=app.ended"))
        now = datetime.datetime.now(datetime.timezone.utc)
        for receiver in (udp, tcp):
            for priority, moment, host, application, process, text in receiver.messages:
                level = re.match(r"level=(\w+) event=", text).group(1)
                severity = {"debug": 7, "info": 6, "warning": 4, "error": 3}[level]
                self.assertEqual(2 * 8 + severity, priority, text)
                self.assertLess(abs((now - moment).total_seconds()), 600)
                self.assertEqual("posternd", application)
                self.assertEqual(str(pid), process)
                self.assertRegex(host, r"^[!-~]+$")
        # The file has the same, in the same order; there the time is in front.
        lines = [line.split(" ", 1)[1] for line in gateway.log().split("\n") if "event=" in line]
        self.assertEqual(lines[:len(tcp.texts())], tcp.texts())

    def test_a_server_goes_and_comes_back(self):
        tcp = Receiver("tcp")
        udp = Receiver("udp")
        gateway = self.start(tcp.name(), udp.name())
        wait_until(lambda: tcp.has("event=app.ready") and udp.has("event=app.ready"))
        tcp.stop()
        udp.stop()
        before = len(gateway.inbox())
        for number in range(5):
            gateway.send(message(f"while they are away {number}"))
        wait_until(lambda: f"event=log.server_lost server={tcp.name()}" in gateway.log())
        wait_until(lambda: f"event=log.server_lost server={udp.name()}" in gateway.log())
        self.assertEqual(before + 5, len(gateway.inbox()))
        again = [self.receiver("tcp", tcp.port), self.receiver("udp", udp.port)]
        wait_until(lambda: gateway.log().count("event=log.server_reached") == 4, 60)
        for receiver in again:
            # What the servers missed is there, from the first line that nobody took on.
            wait_until(lambda one=receiver: one.has("event=log.server_lost"))
        gateway.send(message("they are back"))
        lines = [line.split(" ", 1)[1] for line in gateway.log().split("\n") if "event=" in line]
        wait_until(lambda: again[0].has(lines[-1]))
        # Handed to a connection that had just been closed: at most what was said in that moment.
        self.assertLessEqual(len(lines) - len(tcp.texts()) - len(again[0].texts()), 1)

    def test_servers_that_take_nothing_hold_up_no_mail(self):
        mute = self.enterContext(socket.socket())
        mute.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        mute.bind((HOST, 0))
        mute.listen()
        udp = self.receiver("udp")
        # The second one's name leads nowhere, and nobody answers at the third.
        gateway = self.start(f"tcp:{HOST}:{mute.getsockname()[1]}", "udp:no.such.invalid:514",
                             "tcp:192.0.2.1:601", udp.name(), more=('log_level="debug"',))
        before = len(gateway.inbox())
        begin = time.monotonic()
        for number in range(20):
            gateway.send(message(f"mail goes on {number}"))
        self.assertEqual(before + 20, len(gateway.inbox()))
        self.assertLess(time.monotonic() - begin, 60)
        wait_until(lambda: udp.has("event=smtp."))
        began = time.monotonic()
        gateway.stop()
        self.assertLess(time.monotonic() - began, 30)

    def test_other_servers_without_a_new_start(self):
        first, second = self.receiver("udp"), self.receiver("tcp")
        gateway = self.start(first.name())
        wait_until(lambda: first.has("event=app.ready"))
        self.assertIn("event=log.reloaded servers=1", self.reload(gateway, second.name()))
        wait_until(lambda: second.has("event=log.reloaded"))
        self.assertFalse(first.has("event=log.reloaded"))
        with open(gateway.path("postern.toml"), encoding="utf-8") as file:
            good = file.read()
        self.assertIn("log.servers: must be a list", self.reload(gateway, "udp:nowhere"))
        gateway.send(message("still there"))
        wait_until(lambda: second.has("event=smtp."))
        gateway.write("postern.toml", good)

    def test_the_kernel_log(self):
        word = f"postern-test: {os.getpid()} {time.time_ns()}"
        try:
            with open("/dev/kmsg", "rb", buffering=0):
                pass
            with open("/dev/kmsg", "w", encoding="ascii") as file:
                file.write(f"<4>{word} before\n")
        except OSError as error:
            self.skipTest(f"/dev/kmsg: {error}")
        tcp = self.receiver("tcp")
        gateway = self.start(tcp.name(), more=("log.kernel=true",))
        wait_until(lambda: tcp.has(f"{word} before"))
        with open("/dev/kmsg", "w", encoding="ascii") as file:
            file.write(f"<3>{word} after\n")
        wait_until(lambda: tcp.has(f"{word} after"))
        by_text = {each[5]: each for each in tcp.messages}
        priority, moment, _, application, process, _ = by_text[f"{word} after"]
        self.assertEqual((1 * 8 + 3, "kernel", "-"), (priority, application, process))
        now = datetime.datetime.now(datetime.timezone.utc)
        self.assertLess(abs((now - moment).total_seconds()), 60)
        gateway.stop()
        seen = len(tcp.messages)
        with open("/dev/kmsg", "w", encoding="ascii") as file:
            file.write(f"<4>{word} meanwhile\n")
        gateway.start()
        wait_until(lambda: tcp.has(f"{word} meanwhile"))
        self.assertFalse(any(f"{word} before" in text for text in tcp.texts()[seen:]))


if __name__ == "__main__":
    main()
