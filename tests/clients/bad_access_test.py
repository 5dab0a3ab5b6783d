"""What IMAP and POP3 peers must not get away with: over the wire, against the running gateway. Each
case asks for a clear answer, and afterwards the gateway still serves what it holds.
"""
import socket
import time
import unittest

from harness import BOB, PASSWORD, ClientTest, Gateway, main, message, wait_until
from wire import Wire, imap, pop3

MEMORY_GROWTH_BYTES_MAX = 64 * 1024 * 1024


class BadImap(ClientTest):
    def setUp(self):
        super().setUp()
        self.text = message("kept")
        self.gateway.send(self.text)

    def tearDown(self):
        self.assert_delivered(self.text)

    def test_line_over_the_limit(self):
        with imap(self.gateway) as wire:
            status, lines = wire.command("NOOP " + "x" * 3_000_000)
            self.assertIn(status, ("BAD", "CLOSED"), lines[-1:])
            if status == "BAD":
                self.assertEqual("OK", wire.command("NOOP")[0])

    def test_nul_and_eight_bit(self):
        with imap(self.gateway) as wire:
            for raw in (b"NO\0OP", b"LIST \"\" \"a\0b\"", b"SELECT \xff\xfe", b"CREATE a\x00b",
                        b"LOGIN \x01 \x02", b"\xc3\xa4"):
                status, lines = wire.command(raw)
                self.assertIn(status, ("BAD", "NO"), (raw, lines))
            self.assertEqual("OK", wire.command("NOOP")[0])

    def test_lines_without_sense(self):
        with imap(self.gateway) as wire:
            for raw in (b"\r\n", b"a\r\n", b" \r\n", b"* OK\r\n", b"+ go\r\n", b"()\r\n",
                        b"a b c d\r\n", b"%%%\r\n", b"t9 FETCH\r\n", b"t9 UID\r\n"):
                wire.send(raw)
                line = wire.line()
                self.assertIn("BAD", line, raw)
            self.assertEqual("OK", wire.command("NOOP")[0])

    def test_wrong_state(self):
        with Wire(self.gateway.port["imaps"], tls=True) as wire:
            wire.expect("* OK")
            for text in ("SELECT INBOX", "LIST \"\" *", "FETCH 1 FLAGS", "IDLE", "APPEND INBOX {1}",
                         "CLOSE", "EXPUNGE"):
                status, lines = wire.command(text)
                self.assertIn(status, ("BAD", "NO"), (text, lines))
                self.assertFalse(any(line.startswith("+") for line in lines), text)
        with imap(self.gateway) as wire:
            for text in ("FETCH 1 FLAGS", "STORE 1 FLAGS ()", "CLOSE", "EXPUNGE", "SEARCH ALL",
                         "COPY 1 INBOX", "LOGIN a b", "STARTTLS", "UID MOVE 1 INBOX"):
                self.assertIn(wire.command(text)[0], ("BAD", "NO"), text)
            self.assertEqual("OK", wire.command("NOOP")[0])

    def test_ten_thousand_pipelined_commands(self):
        with imap(self.gateway, mailbox="INBOX") as wire:
            wire.socket.settimeout(120)
            wire.send("".join(f"p{n} NOOP\r\n" for n in range(10_000)))
            for number in range(10_000):
                self.assertEqual("OK", wire.until(f"p{number}")[0])

    def test_client_that_reads_nothing(self):
        before = self.gateway.resident_bytes()
        with imap(self.gateway, mailbox="INBOX") as wire:
            wire.socket.settimeout(5)
            try:
                for number in range(2_000):
                    wire.send(f"r{number} FETCH 1:* (BODY[] ENVELOPE BODYSTRUCTURE)\r\n" * 50)
            except OSError:
                pass
            self.assertLess(self.gateway.resident_bytes() - before, MEMORY_GROWTH_BYTES_MAX)
            with imap(self.gateway, mailbox="INBOX") as other:
                self.assertEqual("OK", other.command("FETCH 1 FLAGS")[0])

    def test_literal_that_never_comes(self):
        held = []
        for _ in range(50):
            wire = imap(self.gateway)
            wire.send("a APPEND INBOX {1000000}\r\n")
            wire.expect("+")
            wire.send("x" * 1000)
            held.append(wire)
        with imap(self.gateway, mailbox="INBOX") as other:
            self.assertEqual("OK", other.command("FETCH 1 FLAGS")[0])
        for wire in held:
            wire.socket.close()
        time.sleep(0.2)

    def test_literals_over_the_limit(self):
        with imap(self.gateway) as wire:
            for text in ("APPEND INBOX {62914560}", "LOGIN {100000}", "LIST \"\" {99999999999}",
                         "APPEND INBOX {99999999999999999999999}", "APPEND INBOX {-1}",
                         "APPEND INBOX {x}", "APPEND INBOX {", "APPEND INBOX {1"):
                status, lines = wire.command(text)
                self.assertIn(status, ("BAD", "NO"), (text, lines))
                self.assertFalse(any(line.startswith("+") for line in lines), text)
            self.assertEqual("OK", wire.command("NOOP")[0])

    def test_non_synchronizing_literal_over_the_limit(self):
        with imap(self.gateway) as wire:
            wire.send("a APPEND INBOX {62914560+}\r\n")
            try:
                for _ in range(60):
                    wire.send(b"y" * 1_048_576)
                wire.send("\r\n")
            except OSError:
                return  # to close is right as well (RFC 7888 §4)
            status, lines = wire.until("a")
            self.assertIn(status, ("NO", "BAD", "CLOSED"), lines)

    def test_mailbox_names(self):
        with imap(self.gateway) as wire:
            for name in ('".."', '"../../etc"', '"/etc"', '"a/../b"', '"a//b"', '"./a"', '"."',
                         '"&AG"', '"&!!-"', '"&AGE-"', '"a&-/&"', '""', '"' + "n" * 3000 + '"',
                         '"' + "/".join("d" * 200) + '"', '"a\tb"', '"*"', '"%"', '"a%b"',
                         '"&2D0-"', '"cur"/../x', '"/a"', '"a/"'):
                status, lines = wire.command(f"CREATE {name}")
                if status == "OK":  # names of harmless form may exist; none leaves the account
                    self.assertIn(name, ('"cur"', '"a/"', '"&AGE-"', '"a\tb"', '"."', '"./a"',
                                         '"*"', '"%"', '"a%b"'), lines)
                    name = name.replace('/"', '"')  # RFC 3501 §6.3.3: what follows is no name
                    self.assertEqual("OK", wire.command(f"DELETE {name}")[0], name)
                else:
                    self.assertIn(status, ("BAD", "NO"), (name, lines))
            for text in ('SELECT "../alice"', 'RENAME INBOX "../x"', 'COPY 1 ".."', 'DELETE INBOX',
                         'RENAME nothing INBOX', 'STATUS "../../x" (MESSAGES)',
                         'APPEND "../x" {1+}\r\nx'):
                status, lines = wire.command(text)
                self.assertIn(status, ("BAD", "NO"), (text, lines))
            self.assertEqual("OK", wire.command("NOOP")[0])

    def test_numbers_sets_and_sections(self):
        with imap(self.gateway, mailbox="INBOX") as wire:
            for text in ("FETCH 0 FLAGS", "FETCH 99999999999 FLAGS", "FETCH 1: FLAGS",
                         "FETCH 1,,2 FLAGS", "FETCH * (", "FETCH 1 (FLAGS", "FETCH 1 BODY[",
                         "FETCH 1 BODY[]<1.", "FETCH 1 BODY[0]", "FETCH 1 BODY[1.MIME.2]",
                         "FETCH 1 NOSUCH", "STORE 1 FLAGS", r"STORE 1 +FLAGS (\Nosuch\)",
                         "SEARCH", "SEARCH NOSUCH", "SEARCH NOT", "SEARCH OR ALL",
                         "SEARCH CHARSET X-NOSUCH ALL", "SEARCH BEFORE 99-Foo-2026",
                         "SEARCH (" * 200, "FETCH 1 " + "(" * 10_000):
                status, lines = wire.command(text)
                self.assertIn(status, ("BAD", "NO"), (text[:60], lines))
            self.assertEqual("OK", wire.command("UID FETCH 4000000000:* FLAGS")[0])
            self.assertEqual("OK", wire.command("FETCH 1 BODY[99.99.99]")[0])
            self.assertEqual("OK", wire.command("FETCH 1 BODY[]<4000000000.4000000000>")[0])

    def test_plaintext_after_starttls_is_thrown_away(self):
        with Wire(self.gateway.port["imap"]) as wire:
            wire.expect("* OK")
            wire.send("a STARTTLS\r\nb CAPABILITY\r\nc LOGIN x y\r\n")
            wire.expect("a OK")
            self.assertEqual(b"", wire.buffer)
            try:
                wire.start_tls()
            except OSError:
                return
            status, lines = wire.command("NOOP")
            self.assertEqual(("OK", 1), (status, len(lines)))

    def test_a_message_nested_a_hundred_levels(self):
        text = message("deep", body="",
                       more="MIME-Version: 1.0\r\nContent-Type: message/rfc822\r\n")
        for level in range(99):
            text += f"Subject: level {level}\r\nContent-Type: message/rfc822\r\n\r\n"
        text += "Subject: bottom\r\n\r\nx\r\n"
        with imap(self.gateway, mailbox="INBOX") as wire:
            status, lines = wire.command(f"APPEND INBOX {{{len(text)}+}}\r\n{text}")
            self.assertIn(status, ("OK", "NO"), lines)
            if status == "OK":
                wire.command("NOOP")
                self.assertEqual("OK", wire.command("FETCH 2 (BODYSTRUCTURE ENVELOPE)")[0])
                wire.command(r"STORE 2 +FLAGS (\Deleted)")
                wire.command("EXPUNGE")

    def test_idle_answered_with_something_else(self):
        with imap(self.gateway, mailbox="INBOX") as wire:
            wire.send("a IDLE\r\n")
            wire.expect("+")
            wire.send("b NOOP\r\n")
            line = wire.line()
            self.assertTrue(line is None or "BAD" in line, line)


