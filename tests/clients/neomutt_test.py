"""neomutt in batch mode: sends with an attachment through 465 and 587, and, on a terminal of its
own, opens the INBOX by IMAP, flags a message, copies it to a folder and saves one to a file.
"""
import os

from harness import ALICE, BOB, PASSWORD, ClientTest, main, message, need
from terminal import Terminal


class Neomutt(ClientTest):
    def config(self, user, url):
        certificate = self.gateway.certificate()
        return self.gateway.write(
            "neomuttrc",
            f"set from=\"{user}\"\nset use_from=yes\nset envelope_from=yes\n"
            f"set smtp_url=\"{url}\"\nset smtp_pass=\"{PASSWORD}\"\n"
            f"set smtp_authenticators=\"plain:login\"\nset imap_user=\"{user}\"\n"
            f"set imap_pass=\"{PASSWORD}\"\nset imap_authenticators=\"plain:login\"\n"
            f"set certificate_file=\"{certificate}\"\n"
            f"set ssl_ca_certificates_file=\"{certificate}\"\n"
            "set ssl_force_tls=yes\nset ssl_starttls=yes\n"
            "unset record\nset copy=no\nset confirmappend=no\nset confirmcreate=no\n"
            "set resolve=no\n"
            "set delete=yes\nset quit=yes\nset wait_key=no\nset sort=mailbox-order\n"
            f"set folder=\"{self.gateway.directory}\"\n"  # else it asks whether to make one
            "set sleep_time=0\nset timeout=5\nset mark_old=no\n"
            f"set header_cache=\"{self.gateway.path('cache')}\"\n")

    def send(self, url, subject):
        config = self.config(ALICE, url)
        attachment = self.gateway.write("attached.txt", "an attached line\n")
        self.gateway.run(["neomutt", "-F", config, "-s", subject, "-a", attachment, "--", BOB],
                         text="the body\n")
        there = self.gateway.inbox()
        self.assertEqual(1, len(there))
        self.assertIn(f"Subject: {subject}".encode(), there[0])
        self.assertIn(b"an attached line", there[0])

    def test_send_with_starttls(self):
        name = ALICE.replace("@", "%40")
        self.send(f"smtp://{name}@localhost:{self.gateway.port['submission']}", "neomutt starttls")

    def test_send_with_tls(self):
        name = ALICE.replace("@", "%40")
        self.send(f"smtps://{name}@localhost:{self.gateway.port['submissions']}", "neomutt tls")

    def test_reads_flags_and_copies_by_imap(self):
        with self.gateway.imap() as imap:
            imap.create("Kept")
            for number in range(3):
                imap.append("INBOX", None, None, message(f"mutt {number}").encode())
        for scheme, protocol in (("imap", "imap"), ("imaps", "imaps")):
            saved = self.gateway.path(f"saved-{protocol}")
            place = f"{scheme}://localhost:{self.gateway.port[protocol]}"
            config = self.config(BOB, "")
            keys = (f"<first-entry><set-flag>!<copy-message><kill-line>{place}/Kept<enter>"
                    f"<last-entry><copy-message><kill-line>{saved}<enter><sync-mailbox><quit>")
            with Terminal(self.gateway, ["neomutt", "-F", config, "-f", f"{place}/INBOX", "-e",
                                         f"push '{keys}'"]) as terminal:
                shown = terminal.end()[1]
            self.assertTrue(os.path.exists(saved), shown[-3000:])
            with open(saved, encoding="utf-8") as file:
                self.assertIn("Subject: mutt 2", file.read())
            kept = self.gateway.inbox(mailbox="Kept")
            self.assertIn(b"Subject: mutt 0", kept[-1])
        self.assertEqual(2, len(kept))
        self.assertEqual(3, len(self.gateway.inbox()))
        with self.gateway.imap() as imap:
            imap.select("INBOX", readonly=True)
            self.assertEqual([b"1"], imap.search(None, "FLAGGED")[1])


if __name__ == "__main__":
    need("neomutt")
    main()
