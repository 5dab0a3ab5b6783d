"""Python's smtplib, imaplib and poplib: sending, reading, flags, folders and deletion, over each
port that clients use, with STARTTLS and with TLS from the first byte.
"""
import base64
import imaplib
import poplib
import select
import smtplib
import socket

from harness import ALICE, BOB, HOST, PASSWORD, ClientTest, main, message, unverified
from wire import Wire


class Smtp(ClientTest):
    def test_submission_with_starttls(self):
        text = message("starttls")
        self.gateway.send(text)
        self.assert_delivered(text)

    def test_submissions(self):
        text = message("implicit tls")
        with smtplib.SMTP_SSL(HOST, self.gateway.port["submissions"], context=unverified(),
                              timeout=30) as smtp:
            smtp.login(ALICE, PASSWORD)
            smtp.sendmail(ALICE, [BOB], text)
        self.assert_delivered(text)

    def test_port_25_takes_mail_for_local_users(self):
        text = message("from outside", sender="someone@elsewhere.test")
        with smtplib.SMTP(HOST, self.gateway.port["smtp"], timeout=30) as smtp:
            smtp.starttls(context=unverified())
            smtp.sendmail("someone@elsewhere.test", [BOB], text)
        self.assert_delivered(text)

    def test_port_25_does_not_relay(self):
        with smtplib.SMTP(HOST, self.gateway.port["smtp"], timeout=30) as smtp:
            smtp.ehlo()
            smtp.mail("someone@elsewhere.test")
            self.assertEqual(550, smtp.rcpt("other@elsewhere.test")[0])
            self.assertEqual(550, smtp.rcpt("nobody@example.test")[0])
            self.assertEqual(250, smtp.rcpt(BOB)[0])

    def test_no_password_before_tls_and_no_auth_on_25(self):
        with smtplib.SMTP(HOST, self.gateway.port["submission"], timeout=30) as smtp:
            smtp.ehlo()
            self.assertFalse(smtp.has_extn("auth"))
            self.assertEqual(530, smtp.mail(ALICE)[0])
        with smtplib.SMTP(HOST, self.gateway.port["smtp"], timeout=30) as smtp:
            smtp.ehlo()
            self.assertFalse(smtp.has_extn("auth"))

    def test_wrong_password(self):
        with smtplib.SMTP_SSL(HOST, self.gateway.port["submissions"], context=unverified(),
                              timeout=30) as smtp:
            with self.assertRaises(smtplib.SMTPAuthenticationError) as caught:
                smtp.login(ALICE, "wrong")
            self.assertEqual(535, caught.exception.smtp_code)

    def test_a_sender_that_alice_does_not_own(self):
        with self.gateway.smtp() as smtp:
            code = smtp.mail(BOB)[0]
            if code == 250:
                code = smtp.rcpt(BOB)[0]
            self.assertGreaterEqual(code, 500)

    def test_extensions(self):
        with smtplib.SMTP(HOST, self.gateway.port["smtp"], timeout=30) as smtp:
            smtp.ehlo()
            for name in ("pipelining", "size", "8bitmime", "smtputf8", "enhancedstatuscodes",
                         "starttls"):
                self.assertTrue(smtp.has_extn(name), name)
            self.assertGreaterEqual(int(smtp.esmtp_features["size"]), 50_000_000)

    def test_two_recipients_and_eight_bits(self):
        text = message("Grüße", body="Ä ö ü\r\n").encode()
        with self.gateway.smtp() as smtp:
            smtp.sendmail(ALICE, [ALICE, BOB], text, mail_options=["BODY=8BITMIME", "SMTPUTF8"])
        self.assert_delivered(text)
        self.assert_delivered(text, user=ALICE)

    def test_many_messages_in_one_session(self):
        with self.gateway.smtp() as smtp:
            for number in range(50):
                smtp.sendmail(ALICE, [BOB], message(f"number {number}"))
        there = self.gateway.inbox()
        self.assertEqual(50, len(there))
        for number, text in enumerate(there):
            self.assertIn(f"Subject: number {number}\r\n".encode(), text)