class BadPop3(ClientTest):
    def setUp(self):
        super().setUp()
        self.text = message("kept")
        self.gateway.send(self.text)

    def tearDown(self):
        self.assert_delivered(self.text)

    def refused(self, wire, text):
        wire.send(text if isinstance(text, bytes) else text.encode())
        wire.send("\r\n")
        wire.expect("-ERR")

    def test_bad_commands_and_numbers(self):
        with pop3(self.gateway) as wire:
            for text in ("BOGUS", "", "RETR", "RETR 0", "RETR 2", "RETR x", "RETR -1", "RETR 1 1",
                         "RETR 99999999999999999999", "DELE 2", "TOP 1", "TOP 1 -1", "LIST 5",
                         "UIDL 7", "USER x", "PASS y", "STLS", "RE\0TR 1", b"\xff\xfe",
                         "NOOP " + "x" * 300):
                with self.subTest(text=text[:40]):
                    self.refused(wire, text)
            wire.send("NOOP\r\n")
            wire.expect("+OK")

    def test_line_over_the_limit(self):
        with pop3(self.gateway) as wire:
            wire.send("NOOP " + "x" * 1_000_000 + "\r\n")
            line = wire.line()
            self.assertTrue(line is None or line.startswith("-ERR"), line)

    def test_wrong_state(self):
        with Wire(self.gateway.port["pop3s"], tls=True) as wire:
            wire.expect("+OK")
            for text in ("STAT", "LIST", "RETR 1", "DELE 1", "PASS x", "TOP 1 1", "UIDL", "RSET"):
                self.refused(wire, text)

    def test_deleted_messages_are_gone_in_the_session(self):
        with pop3(self.gateway) as wire:
            wire.send("DELE 1\r\n")
            wire.expect("+OK")
            for text in ("RETR 1", "DELE 1", "LIST 1", "UIDL 1", "TOP 1 1"):
                self.refused(wire, text)

    def test_ten_thousand_pipelined_commands(self):
        with pop3(self.gateway) as wire:
            wire.socket.settimeout(120)
            wire.send("NOOP\r\n" * 10_000)
            for _ in range(10_000):
                wire.expect("+OK")

    def test_client_that_reads_nothing(self):
        before = self.gateway.resident_bytes()
        with pop3(self.gateway) as wire:
            wire.socket.settimeout(5)
            try:
                for _ in range(2_000):
                    wire.send("RETR 1\r\n" * 100)
            except OSError:
                pass
            self.assertLess(self.gateway.resident_bytes() - before, MEMORY_GROWTH_BYTES_MAX)
        deadline = time.monotonic() + 30
        while True:  # the drop is free again once the connection is seen to be gone
            try:
                self.gateway.pop3().quit()
                break
            except Exception:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.1)

    def test_plaintext_after_stls_is_thrown_away(self):
        with Wire(self.gateway.port["pop3"]) as wire:
            wire.expect("+OK")
            wire.send(f"STLS\r\nUSER {BOB}\r\nCAPA\r\n")
            wire.expect("+OK")
            self.assertEqual(b"", wire.buffer)
            try:
                wire.start_tls()
            except OSError:
                return
            wire.send("NOOP\r\n")  # not allowed yet: exactly one refusal comes, and nothing before
            wire.expect("-ERR")
            wire.send("QUIT\r\n")
            wire.expect("+OK")

    def test_disconnecting_without_quit_keeps_everything(self):
        wire = pop3(self.gateway)
        wire.send("DELE 1\r\n")
        wire.expect("+OK")
        wire.socket.shutdown(socket.SHUT_RDWR)
        wire.socket.close()


