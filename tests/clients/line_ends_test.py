"""What we send out has CRLF line ends and no others, whatever came in by DATA, BDAT, APPEND, LMTP:
every byte that two servers are sent is looked at, one that knows no extensions and one that takes
chunks, and every byte of what IMAP and POP3 give. RFC 5321 §2.3.8, RFC 3030 §3.
"""
import re
import unittest

import wire
from harness import ALICE, BOB, HOST, Gateway, free_port, main, wait_until
from sink import Sink

FORWARDED = "forwarded@example.test"
BARE = re.compile(rb"\r(?!\n)|(?<!\r)\n")
HEADER = (f"From: <{ALICE}>\r\nTo: <{BOB}>\r\nSubject: line ends\r\n"
          "Message-ID: <1@example.test>\r\nDate: Mon, 02 Mar 2026 10:00:00 +0000\r\n").encode()
ALL_BYTES = bytes(range(256)) * 20
# Each is refused, or comes out clean.
BODIES = (b"a\nb\r\n", b"a\rb\r\n", b"a\r", b"a\n", b"a\r\r\n", b"\n", b"a\r\n\nb", b"a\n\r\n",
          b"\r\n.\n", b"\n.\r\n", b".\r", b"a\0\r\nb\r\n", b"\xff\n\xfe\r\n")
CLEAN = (b"a\r\n.\r\n..b\r\n", b"no end", b"", b"\r\n\r\n", b"\xc3\xa9\r\n",
         b"long\r\n.line\r\n" * 30_000)


