"""A connection that says exactly the bytes it is told, for tests of bad input.

Wire(port) or Wire(port, tls=True); line() reads one line, expect() compares its beginning,
command() is for IMAP: sends tag and text, returns all lines up to the tagged answer.
"""
import base64
import socket

from harness import HOST, PASSWORD, unverified

TIMEOUT_S = 60


class Wire:
    def __init__(self, port, tls=False, timeout=TIMEOUT_S):
        self.socket = socket.create_connection((HOST, port), timeout=timeout)
        self.buffer = b""
        self.tags = 0
        if tls:
            self.start_tls()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def start_tls(self):
        self.socket = unverified().wrap_socket(self.socket)

    def send(self, data):
        self.socket.sendall(data if isinstance(data, bytes) else data.encode())

    def line(self):
        """One line without its CRLF; None at the end of the connection."""
        while b"\n" not in self.buffer:
            try:
                more = self.socket.recv(65536)
            except ConnectionError:
                more = b""
            if not more:
                return None
            self.buffer += more
        line, self.buffer = self.buffer.split(b"\n", 1)
        return line.rstrip(b"\r").decode("utf-8", errors="replace")

    def expect(self, *beginnings):
        line = self.line()
        if line is None or not line.startswith(beginnings):
            raise AssertionError(f"got {line!r}, wanted one of {beginnings}")
        return line

    def reply(self):
        """A whole SMTP reply: (code, text of the last line)."""
        line = self.line()
        while line is not None and line[3:4] == "-":
            line = self.line()
        if line is None:
            return None, "closed"
        return int(line[:3]), line[4:]

    def ask(self, text):
        """An SMTP or POP3 command, its one reply line or last line of several."""
        self.send(text + "\r\n")
        return self.reply()

    def command(self, text):
        """An IMAP command: (OK, NO or BAD; all lines)."""
        self.tags += 1
        tag = f"t{self.tags}"
        self.send(tag.encode() + b" " + (text if isinstance(text, bytes) else text.encode()))
        self.send(b"\r\n")
        return self.until(tag)

    def until(self, tag):
        lines = []
        while True:
            line = self.line()
            if line is None:
                return "CLOSED", lines
            lines.append(line)
            if line.startswith(tag + " "):
                return line.split()[1], lines
            if line.startswith("* BAD"):  # no tag could be made out
                return "BAD", lines

    def ended(self):
        """Reads to the end; True when the peer closes the connection in time."""
        try:
            while self.socket.recv(65536):
                pass
        except ConnectionError:
            return True
        except TimeoutError:
            return False
        return True


def smtp_25(gateway):
    wire = Wire(gateway.port["smtp"])
    wire.expect("220 ")
    wire.ask("EHLO tester.test")
    return wire


def submission(gateway, user="alice@example.test"):
    wire = Wire(gateway.port["submissions"], tls=True)
    wire.expect("220 ")
    wire.ask("EHLO tester.test")
    proof = base64.b64encode(f"\0{user}\0{PASSWORD}".encode()).decode()
    code, text = wire.ask(f"AUTH PLAIN {proof}")
    assert code == 235, (code, text)
    return wire


def imap(gateway, user="bob@example.test", mailbox=None):
    wire = Wire(gateway.port["imaps"], tls=True)
    wire.expect("* OK")
    status, lines = wire.command(f'LOGIN {user} "{PASSWORD}"')
    assert status == "OK", lines
    if mailbox is not None:
        status, lines = wire.command(f"SELECT {mailbox}")
        assert status == "OK", lines
    return wire


def pop3(gateway, user="bob@example.test"):
    wire = Wire(gateway.port["pop3s"], tls=True)
    wire.expect("+OK")
    for text in (f"USER {user}", f"PASS {PASSWORD}"):
        wire.send(text + "\r\n")
        wire.expect("+OK")
    return wire