class TooManyConnections(unittest.TestCase):
    """From one network, of all protocols and shards together."""
    MAX = 10

    def hold_all(self, gateway):
        """As many as there may be, logged in, so that some have moved to another shard."""
        held = [Wire(gateway.port["imaps"], tls=True) for _ in range(self.MAX)]
        if all(wire.line().startswith("* OK") for wire in held):
            for wire in held:
                self.assertEqual("OK", wire.command(f'LOGIN {BOB} "{PASSWORD}"')[0])
            self.held = held
            return True
        for wire in held:  # of those before, some had not ended
            wire.socket.close()
        return False

    def test_each_protocol_says_so(self):
        settings = [f"limits.connections_per_address_max={self.MAX}", "defence.trusted=[]"]
        with Gateway(settings) as gateway:
            wait_until(lambda: self.is_held(gateway))
            for name, words in (("smtp", "421 4.7.0 "), ("submission", "421 4.7.0 "),
                                ("imap", "* BYE "), ("pop3", "-ERR ")):
                with Wire(gateway.port[name]) as wire:
                    wire.expect(words)
            wait_until(lambda: "event=net.turned_away" in gateway.log())
            for wire in self.held:
                wire.socket.close()

            def is_greeted():
                with Wire(gateway.port["pop3"]) as wire:
                    return wire.line().startswith("+OK")
            wait_until(is_greeted)

    def is_held(self, gateway):
        try:
            return self.hold_all(gateway)
        except (OSError, AttributeError):  # turned away before TLS
            return False


if __name__ == "__main__":
    main()