class LineEnds(unittest.TestCase):
    def setUp(self):
        self.plain = self.enterContext(Sink(extensions=()))
        self.able = self.enterContext(
            Sink(extensions=("8BITMIME", "CHUNKING", "BINARYMIME", "SMTPUTF8")))
        self.sinks = (self.plain, self.able)
        routes = ", ".join(f'{{domain="{name}.test", host="{HOST}", port={sink.port}}}'
                           for name, sink in (("plain", self.plain), ("able", self.able)))
        self.lmtp = free_port()
        self.gateway = self.enterContext(Gateway([
            f"route=[{routes}]", '[listener].protocol="lmtp"', f'[listener].address="{HOST}"',
            f"[listener].port={self.lmtp}"]))
        self.gateway.empty(BOB)
        self.gateway.postern("alias", "add", FORWARDED, "carol@plain.test", "dan@able.test", BOB)

    def begin(self, session, recipients, parameters=""):
        self.assertEqual(250, session.ask(f"MAIL FROM:<{ALICE}>{parameters}")[0])
        for recipient in recipients:
            self.assertEqual(250, session.ask(f"RCPT TO:<{recipient}>")[0])

    def by_chunks(self, session, content, pieces):
        """Cut into so many; the reply to the last one that was taken, or the first refusal."""
        step = len(content) // pieces + 1
        for begin in range(0, max(len(content), 1), step):
            piece = content[begin:begin + step]
            last = " LAST" if begin + step >= len(content) else ""
            session.send(f"BDAT {len(piece)}{last}\r\n".encode() + piece)
            code, text = session.reply()
            if code != 250:
                session.ask("RSET")
                break
        return code, text

    def by_data(self, session, content):
        self.assertEqual(354, session.ask("DATA")[0])
        stuffed = re.sub(rb"(^|\r\n)\.", rb"\1..", content)
        session.send(stuffed + (b"" if stuffed.endswith(b"\r\n") else b"\r\n") + b".\r\n")
        return session.reply()

    def assert_all_clean(self, count):
        """Both servers got so many messages, and nothing but CRLF came over their wires."""
        for sink in self.sinks:
            wait_until(lambda sink=sink: len(sink.messages) >= count)
            self.assertEqual(count, len(sink.messages))
            for heard in sink.connections:
                self.assert_clean(bytes(heard))
            for each in sink.messages:
                self.assertTrue(each.endswith(b"\r\n"), each[-80:])

    def assert_clean(self, content):
        found = BARE.search(content)
        if found:
            at = found.start()
            self.fail(f"a bare CR or LF at {at}: {content[max(at - 80, 0):at + 80]!r}")

    def assert_ends(self, content):
        """The last message of each."""
        wanted = content if content.endswith(b"\r\n") else content + b"\r\n"
        stuffed = re.sub(rb"\r\n\.", b"\r\n..", wanted)
        for sink in self.sinks:
            self.assertTrue(sink.messages[-1].endswith((wanted, stuffed)), sink.messages[-1][-300:])

    def test_data_and_bdat(self):
        count = 0
        recipients = ["carol@plain.test", "dan@able.test"]
        with wire.submission(self.gateway) as session:
            for body in BODIES:
                for pieces in (0, 1, 2, len(HEADER) + len(body)):  # 0: DATA
                    if pieces == 0 and b"\n.\r\n" in body:
                        continue  # an end mark, if a server does not look at the CR
                    with self.subTest(body=body, pieces=pieces):
                        self.begin(session, recipients)
                        content = HEADER + b"\r\n" + body
                        code, text = (self.by_chunks(session, content, pieces) if pieces else
                                      self.by_data(session, content))
                        self.assertEqual((550, "5.6."), (code, text[:4]))
            for body in CLEAN:
                for pieces in (0, 1, 3):
                    with self.subTest(body=body[:40], pieces=pieces):
                        self.begin(session, recipients, " BODY=8BITMIME")
                        content = HEADER + b"\r\n" + body
                        code, text = (self.by_chunks(session, content, pieces) if pieces else
                                      self.by_data(session, content))
                        self.assertEqual(250, code, text)
                        count += 1
                        self.assert_all_clean(count)
                        if b"\xc3" not in body:  # for a server without 8BITMIME it is encoded
                            self.assert_ends(content)

    def test_binary_parts(self):
        """Binary parts are base64 when they come out; the rest has to be lines."""
        with wire.submission(self.gateway) as session:
            binary = HEADER + b"Content-Transfer-Encoding: binary\r\n\r\n" + ALL_BYTES
            multipart = (HEADER + b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n"
                         b"Content-Transfer-Encoding: binary\r\n\r\n" + ALL_BYTES +
                         b"\r\n--b--\r\n")
            count = 0
            for content in (binary, multipart, binary * 30):
                for pieces in (1, 7):
                    self.begin(session, ["carol@plain.test", "dan@able.test"], " BODY=BINARYMIME")
                    code, text = self.by_chunks(session, content, pieces)
                    self.assertEqual(250, code, text)
                    count += 1
            self.begin(session, ["carol@plain.test", "dan@able.test"], " BODY=BINARYMIME")
            code, text = self.by_chunks(session, HEADER + b"X: a\nb\r\n\r\ntext\r\n", 1)
            self.assertIn(code, (250, 550), text)
            self.assert_all_clean(count + (code == 250))

    def test_lmtp(self):
        count = 0
        with wire.Wire(self.lmtp) as session:
            session.expect("220 ")
            self.assertEqual(250, session.ask("LHLO tester.test")[0])
            for body in (*BODIES, *CLEAN):
                for pieces in (0, 2):
                    if pieces == 0 and body in BODIES and b"\n.\r\n" in body:
                        continue
                    with self.subTest(body=body[:40], pieces=pieces):
                        self.begin(session, [FORWARDED], " BODY=8BITMIME")
                        content = HEADER + b"\r\n" + body
                        code, text = (self.by_chunks(session, content, pieces) if pieces else
                                      self.by_data(session, content))
                        self.assertEqual(250 if body in CLEAN else 550, code, text)
                        count += code == 250
                        self.assert_all_clean(count)
        there = self.gateway.inbox(BOB)
        self.assertEqual(count, len(there))
        for each in there:
            self.assert_clean(each)

    def append(self, content):
        """As it is: the library's APPEND mends line ends."""
        with wire.imap(self.gateway) as session:
            status, lines = session.command(
                f"APPEND INBOX {{{len(content)}+}}\r\n".encode() + content)
            self.assertEqual("OK", status, lines)

    def test_append(self):
        """Bare LF become CRLF. A bare CR is kept as it is for the one who put it there, and goes to
        nobody else."""
        lf = HEADER.replace(b"\r\n", b"\n") + b"\na\n.b\r\n\nend"
        contents = (lf, lf + b"\n" + b"more lines\n" * 30_000)
        for content in contents:
            self.append(content)
        there = self.gateway.inbox(BOB)
        count = 0
        with wire.submission(self.gateway) as session:
            for content, given in zip(contents, there):
                self.assert_clean(given)
                self.assertEqual(re.sub(rb"\r?\n", b"\r\n", content), given)
                for pieces in (0, 1):
                    self.begin(session, ["carol@plain.test", "dan@able.test"])
                    code, text = (self.by_chunks(session, given, pieces) if pieces else
                                  self.by_data(session, given))
                    self.assertEqual(250, code, text)
                    count += 1
                    self.assert_all_clean(count)
            self.check_pop3(len(contents))
            self.append(HEADER + b"\r\na\rb\r\n")
            self.begin(session, ["carol@plain.test", "dan@able.test"])
            self.assertEqual(550, self.by_chunks(session, self.gateway.inbox(BOB)[-1], 1)[0])
        self.assert_all_clean(count)

    def check_pop3(self, count):
        with wire.pop3(self.gateway) as session:
            for number in range(1, count + 1):
                session.send(f"RETR {number}\r\n")
                answer = session.buffer
                while not answer.endswith(b"\r\n.\r\n"):
                    answer += session.socket.recv(65536)
                session.buffer = b""
                self.assertTrue(answer.startswith(b"+OK"), answer[:80])
                self.assert_clean(answer)

    def test_reports(self):
        """The words of a server stand in a report to the sender."""
        self.plain.answers = ["550-5.6.0 no\rno\r\n550 5.6.0 \xe9\rnever"]
        self.gateway.send(HEADER.decode() + "\r\ntext\r\n", ALICE, ["carol@plain.test"])
        wait_until(lambda: self.gateway.inbox(ALICE))
        (report,) = self.gateway.inbox(ALICE)
        self.assertIn(b"never", report)
        self.assert_clean(report)


if __name__ == "__main__":
    main()
