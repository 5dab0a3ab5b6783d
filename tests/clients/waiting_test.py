"""Nobody waits in vain: clients that send much at once, that go at any moment, and that idle.

Sessions are accepted on either of two shards and move to the one where the account lives, so each
case has users of both. POSTERN_WAITING_ROUNDS says how often the cases are repeated: 60 times
unless it is set.
"""
import os
import random
import re
import ssl
import threading
import time
import unittest

from harness import ALICE, BOB, HOST, PASSWORD, Gateway, main, message, unverified
from wire import Wire, imap

ROUNDS = int(os.environ.get("POSTERN_WAITING_ROUNDS") or 60)
# A wake-up that is lost shows as this; what is only slow on a loaded machine does not.
PATIENCE_S = 20
SEED = 20261122


class TlsInOneGo:
    """TLS over memory: what is said in many records is sent in one piece."""

    def __init__(self, port):
        self.wire = Wire(port, timeout=PATIENCE_S)
        self.incoming, self.outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.tls = unverified().wrap_bio(self.incoming, self.outgoing, server_hostname=HOST)
        self.text = b""
        self.wait(self.tls.do_handshake)
        self.push()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.wire.socket.close()

    def push(self):
        if self.outgoing.pending:
            self.wire.socket.sendall(self.outgoing.read())

    def wait(self, step):
        while True:
            try:
                return step()
            except ssl.SSLWantReadError:
                self.push()
                more = self.wire.socket.recv(65536)
                if not more:
                    raise ConnectionError("closed") from None
                self.incoming.write(more)

    def say(self, *lines):
        for line in lines:
            self.tls.write(line.encode() + b"\r\n")
        self.push()

    def line(self):
        while b"\n" not in self.text:
            self.text += self.wait(lambda: self.tls.read(65536))
        line, self.text = self.text.split(b"\n", 1)
        return line.rstrip(b"\r").decode()


