"""What SMTP peers must not get away with: over the wire, against the running gateway. Each case
asks for a clear answer, and afterwards the gateway still takes and keeps mail.
"""
import socket

from harness import ALICE, BOB, HOST, ClientTest, main, message, unverified
from wire import Wire, smtp_25, submission

MESSAGE_BYTES_MAX = 50 * 1024 * 1024
# What some servers take for the end of data.
SMUGGLING_FORMS = ("\n.\n", "\n.\r\n", "\r\n.\n", "\r.\r", "\r\n.\r", "\r.\r\n", "\n.\r",
                   "\r\n\0.\r\n")
MEMORY_GROWTH_BYTES_MAX = 64 * 1024 * 1024


class BadSmtp(ClientTest):
    def tearDown(self):
        text = message("afterwards")
        self.gateway.empty(BOB)
        self.gateway.send(text)
        self.assert_delivered(text)

    def transaction(self, wire, recipient=BOB):
        self.assertEqual(250, wire.ask("MAIL FROM:<x@elsewhere.test>")[0])
        self.assertEqual(250, wire.ask(f"RCPT TO:<{recipient}>")[0])

    def data(self, wire, raw):
        """Sends bytes after DATA as they are; the reply."""
        self.transaction(wire)
        self.assertEqual(354, wire.ask("DATA")[0])
        wire.send(raw)
        return wire.reply()

    def test_command_line_over_the_limit(self):
        with smtp_25(self.gateway) as wire:
            for size in (513, 4096, 100_000, 3_000_000):
                code, text = wire.ask("NOOP " + "x" * size)
                self.assertIn(code, (500, 250) if size == 513 else (500,), text)
            self.assertEqual(250, wire.ask("NOOP")[0])

    def test_nul_and_eight_bit_in_commands(self):
        with smtp_25(self.gateway) as wire:
            for raw in ("NOOP \0", "MAIL FROM:<a\0b@c.test>", "MAIL FROM:<ä@c.test>",
                        "VRFY \x01", "MA\0IL FROM:<>"):
                code, text = wire.ask(raw)
                self.assertIn(code, (500, 501, 550, 553, 252), (raw, text))
            wire.send(b"MAIL FROM:<\xff\xfe@c.test> SMTPUTF8\r\n")
            self.assertIn(wire.reply()[0], (500, 501, 553))
            self.assertEqual(250, wire.ask("NOOP")[0])

    def test_wrong_state(self):
        with smtp_25(self.gateway) as wire:
            self.assertEqual(503, wire.ask("RCPT TO:<bob@example.test>")[0])
            self.assertEqual(503, wire.ask("DATA")[0])
            self.assertEqual(250, wire.ask("MAIL FROM:<>")[0])
            self.assertEqual(503, wire.ask("MAIL FROM:<>")[0])
            self.assertIn(wire.ask("DATA")[0], (503, 554))
            self.assertEqual(250, wire.ask("RSET")[0])
            self.assertEqual(503, wire.ask("RCPT TO:<bob@example.test>")[0])
            self.assertIn(wire.ask("AUTH PLAIN")[0], (500, 502, 503, 504, 538, 530))
            self.assertIn(wire.ask("BOGUS")[0], (500, 502))
        with Wire(self.gateway.port["smtp"]) as wire:
            wire.expect("220 ")
            self.assertEqual(503, wire.ask("MAIL FROM:<>")[0])

    def test_ten_thousand_pipelined_commands(self):
        with smtp_25(self.gateway) as wire:
            wire.socket.settimeout(120)
            wire.send("NOOP\r\n" * 10_000)
            for number in range(10_000):
                code, text = wire.reply()
                if code == 421:  # too many commands without mail is an answer too
                    return
                self.assertEqual(250, code, (number, text))

    def test_pipelined_commands_of_a_client_that_reads_nothing(self):
        before = self.gateway.resident_bytes()
        with smtp_25(self.gateway) as wire:
            wire.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            wire.socket.settimeout(5)
            with self.assertRaises((TimeoutError, ConnectionError)):
                for _ in range(400):
                    wire.send("HELP\r\n" * 20_000)
            self.assertLess(self.gateway.resident_bytes() - before, MEMORY_GROWTH_BYTES_MAX)

    def test_a_thousand_recipients(self):
        with smtp_25(self.gateway) as wire:
            self.assertEqual(250, wire.ask("MAIL FROM:<x@elsewhere.test>")[0])
            wire.send(f"RCPT TO:<{BOB}>\r\n" * 1000)
            codes = [wire.reply()[0] for _ in range(1000)]
            self.assertEqual({250}, set(codes[:100]))
            self.assertLessEqual(set(codes), {250, 452})
            self.assertEqual(354, wire.ask("DATA")[0])
            wire.send(message("thousand") + ".\r\n")
            self.assertEqual(250, wire.reply()[0])
        there = self.gateway.inbox()
        self.assertEqual(1, len(there), "one mailbox, one copy")

    def test_message_over_the_limit(self):
        before = self.gateway.resident_bytes()
        with smtp_25(self.gateway) as wire:
            code, text = wire.ask("MAIL FROM:<x@elsewhere.test> SIZE=62914560")
            self.assertEqual(552, code, text)
            self.transaction(wire)
            self.assertEqual(354, wire.ask("DATA")[0])
            line = b"y" * 998 + b"\r\n"
            wire.send(b"Subject: big\r\n\r\n")
            try:
                for _ in range(60):
                    wire.send(line * 1049)
                wire.send(b".\r\n")
            except ConnectionError:
                pass  # to close without reading sixty megabytes is the gateway's right
            code, text = wire.reply()
            self.assertIn(code, (552, None), text)
        self.assertEqual([], self.gateway.inbox())
        self.assertLess(self.gateway.resident_bytes() - before, MEMORY_GROWTH_BYTES_MAX)

    def test_header_line_of_a_megabyte(self):
        with smtp_25(self.gateway) as wire:
            code, text = self.data(wire, "Subject: " + "z" * 1_000_000 + "\r\n\r\nbody\r\n.\r\n")
            self.assertIn(code, (250, 500, 550, 552, 554), text)
            count = 1 if code == 250 else 0
        there = self.gateway.inbox()
        self.assertEqual(count, len(there))
        if count:
            self.assertTrue(there[0].endswith(b"z\r\n\r\nbody\r\n"))

    def test_a_hundred_levels_of_mime(self):
        text = "MIME-Version: 1.0\r\n"
        for level in range(100):
            text += f"Content-Type: multipart/mixed; boundary=b{level}\r\n\r\n--b{level}\r\n"
        text += "Content-Type: text/plain\r\n\r\nat the bottom\r\n"
        for level in reversed(range(100)):
            text += f"--b{level}--\r\n"
        with smtp_25(self.gateway) as wire:
            code, words = self.data(wire, text + ".\r\n")
            self.assertIn(code, (250, 554), words)
        with self.gateway.imap() as imap:
            imap.select("INBOX")
            if code == 250:
                status, _ = imap.fetch("1", "(BODYSTRUCTURE ENVELOPE BODY.PEEK[1.1.1.1])")
                self.assertEqual("OK", status)
        if code == 250:
            self.assert_delivered(text)

    def test_smuggling_forms_do_not_end_a_message(self):
        inner = "\r\nMAIL FROM:<admin@example.test>\r\nRCPT TO:<bob@example.test>\r\nDATA\r\n" \
                "Subject: smuggled\r\n\r\nevil\r\n.\r\n"
        for end in SMUGGLING_FORMS:
            with self.subTest(end=end), smtp_25(self.gateway) as wire:
                self.transaction(wire)
                self.assertEqual(354, wire.ask("DATA")[0])
                wire.send("Subject: outer\r\n\r\nbody" + end + inner)
                code, text = wire.reply()
                self.assertEqual(550, code, text)
                self.assertTrue(text.startswith("5.6.11") or "\0" in end, text)
                # Nothing of the inside was taken for commands: exactly one reply came.
                self.assertEqual(221, wire.ask("QUIT")[0])
        self.assertEqual([], self.gateway.inbox())

    def secured(self):
        """A session on port 25 after STARTTLS."""
        wire = smtp_25(self.gateway)
        self.assertEqual(220, wire.ask("STARTTLS")[0])
        wire.start_tls()
        self.assertEqual(250, wire.ask("EHLO relay.elsewhere.test")[0])
        return wire

    def assert_refused_as_a_whole(self, wire, content, chunked, in_pieces=False):
        """One reply, a refusal, and nothing of the inside is taken for commands."""
        self.transaction(wire)
        if chunked:
            raw = f"BDAT {len(content)} LAST\r\n{content}"
        else:
            self.assertEqual(354, wire.ask("DATA")[0])
            raw = content + "\r\n.\r\n"
        for piece in raw if in_pieces else [raw]:
            wire.send(piece)
        code, text = wire.reply()
        self.assertEqual(550, code, text)
        self.assertEqual(250, wire.ask("NOOP")[0])

    def test_smuggling_forms_around_the_edges_of_buffers(self):
        inner = "\r\nMAIL FROM:<admin@example.test>\r\nRCPT TO:<bob@example.test>\r\n"
        for tls in (False, True):
            for end in SMUGGLING_FORMS:
                for edge in (4096, 16384):
                    open_wire = self.secured if tls else lambda: smtp_25(self.gateway)
                    with self.subTest(end=end, edge=edge, tls=tls), open_wire() as wire:
                        for before in range(-1, len(end) + 1):
                            header = "Subject: outer\r\n\r\n"
                            padding = "x" * (edge - before - len(header))
                            content = header + padding + end + inner
                            self.assert_refused_as_a_whole(wire, content, before % 2 == 0)
        self.assertEqual([], self.gateway.inbox())

    def test_smuggling_forms_byte_by_byte(self):
        for tls in (False, True):
            for end in SMUGGLING_FORMS:
                open_wire = self.secured if tls else lambda: smtp_25(self.gateway)
                with self.subTest(end=end, tls=tls), open_wire() as wire:
                    wire.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                    content = "Subject: x\r\n\r\nbody" + end + "QUIT\r\n"
                    for chunked in (False, True):
                        self.assert_refused_as_a_whole(wire, content, chunked, in_pieces=True)
        self.assertEqual([], self.gateway.inbox())

    def test_bare_cr_and_lf_are_refused(self):
        for body in ("a\nb\r\n", "a\rb\r\n", "\nb\r\n", "a\r\r\n"):
            with self.subTest(body=body), smtp_25(self.gateway) as wire:
                code, text = self.data(wire, "Subject: bare\r\n\r\n" + body + ".\r\n")
                self.assertEqual((550, True), (code, text.startswith("5.6.11")), text)
        self.assertEqual([], self.gateway.inbox())

    def test_plaintext_after_starttls_is_thrown_away(self):
        for name in ("smtp", "submission"):
            with self.subTest(port=name), Wire(self.gateway.port[name]) as wire:
                wire.expect("220 ")
                wire.ask("EHLO tester.test")
                wire.send("STARTTLS\r\nRSET\r\nMAIL FROM:<injected@elsewhere.test>\r\n")
                self.assertEqual(220, wire.reply()[0])
                self.assertEqual(b"", wire.buffer)
                try:
                    wire.start_tls()
                except OSError:
                    continue  # to end the connection is right as well
                self.assertEqual(250, wire.ask("EHLO tester.test")[0])
                # No reply to the injected commands came first, and none left its trace.
                code, _ = wire.ask(f"RCPT TO:<{BOB}>")
                self.assertIn(code, (503, 530))

    def test_starttls_twice_and_with_an_argument(self):
        with Wire(self.gateway.port["smtp"]) as wire:
            wire.expect("220 ")
            wire.ask("EHLO tester.test")
            self.assertEqual(501, wire.ask("STARTTLS now")[0])
            self.assertEqual(220, wire.ask("STARTTLS")[0])
            wire.start_tls()
            self.assertIn(wire.ask("STARTTLS")[0], (503, 502))
            wire.ask("EHLO tester.test")
            self.assertIn(wire.ask("STARTTLS")[0], (503, 502))

    def test_half_a_handshake_is_held_open(self):
        held = []
        for port in ("submissions", "imaps", "pop3s"):
            for _ in range(20):
                connection = socket.create_connection((HOST, self.gateway.port[port]), timeout=10)
                connection.sendall(b"\x16\x03\x01\x02\x00\x01\x00\x01")  # a ClientHello begins
                held.append(connection)
        with submission(self.gateway) as wire:
            self.assertEqual(250, wire.ask("NOOP")[0])
        for connection in held:
            connection.close()

    def test_garbage_instead_of_a_handshake(self):
        for raw in (b"EHLO there\r\n", b"\0" * 1000, b"\x16\x03\x01\xff\xff" + b"\xff" * 70_000,
                    b"GET / HTTP/1.1\r\n\r\n"):
            with self.subTest(raw=raw[:20]), Wire(self.gateway.port["submissions"]) as wire:
                try:
                    wire.send(raw)
                    wire.socket.shutdown(socket.SHUT_WR)
                except OSError:
                    pass
                self.assertTrue(wire.ended())

    def test_bad_paths_and_parameters(self):
        with smtp_25(self.gateway) as wire:
            for text in ("MAIL FROM:", "MAIL FROM:<", "MAIL FROM:<a", "MAIL FROM:a b",
                         "MAIL FROM:<a@>", "MAIL FROM:<@b>", "MAIL FROM:<a@b.test> SIZE=x",
                         "MAIL FROM:<a@b.test> SIZE=99999999999999999999",
                         "MAIL FROM:<a@b.test> BODY=9BIT", "MAIL FROM:<a@b.test> NOSUCH=1",
                         "MAIL FROM:<a@b..test>", "MAIL FROM:<" + "l" * 500 + "@b.test>"):
                code, words = wire.ask(text)
                self.assertIn(code, (500, 501, 504, 552, 553, 555), (text, words))
            self.assertEqual(250, wire.ask("MAIL FROM:<>")[0])
            for text in ("RCPT TO:", "RCPT TO:<>", "RCPT TO:<bob@example.test", "RCPT TO:<b b@c>",
                         "RCPT TO:<../../etc@example.test>", "RCPT TO:<bob@example.test> NOTIFY=X"):
                code, words = wire.ask(text)
                self.assertIn(code, (500, 501, 504, 550, 553, 555), (text, words))

    def test_bad_authentication(self):
        with Wire(self.gateway.port["submissions"], tls=True) as wire:
            wire.expect("220 ")
            wire.ask("EHLO tester.test")
            for text in ("AUTH", "AUTH NOSUCH", "AUTH PLAIN ====", "AUTH PLAIN !", "AUTH PLAIN =",
                         "AUTH PLAIN AGFsaWNlQGV4YW1wbGUudGVzdAA="):
                self.assertIn(wire.ask(text)[0], (500, 501, 504, 535), text)
            self.assertEqual(334, wire.ask("AUTH LOGIN")[0])
            self.assertEqual(501, wire.ask("*")[0])
            self.assertEqual(530, wire.ask(f"MAIL FROM:<{ALICE}>")[0])

    def test_disconnecting_inside_a_message_leaves_nothing(self):
        for cut in (b"Subject: cut\r\n\r\nhalf", b"Subject: cut\r\n\r\nall\r\n.\r", b"Subject: c"):
            with smtp_25(self.gateway) as wire:
                self.transaction(wire)
                self.assertEqual(354, wire.ask("DATA")[0])
                wire.send(cut)
        with self.gateway.smtp() as smtp:
            smtp.noop()
        self.assertEqual([], self.gateway.inbox())

    def test_tls_record_cut_short(self):
        connection = socket.create_connection((HOST, self.gateway.port["submissions"]), timeout=10)
        secure = unverified().wrap_socket(connection)
        raw = socket.socket(fileno=secure.detach())
        raw.sendall(b"\x17\x03\x03\x00\x20" + b"\x55" * 32)  # a record that does not decrypt
        raw.settimeout(30)
        try:
            while raw.recv(4096):
                pass
        except ConnectionError:
            pass
        raw.close()


if __name__ == "__main__":
    main()