class Pop3(ClientTest):
    def fill(self, count):
        with self.gateway.smtp() as smtp:
            for number in range(count):
                smtp.sendmail(ALICE, [BOB], message(f"pop {number}"))

    def test_stls(self):
        self.fill(1)
        pop3 = poplib.POP3(HOST, self.gateway.port["pop3"], timeout=30)
        self.assertIn("STLS", pop3.capa())
        with self.assertRaises(poplib.error_proto):
            pop3.user(BOB)
            pop3.pass_(PASSWORD)
        pop3.stls(context=unverified())
        pop3.user(BOB)
        pop3.pass_(PASSWORD)
        self.assertEqual(1, pop3.stat()[0])
        stored = b"\r\n".join(pop3.retr(1)[1]) + b"\r\n"
        self.assertTrue(stored.endswith(message("pop 0").encode()), stored)
        pop3.quit()

    def test_deletion_happens_at_quit_only(self):
        self.fill(3)
        pop3 = self.gateway.pop3()
        pop3.dele(2)
        pop3.close()  # no QUIT
        pop3 = self.gateway.pop3()
        self.assertEqual(3, pop3.stat()[0])
        ids = {line.split()[1] for line in pop3.uidl()[1]}
        self.assertEqual(3, len(ids))
        gone = pop3.uidl(2).split()[2]
        pop3.dele(2)
        pop3.quit()
        pop3 = self.gateway.pop3()
        self.assertEqual(ids - {gone}, {line.split()[1] for line in pop3.uidl()[1]})
        pop3.quit()

    def test_top_rset_list(self):
        self.fill(2)
        pop3 = self.gateway.pop3()
        head = pop3.top(1, 1)[1]
        self.assertIn(b"Subject: pop 0", head)
        self.assertEqual([b"", b"Hello,"], head[-2:])
        pop3.dele(1)
        self.assertEqual(1, len(pop3.list()[1]))
        pop3.rset()
        sizes = [int(line.split()[1]) for line in pop3.list()[1]]
        self.assertEqual(2, len(sizes))
        self.assertEqual(sizes[0], sum(len(line) + 2 for line in pop3.retr(1)[1]))
        pop3.quit()

    def test_one_session_holds_the_drop(self):
        self.fill(1)
        first = self.gateway.pop3()
        with self.assertRaises(poplib.error_proto) as caught:
            self.gateway.pop3()
        self.assertIn("[IN-USE]", str(caught.exception))
        first.quit()
        self.gateway.pop3().quit()

    def test_wrong_password(self):
        pop3 = poplib.POP3_SSL(HOST, self.gateway.port["pop3s"], context=unverified(), timeout=30)
        pop3.user(BOB)
        with self.assertRaises(poplib.error_proto):
            pop3.pass_("wrong")