class Waiting(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.gateway = cls.enterClassContext(Gateway(settings=("shards=2",)))
        cls.random = random.Random(SEED)
        for number in range(3):
            cls.gateway.send(message(f"number {number}"), recipients=(ALICE, BOB))

    def user(self, number):
        return (ALICE, BOB)[number % 2]

    def test_pop3_all_commands_in_one_piece(self):
        """The login moves the session; the commands behind it came with it."""
        for number in range(ROUNDS // 3):
            with TlsInOneGo(self.gateway.port["pop3s"]) as client:
                self.assertTrue(client.line().startswith("+OK"))
                client.say(f"USER {self.user(number)}", f"PASS {PASSWORD}", "STAT", "NOOP", "QUIT")
                lines = [client.line() for _ in range(5)]
                self.assertTrue(all(line.startswith("+OK") for line in lines), (number, lines))

    def test_imap_all_commands_in_one_piece(self):
        for number in range(ROUNDS // 3):
            with TlsInOneGo(self.gateway.port["imaps"]) as client:
                client.line()
                client.say(f"a LOGIN {self.user(number)} {PASSWORD}", "b EXAMINE INBOX", "c NOOP",
                           "d LOGOUT")
                lines = [client.line()]
                while not lines[-1].startswith("d "):
                    lines.append(client.line())
                tagged = [line[:4] for line in lines if re.match("[abcd] ", line)]
                self.assertEqual(["a OK", "b OK", "c OK", "d OK"], tagged, number)

    def leave_somewhere(self, number, chance):
        """A POP3 session that ends without a word, at any point."""
        steps = [f"USER {self.user(number)}", f"PASS {PASSWORD}", "STAT", "LIST", "RETR 1", "UIDL",
                 "TOP 2 0", "NOOP"]
        secure = chance.random() < 0.5
        wire = Wire(self.gateway.port["pop3s" if secure else "pop3"], timeout=PATIENCE_S)
        try:
            if secure and chance.random() < 0.9:
                wire.start_tls()
            for step in steps[:chance.randrange(len(steps) + 1)]:
                text = step + "\r\n"
                cut = len(text) if chance.random() < 0.8 else chance.randrange(len(text))
                wire.send(text[:cut])
                if cut < len(text):
                    break
                if chance.random() < 0.7:
                    wire.line()
        except OSError:
            pass  # the gateway may hang up first
        finally:
            wire.socket.close()

    def test_pop3_peers_that_go_at_any_moment(self):
        """Afterwards nobody holds a mail drop, and no session is left."""
        chances = [random.Random(SEED + thread) for thread in range(4)]
        threads = [threading.Thread(target=lambda chance=chance: [
            self.leave_somewhere(number, chance) for number in range(ROUNDS)])
            for chance in chances]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(ROUNDS * PATIENCE_S)
        for user in (ALICE, BOB):
            self.assertTrue(self.logs_in(user), user)

    def logs_in(self, user):
        """The last of those sessions may still be on its way out."""
        end = time.monotonic() + PATIENCE_S
        while time.monotonic() < end:
            with TlsInOneGo(self.gateway.port["pop3s"]) as client:
                client.line()
                client.say(f"USER {user}", f"PASS {PASSWORD}", "STAT", "QUIT")
                lines = [client.line() for _ in range(4)]
                if lines[1].startswith("+OK"):
                    self.assertRegex(lines[2], r"\+OK [34] ")
                    return True
                self.assertIn("[IN-USE]", lines[1])
        return False


class Idler:
    """An IMAP session that idles, and leaves and comes back whenever chance has it."""

    def __init__(self, gateway, user, enable, chance):
        self.wire = imap(gateway, user)
        self.wire.socket.settimeout(PATIENCE_S)
        self.chance = chance
        self.number = 0
        if enable:
            self.wire.command(f"ENABLE {enable}")
        self.wire.command("SELECT Busy")
        self.begin()

    def begin(self):
        self.number += 1
        self.wire.send(f"i{self.number} IDLE\r\n")
        self.news = []
        while not (line := self.wire.expect("+", "* ")).startswith("+"):
            self.news.append(line)

    def end(self):
        self.wire.send("DONE\r\n")
        return self.wire.until(f"i{self.number}")[1][:-1]

    def see(self, pattern):
        """Reads until something of that kind is said; now and then in another IDLE."""
        while True:
            for at, line in enumerate(self.news):
                if re.search(pattern, line):
                    self.news = self.news[at + 1:]
                    return
            self.news = []
            if self.chance.random() < 0.3:
                told = self.end()
                if self.chance.random() < 0.3:
                    told += self.wire.command("NOOP")[1][:-1]
                self.begin()
                self.news = told + self.news
                if not self.news:
                    self.news = [self.wire.expect("* ")]
            else:
                self.news = [self.wire.expect("* ")]


class Idling(unittest.TestCase):
    def see_all(self, user, enable):
        chance = random.Random(SEED)
        with Gateway(settings=("shards=2",)) as gateway, imap(gateway, user) as other:
            self.assertEqual("OK", other.command("CREATE Busy")[0])
            other.command("SELECT Busy")
            idler = Idler(gateway, user, enable, chance)
            gone = r"VANISHED" if enable == "QRESYNC" else r"\d+ EXPUNGE"
            for number in range(ROUNDS):
                text = message(f"round {number}")
                other.send(f"x{number} APPEND Busy {{{len(text.encode())}+}}\r\n{text}\r\n")
                self.assertEqual("OK", other.until(f"x{number}")[0])
                idler.see(r"[1-9]\d* EXISTS")
                self.assertEqual("OK", other.command(r"STORE 1 +FLAGS (\Deleted)")[0])
                idler.see(r"FETCH .*\\Deleted")
                self.assertEqual("OK", other.command("EXPUNGE")[0])
                idler.see(gone)
            idler.wire.socket.close()

    def test_plain(self):
        self.see_all(BOB, "")

    def test_condstore(self):
        self.see_all(ALICE, "CONDSTORE")

    def test_qresync(self):
        self.see_all(BOB, "QRESYNC")


if __name__ == "__main__":
    main()
