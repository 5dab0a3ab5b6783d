"""Programs that fetch: fetchmail, mpop, getmail6 (POP3) and curl (POP3 and IMAP), on 110 with STLS
and on 995 with TLS from the first byte.
"""
import glob
import os
import pwd

from harness import ALICE, BOB, HOST, PASSWORD, ClientTest, main, message, need


class Fetch(ClientTest):
    """Each case fetches three messages into a Maildir or an mbox and compares the subjects."""

    def setUp(self):
        super().setUp()
        with self.gateway.smtp() as smtp:
            for number in range(3):
                smtp.sendmail(ALICE, [BOB], message(f"fetched {number}"))
        self.maildir = self.gateway.path(f"into-{self.id().rsplit('.', 1)[-1]}")
        for part in ("cur", "new", "tmp"):
            os.makedirs(os.path.join(self.maildir, part))

    def assert_fetched(self, count=3):
        texts = []
        for name in glob.glob(os.path.join(self.maildir, "*", "*")):
            with open(name, encoding="utf-8", newline="") as file:
                texts.append(file.read().replace("\r\n", "\n"))
        self.assertEqual(count, len(texts))
        for number in range(3):
            there = [text for text in texts if f"Subject: fetched {number}\n" in text]
            self.assertEqual(1, len(there), f"message {number}")
            self.assertTrue(there[0].endswith("Hello,\n.a dot\n..two\nbye\n"), there[0])

    def fetchmail(self, protocol, more):
        config = self.gateway.write(
            "fetchmailrc", f"poll {HOST} service {self.gateway.port[protocol]} protocol pop3 uidl\n"
            f"user \"{BOB}\" password \"{PASSWORD}\" {more} no sslcertck keep\n"
            f"mda \"cat > {self.maildir}/new/$$.$(date +%N)\"\n")
        command = ["fetchmail", "-f", config, "-i", self.gateway.path("fetchids"), "--nodetach",
                   "--nosyslog", "--pidfile", self.gateway.path("fetchmail.pid")]
        if os.getuid() == 0:
            command.append("-v")
        if os.path.exists(self.gateway.path("fetchids")):
            os.unlink(self.gateway.path("fetchids"))
        self.gateway.run(command)
        self.assert_fetched()
        self.gateway.run(command, status=1)  # UIDL: nothing new
        self.assert_fetched()

    def test_fetchmail_stls(self):
        self.fetchmail("pop3", "sslproto tls1.2+")

    def test_fetchmail_tls(self):
        self.fetchmail("pop3s", "ssl sslproto tls1.2+")

    def mpop(self, protocol, starttls):
        config = self.gateway.write(
            "mpoprc", f"account default\nhost {HOST}\nport {self.gateway.port[protocol]}\n"
            f"user {BOB}\npassword {PASSWORD}\ntls on\ntls_starttls {starttls}\n"
            f"tls_certcheck off\nkeep on\ndelivery maildir {self.maildir}\n"
            f"uidls_file {self.gateway.path('mpop-' + protocol)}\nauth user\n")
        for _ in range(2):
            self.gateway.run(["mpop", "-C", config, "-q"])
            self.assert_fetched()

    def test_mpop_stls(self):
        self.mpop("pop3", "on")

    def test_mpop_tls(self):
        self.mpop("pop3s", "off")

    def test_mpop_deletes(self):
        config = self.gateway.write(
            "mpoprc", f"account default\nhost {HOST}\nport {self.gateway.port['pop3s']}\n"
            f"user {BOB}\npassword {PASSWORD}\ntls on\ntls_starttls off\ntls_certcheck off\n"
            f"keep off\ndelivery maildir {self.maildir}\n"
            f"uidls_file {self.gateway.path('mpop-delete')}\nauth plain\n")
        self.gateway.run(["mpop", "-C", config, "-q"])
        self.assert_fetched()
        self.assertEqual([], self.gateway.inbox())

    def test_getmail(self):
        self.gateway.write(
            "getmail/getmailrc", "[retriever]\ntype = SimplePOP3SSLRetriever\n"
            f"server = {HOST}\nport = {self.gateway.port['pop3s']}\nusername = {BOB}\n"
            f"password = {PASSWORD}\n[destination]\ntype = Maildir\npath = {self.maildir}/\n"
            f"{self.as_nobody()}[options]\nread_all = false\ndelete = false\n"
            "delivered_to = false\nreceived = false\n")
        for _ in range(2):
            self.gateway.run(["getmail", "--getmaildir", self.gateway.path("getmail")])
            self.assert_fetched()

    def as_nobody(self):
        """getmail refuses to deliver as root."""
        if os.getuid() != 0:
            return ""
        os.chmod(self.gateway.directory, 0o711)
        for directory, _, _ in os.walk(self.maildir):
            os.chown(directory, pwd.getpwnam("nobody").pw_uid, -1)
        return "user = nobody\n"

    def test_curl_pop3(self):
        for url, more in ((f"pop3://{HOST}:{self.gateway.port['pop3']}", ["--ssl-reqd"]),
                          (f"pop3s://{HOST}:{self.gateway.port['pop3s']}", [])):
            command = ["curl", "-sS", "-k", "--user", f"{BOB}:{PASSWORD}", *more]
            self.assertEqual(3, len(self.gateway.run([*command, url]).stdout.split("\n")) - 1)
            there = self.gateway.run([*command, f"{url}/2"]).stdout
            self.assertTrue(there.replace("\r\n", "\n").endswith(
                message("fetched 1").replace("\r\n", "\n")), there)

    def test_curl_imap(self):
        for url, more in ((f"imap://{HOST}:{self.gateway.port['imap']}", ["--ssl-reqd"]),
                          (f"imaps://{HOST}:{self.gateway.port['imaps']}", [])):
            command = ["curl", "-sS", "-k", "--user", f"{BOB}:{PASSWORD}", *more]
            self.assertIn("INBOX", self.gateway.run([*command, f"{url}/"]).stdout)
            there = self.gateway.run([*command, f"{url}/INBOX;MAILINDEX=2"]).stdout
            self.assertTrue(there.replace("\r\n", "\n").endswith(
                message("fetched 1").replace("\r\n", "\n")), there)
            found = self.gateway.run([*command, f"{url}/INBOX?SUBJECT%20%22fetched%202%22"]).stdout
            self.assertEqual("* SEARCH 3", found.strip())

    def test_curl_imap_append(self):
        name = self.gateway.write("append.eml", message("appended"))
        self.gateway.run(["curl", "-sS", "-k", "--user", f"{BOB}:{PASSWORD}", "-T", name,
                          f"imaps://{HOST}:{self.gateway.port['imaps']}/INBOX"])
        self.assert_delivered(message("appended"), count=4)


if __name__ == "__main__":
    need("fetchmail", "mpop", "getmail", "curl")
    main()
