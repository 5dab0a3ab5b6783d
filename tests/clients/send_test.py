"""Programs that send: swaks, msmtp, curl and openssl, each through 587 with STARTTLS and through
465 with TLS from the first byte; swaks and openssl also through 25.
"""
from harness import (ALICE, BOB, HOST, PASSWORD, ClientTest, main, message, need)


class Swaks(ClientTest):
    def swaks(self, protocol, *more, status=0):
        return self.gateway.run(
            ["swaks", "--server", HOST, "--port", str(self.gateway.port[protocol]),
             "--from", ALICE, "--to", BOB, "--timeout", "30",
             # It ends the last line itself.
             "--data", message("from swaks").removesuffix("\r\n"), *more], status=status).stdout

    def test_submission_starttls(self):
        for mechanism in ("PLAIN", "LOGIN"):
            with self.subTest(mechanism=mechanism):
                self.gateway.empty(BOB)
                self.swaks("submission", "--tls", "--auth", mechanism, "--auth-user", ALICE,
                           "--auth-password", PASSWORD)
                self.assert_delivered(message("from swaks"))

    def test_submissions(self):
        self.swaks("submissions", "--tls-on-connect", "--auth", "PLAIN", "--auth-user", ALICE,
                   "--auth-password", PASSWORD)
        self.assert_delivered(message("from swaks"))

    def test_pipelining_on_25(self):
        self.swaks("smtp", "--pipeline", "--from", "x@elsewhere.test")
        self.assert_delivered(message("from swaks"))

    def test_wrong_password(self):
        output = self.swaks("submission", "--tls", "--auth", "PLAIN", "--auth-user", ALICE,
                            "--auth-password", "wrong", status=28)
        self.assertIn("535 5.7.8", output)

    def test_unknown_recipient(self):
        output = self.swaks("smtp", "--to", "nobody@example.test", status=24)
        self.assertIn("550 5.1.1", output)


class Msmtp(ClientTest):
    def msmtp(self, name, protocol, starttls):
        config = self.gateway.write(
            "msmtprc", f"account default\nhost {HOST}\nport {self.gateway.port[protocol]}\n"
            f"from {ALICE}\nauth plain\nuser {ALICE}\npassword {PASSWORD}\ntls on\n"
            f"tls_starttls {starttls}\ntls_certcheck off\n")
        text = message(f"from msmtp {name}").replace("\r\n", "\n")
        self.gateway.run(["msmtp", "-C", config, BOB], text=text)
        self.assert_delivered(message(f"from msmtp {name}"))

    def test_submission_starttls(self):
        self.msmtp("starttls", "submission", "on")

    def test_submissions(self):
        self.msmtp("tls", "submissions", "off")


class Curl(ClientTest):
    def curl(self, url, *more):
        name = self.gateway.write("mail.eml", message("from curl"))
        self.gateway.run(["curl", "-sS", "-k", "--url", url, "--mail-from", ALICE, "--mail-rcpt",
                          BOB, "--upload-file", name, "--user", f"{ALICE}:{PASSWORD}", *more])
        self.assert_delivered(message("from curl"))

    def test_submission_starttls(self):
        self.curl(f"smtp://{HOST}:{self.gateway.port['submission']}", "--ssl-reqd")

    def test_submissions(self):
        self.curl(f"smtps://{HOST}:{self.gateway.port['submissions']}")


class SmtpSource(ClientTest):
    """Postfix's own generator of load."""

    def test_many_sessions_at_once(self):
        need("smtp-source")
        count = 60
        self.gateway.run(["smtp-source", "-s", "10", "-m", str(count), "-l", "5000", "-c",
                          "-f", "someone@elsewhere.test", "-t", BOB,
                          f"{HOST}:{self.gateway.port['smtp']}"])
        messages = self.gateway.inbox()
        self.assertEqual(count, len(messages))
        self.assertTrue(all(len(each) > 5000 for each in messages))


class Openssl(ClientTest):
    def talk(self, protocol, text, *options):
        return self.gateway.run(
            ["openssl", "s_client", "-quiet", "-crlf", "-connect",
             f"{HOST}:{self.gateway.port[protocol]}", *options], text=text, status=None).stdout

    def test_smtp(self):
        for protocol in ("smtp", "submission"):
            for version in ("-tls1_2", "-tls1_3"):
                with self.subTest(protocol=protocol, version=version):
                    output = self.talk(protocol, "EHLO there\nQUIT\n", "-starttls", "smtp", version)
                    self.assertIn("221 ", output)
        self.assertIn("221 ", self.talk("submissions", "EHLO there\nQUIT\n"))

    def test_pop3(self):
        self.assertIn("+OK", self.talk("pop3", "QUIT\n", "-starttls", "pop3"))
        self.assertIn("+OK", self.talk("pop3s", "QUIT\n"))

    def test_imap(self):
        self.assertIn("a OK", self.talk("imap", "a LOGOUT\n", "-starttls", "imap"))
        self.assertIn("a OK", self.talk("imaps", "a LOGOUT\n"))

    def test_old_tls_is_refused(self):
        done = self.gateway.run(
            ["openssl", "s_client", "-tls1_1", "-cipher", "ALL:@SECLEVEL=0", "-connect",
             f"{HOST}:{self.gateway.port['imaps']}"], text="", status=None)
        self.assertNotEqual(0, done.returncode)


if __name__ == "__main__":
    need("swaks", "msmtp", "curl", "openssl")
    main()