class Imap(ClientTest):
    def test_starttls(self):
        imap = imaplib.IMAP4(HOST, self.gateway.port["imap"], timeout=30)
        self.assertIn("LOGINDISABLED", imap.capabilities)
        with self.assertRaises(imaplib.IMAP4.error):
            imap.login(BOB, PASSWORD)
        imap.starttls(unverified())
        imap.login(BOB, PASSWORD)
        for name in ("IMAP4REV1", "IDLE", "UIDPLUS", "MOVE", "NAMESPACE", "UNSELECT"):
            self.assertIn(name, imap.capability()[1][0].decode().upper().split())
        imap.logout()

    def test_tickets_come_with_the_first_reply(self):
        """A client that reads in one thread and writes in another, as imaplib2 does, is unsettled
        by a ticket that arrives while it writes."""
        context = unverified()
        session = None
        for _ in range(2):
            raw = socket.create_connection((HOST, self.gateway.port["imap"]), timeout=30)
            raw.recv(4096)
            raw.sendall(b"a STARTTLS\r\n")
            self.assertIn(b"a OK", raw.recv(4096))
            with context.wrap_socket(raw, session=session) as tls:
                self.assertEqual("TLSv1.3", tls.version())
                self.assertEqual(session is not None, tls.session_reused)
                self.assertEqual(([], [], []), select.select([tls], [], [], 0.2))
                tls.sendall(b"b NOOP\r\n")
                self.assertIn(b"b OK", tls.recv(4096))
                session = tls.session
                self.assertTrue(session.has_ticket)

    def test_append_fetch_store_search_expunge(self):
        with self.gateway.imap() as imap:
            texts = [message(f"imap {number}", body="x" * number + "\r\n") for number in range(5)]
            for text in texts:
                status, _ = imap.append("INBOX", r"(\Seen)", None, text.encode())
                self.assertEqual("OK", status)
            self.assertEqual([b"5"], imap.select("INBOX")[1])
            _, data = imap.fetch("3", "(UID FLAGS RFC822.SIZE BODY[])")
            self.assertEqual(texts[2].encode(), data[0][1])
            self.assertIn(b"\\Seen", data[0][0])
            self.assertEqual([b"2"], imap.search(None, "SUBJECT", '"imap 1"')[1])
            self.assertEqual([b"1 2 3 4 5"], imap.search(None, "SEEN")[1])
            imap.store("1,4", "+FLAGS", r"(\Deleted \Flagged)")
            self.assertEqual([b"1 4"], imap.search(None, "FLAGGED")[1])
            self.assertIn(imap.expunge()[1], ([b"1", b"3"], [b"4", b"1"]))
            self.assertEqual([b"1 2 3"], imap.search(None, "ALL")[1])
        self.assertEqual(3, len(self.gateway.inbox()))

    def test_folders(self):
        """RFC 3501 §6.3, RFC 6851 (MOVE)."""
        with self.gateway.imap() as imap:
            for name in ("Work", "Work/Projects", '"With space"', "&AOQ-rger"):
                self.assertEqual("OK", imap.create(name)[0], name)
                self.assertEqual("OK", imap.subscribe(name)[0], name)
            listed = b"\n".join(imap.list()[1])
            for name in (b"Work/Projects", b"With space", b"&AOQ-rger", b"INBOX"):
                self.assertIn(name, listed)
            self.assertIn(b"Work/Projects", b"\n".join(imap.lsub()[1]))
            self.assertEqual("OK", imap.rename("Work/Projects", "Work/Done")[0])
            self.assertNotIn(b"Work/Projects", b"\n".join(imap.list()[1]))
            imap.append("Work/Done", None, None, message("filed").encode())
            self.assertIn(b"MESSAGES 1", imap.status("Work/Done", "(MESSAGES UIDNEXT)")[1][0])
            imap.select("Work/Done")
            self.assertEqual("OK", imap.uid("COPY", "1:*", "INBOX")[0])
            self.assertEqual("OK", imap.uid("MOVE", "1:*", "INBOX")[0])
            self.assertEqual([b"2"], imap.select("INBOX")[1])
            for name in ("Work/Done", "Work", '"With space"', "&AOQ-rger"):
                self.assertEqual("OK", imap.delete(name)[0], name)

    def test_small_extensions(self):
        """RFC 2342 (NAMESPACE), RFC 2971 (ID), RFC 3691 (UNSELECT), RFC 6154 (SPECIAL-USE)."""
        with self.gateway.imap() as imap:
            self.assertIn(b'"/"', imap.namespace()[1][0])
            self.assertEqual("OK", imap.xatom("ID", '("name" "test")')[0])
            self.assertTrue(imap.response("ID")[1][0])
            imap.append("INBOX", None, None, message("kept").encode())
            imap.select("INBOX")
            imap.store("1", "+FLAGS", r"(\Deleted)")
            self.assertEqual("OK", imap.unselect()[0])  # does not expunge
            self.assertEqual([b"1"], imap.select("INBOX")[1])
            listed = b" ".join(imap.list()[1]).lower()
            for use in (b"\\sent", b"\\drafts", b"\\trash", b"\\junk"):
                self.assertIn(use, listed)

    def test_initial_response(self):
        """RFC 4959 (SASL-IR): the response on the command's own line."""
        for password, status in ((PASSWORD, "OK"), ("wrong", "NO")):
            response = base64.b64encode(f"\0{BOB}\0{password}".encode()).decode()
            with Wire(self.gateway.port["imaps"], tls=True) as wire:
                wire.expect("* OK")
                self.assertEqual(status, wire.command(f"AUTHENTICATE PLAIN {response}")[0])

    def test_idle_session_hears_of_new_mail(self):
        """RFC 2177."""
        with self.gateway.imap() as imap:
            imap.select("INBOX")
            imap.send(b"z1 IDLE\r\n")
            self.assertTrue(imap.readline().startswith(b"+"))
            self.gateway.send(message("wake up"))
            line = imap.readline()
            while b"EXISTS" not in line:
                self.assertTrue(line.startswith(b"*"), line)
                line = imap.readline()
            self.assertEqual(b"* 1 EXISTS\r\n", line)
            imap.send(b"DONE\r\n")
            while not line.startswith(b"z1 "):
                line = imap.readline()
            self.assertTrue(line.startswith(b"z1 OK"), line)

    def test_notify_without_idle(self):
        """RFC 5465: a mailbox that is not selected, and no command in progress."""
        with self.gateway.imap() as imap:
            imap.send(b"n1 NOTIFY SET (inboxes (MessageNew MessageExpunge))\r\n")
            self.assertTrue(imap.readline().startswith(b"n1 OK"))
            for number in (1, 2):
                self.gateway.send(message(f"news {number}"))
                line = imap.readline()
                expected = f"* STATUS INBOX (MESSAGES {number} UIDNEXT ".encode()
                self.assertTrue(line.startswith(expected), line)

    def test_an_administrator_sets_a_quota(self):
        """RFC 9208 §4.1.3 (QUOTASET): in force at once, on every shard, and in the database."""
        self.gateway.postern("account", "add", "dave@example.test", "--admin", text=PASSWORD)
        with self.gateway.imap(user=ALICE) as alice:
            self.assertEqual("NO", alice.setquota(ALICE, "(STORAGE 1)")[0])
        with self.gateway.imap(user="dave@example.test") as dave:
            self.assertEqual("OK", dave.setquota(BOB, "(STORAGE 1)")[0])
            with self.gateway.imap() as bob:
                large = message("large", body="x" * 500 + "\r\n" + "y" * 600 + "\r\n").encode()
                self.assertEqual("NO", bob.append("INBOX", None, None, large)[0])
                self.assertIn(f"{BOB} (STORAGE 0 1)".encode(), bob.getquotaroot("INBOX")[1][1])
                self.assertEqual("OK", dave.setquota(BOB, "()")[0])
                self.assertEqual("OK", bob.append("INBOX", None, None, large)[0])

    def test_structure_and_envelope(self):
        text = message("multi", more="MIME-Version: 1.0\r\n"
                       "Content-Type: multipart/mixed; boundary=\"b\"\r\n",
                       body="--b\r\nContent-Type: text/plain\r\n\r\none\r\n--b\r\n"
                            "Content-Type: application/pdf; name=a.pdf\r\n"
                            "Content-Transfer-Encoding: base64\r\n\r\nAAAA\r\n--b--\r\n")
        with self.gateway.imap() as imap:
            imap.append("INBOX", None, None, text.encode())
            imap.select("INBOX")
            _, data = imap.fetch("1", "(ENVELOPE BODYSTRUCTURE)")
            answer = b" ".join(part if isinstance(part, bytes) else b"".join(part) for part in data)
            self.assertIn(b'"multi"', answer)
            self.assertIn(b'"mixed"', answer.lower())
            self.assertIn(b'"pdf"', answer.lower())
            _, data = imap.fetch("1", "(BODY.PEEK[2])")
            self.assertEqual(b"AAAA", data[0][1].rstrip(b"\r\n"))
            _, data = imap.fetch("1", "(BODY.PEEK[HEADER.FIELDS (SUBJECT)])")
            self.assertEqual(b"Subject: multi\r\n\r\n", data[0][1])


if __name__ == "__main__":
    main()
