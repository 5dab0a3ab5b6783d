"""Alpine on a terminal: opens the INBOX by IMAP, reads, lets the server search, saves to a folder,
deletes and expunges, and sends a message with an attachment; by 143 and 587 with STARTTLS, and by
993 and 465. The certificate is verified. What it says of its progress depends on how fast it goes.
"""
import email

from harness import ALICE, BOB, PASSWORD, ClientTest, main, message, need
from terminal import Terminal


class Alpine(ClientTest):
    def config(self, imap, submission):
        security = {True: "ssl", False: "tls"}
        far, out = (f"localhost:{self.gateway.port[name]}/{security[name.endswith('s')]}"
                    f"/user={BOB}" for name in (imap, submission))
        return self.gateway.write(
            "pinerc", f"personal-name=Bob\nuser-domain=example.test\ninbox-path={{{far}}}INBOX\n"
            f"folder-collections=Far {{{far}}}[]\ndefault-fcc={{{far}}}Sent\n"
            f"postponed-folder={{{far}}}Drafts\nsmtp-server={out}\n"
            "feature-list=quit-without-confirm,expunge-without-confirm-everywhere,"
            "enable-aggregate-command-set\n"
            f"last-version-used=9.99\ncustomized-hdrs=From: Bob <{BOB}>\n")

    def start(self, imap, submission, *arguments):
        return Terminal(self.gateway, ["alpine", "-p", self.config(imap, submission), *arguments],
                        {"SSL_CERT_FILE": self.gateway.certificate()})

    def log_in(self, terminal):
        terminal.expect("ENTER PASSWORD").type(PASSWORD + "\r")
        terminal.expect("Preserve password").type("n")

    def mailbox(self, name, criterion="ALL"):
        with self.gateway.imap() as imap:
            self.assertEqual("OK", imap.select(name, readonly=True)[0], name)
            return len(imap.search(None, criterion)[1][0].split())

    def read_and_arrange(self, protocol):
        with self.gateway.imap() as imap:
            imap.create("Kept")
            for number in range(3):
                imap.append("INBOX", None, None, message(f"pine {number}").encode())
            imap.append("INBOX", None, None, message("pine 3", "a rare word\r\n").encode())
        with self.start(protocol, "submission", "-i") as terminal:
            self.log_in(terminal)
            terminal.expect("pine 3").type("\r")
            terminal.expect(r"\.a dot\s+\.\.two\s+bye").type("s")
            terminal.expect("SAVE Msg #1 to folder").type("\x15Kept\r")
            terminal.expect("copied to folder|Saving.*DONE").type("n")
            terminal.expect("Message 2 of 4").type("d")
            terminal.expect("marked for deletion").type("<")
            terminal.expect("MESSAGE INDEX").type(";")
            terminal.expect("(?i)select").type("t")
            terminal.expect("(?i)body").type("b")
            terminal.expect("String in message BODY").type("rare word\r")
            terminal.expect("1 message|DONE").type("x")
            terminal.expect("(?i)expung").type("q")
            self.assertEqual(0, terminal.end()[0])
        self.assertEqual(1, self.mailbox("Kept", 'SUBJECT "pine 0"'))
        self.gateway.empty(BOB, "Kept")
        self.assertEqual(2, self.mailbox("INBOX"))
        self.assertEqual(0, self.mailbox("INBOX", 'OR SUBJECT "pine 0" SUBJECT "pine 1"'))

    def send(self, imap, submission):
        attachment = self.gateway.write("attached.txt", "an attached line\n")
        with self.start(imap, submission, "-attach", attachment, ALICE) as terminal:
            terminal.expect("Message Text").type("\r\r\r")
            terminal.expect("Subject").type("from a pine\r")
            terminal.expect("from a pine").type("Hello,\r.a dot\r\x18")
            terminal.expect("Send message").type("y")
            self.log_in(terminal)  # by IMAP, for the copy in Sent
            self.log_in(terminal)
            self.assertEqual(0, terminal.end()[0])
        [there] = self.gateway.inbox(ALICE)
        self.assertIn(b"Subject: from a pine\r\n", there)
        self.assertIn(b"\r\n\r\nHello,\r\n.a dot\r\n", there)
        [part] = [part for part in email.message_from_bytes(there).walk()
                  if part.get_filename() == "attached.txt"]
        self.assertEqual(b"an attached line", part.get_payload(decode=True).rstrip(b"\r\n"))
        self.assertEqual(1, self.mailbox("Sent", 'SUBJECT "from a pine"'))
        self.gateway.empty(BOB, "Sent")

    def test_reads_and_arranges_with_starttls(self):
        self.read_and_arrange("imap")

    def test_reads_and_arranges_with_tls(self):
        self.read_and_arrange("imaps")

    def test_sends_with_starttls(self):
        self.send("imap", "submission")

    def test_sends_with_tls(self):
        self.send("imaps", "submissions")


if __name__ == "__main__":
    need("alpine")
    main()
