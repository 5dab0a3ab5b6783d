"""SCRAM by clients of others: gsasl (IMAP and SMTP) with channel binding (tls-exporter, under
TLS 1.3) and without; msmtp (SMTP), mpop (POP3) and mbsync over Cyrus SASL (IMAP) without, or
with it where the client knows how.
"""
import glob
import os
import subprocess

from harness import ALICE, BOB, HOST, PASSWORD, ClientTest, main, message, need

UNBOUND = ("SCRAM-SHA-256", "SCRAM-SHA-1")
BOUND = ("SCRAM-SHA-256-PLUS", "SCRAM-SHA-1-PLUS")
MECHANISMS = (*BOUND, *UNBOUND)


class Gsasl(ClientTest):
    def gsasl(self, protocol, mechanism, *more, password=PASSWORD, status=0):
        if not mechanism.endswith("-PLUS"):
            more = ("--no-cb", *more)
        kind = "--imap" if protocol == "imap" else "--smtp"
        return self.gateway.run(
            ["gsasl", "--client", kind, "--starttls", "--hostname=localhost",
             f"--connect={HOST}:{self.gateway.port[protocol]}", "--x509-ca-file=",
             f"--mechanism={mechanism}", f"--authentication-id={ALICE}",
             f"--password={password}", *more], text="", status=status).stdout

    def test_mechanisms(self):
        for protocol, success in (("imap", ". OK "), ("submission", "235 2.7.0 ")):
            for mechanism in MECHANISMS + ("PLAIN", "LOGIN"):
                with self.subTest(protocol=protocol, mechanism=mechanism):
                    self.assertIn(success, self.gsasl(protocol, mechanism))

    def test_wrong_password(self):
        for mechanism in ("SCRAM-SHA-256-PLUS", "SCRAM-SHA-256"):
            output = self.gsasl("imap", mechanism, password="wrong", status=1)
            self.assertIn("NO [AUTHENTICATIONFAILED] Wrong user name or password", output)

    def test_an_app_password(self):
        command = ["account", "app-password"]
        made = self.gateway.postern(*command, "add", ALICE, "telephone").stdout.strip()
        for mechanism in MECHANISMS + ("PLAIN",):
            with self.subTest(mechanism=mechanism):
                self.assertIn(". OK ", self.gsasl("imap", mechanism, password=made))
                self.assertIn(". OK ", self.gsasl("imap", mechanism))
        self.gateway.postern(*command, "remove", ALICE, "telephone")
        for mechanism in ("SCRAM-SHA-256", "PLAIN"):
            self.assertIn("NO [AUTHENTICATIONFAILED]",
                          self.gsasl("imap", mechanism, password=made, status=1))

    def test_another_user(self):
        output = self.gsasl("imap", "SCRAM-SHA-256", f"--authorization-id={ALICE}")
        self.assertIn(". OK ", output)
        output = self.gsasl("imap", "SCRAM-SHA-256", f"--authorization-id={BOB}", status=1)
        self.assertIn("NO [AUTHORIZATIONFAILED]", output)

    def test_tls_1_2_announces_no_binding(self):
        output = self.gsasl("imap", "SCRAM-SHA-256", "--priority=NORMAL:-VERS-TLS1.3")
        self.assertNotIn("-PLUS", output)
        self.assertIn(". OK ", output)


def mechanisms_of(program):
    """A client that can bind to the channel and is told not to says so, which is what a downgrade
    looks like and is refused (RFC 5802 §6): such a client is tried with the bound forms."""
    words = subprocess.run([program, "--version"], capture_output=True, text=True).stdout
    return BOUND if BOUND[0].lower() in words else UNBOUND


class Msmtp(ClientTest):
    def test_mechanisms(self):
        for mechanism in mechanisms_of("msmtp"):
            with self.subTest(mechanism=mechanism):
                self.gateway.empty(BOB)
                config = self.gateway.write(
                    "msmtprc", f"account default\nhost {HOST}\nport "
                    f"{self.gateway.port['submission']}\nfrom {ALICE}\nauth {mechanism.lower()}\n"
                    f"user {ALICE}\npassword {PASSWORD}\ntls on\ntls_certcheck off\n")
                text = message(f"by {mechanism}").replace("\r\n", "\n")
                self.gateway.run(["msmtp", "-C", config, BOB], text=text)
                self.assert_delivered(message(f"by {mechanism}"))


class Mpop(ClientTest):
    def test_mechanisms(self):
        self.gateway.send(message("to be fetched"))
        for mechanism in mechanisms_of("mpop"):
            with self.subTest(mechanism=mechanism):
                maildir = self.gateway.path(mechanism)
                for part in ("cur", "new", "tmp"):
                    os.makedirs(os.path.join(maildir, part))
                config = self.gateway.write(
                    "mpoprc", f"account default\nhost {HOST}\nport {self.gateway.port['pop3']}\n"
                    f"user {BOB}\npassword {PASSWORD}\ntls on\ntls_certcheck off\nkeep on\n"
                    f"delivery maildir {maildir}\nauth {mechanism.lower()}\n"
                    f"uidls_file {self.gateway.path('uidls-' + mechanism)}\n")
                self.gateway.run(["mpop", "-C", config, "-q"])
                self.assertEqual(1, len(glob.glob(os.path.join(maildir, "new", "*"))))


class Mbsync(ClientTest):
    def test_mechanisms(self):
        self.gateway.send(message("to be synchronised"))
        for mechanism in UNBOUND:
            with self.subTest(mechanism=mechanism):
                maildir = self.gateway.path("mbsync-" + mechanism)
                os.makedirs(maildir)
                config = self.gateway.write(
                    "mbsyncrc", f"IMAPStore far\nHost {HOST}\nPort {self.gateway.port['imaps']}\n"
                    f"User {BOB}\nPass {PASSWORD}\nSSLType IMAPS\nCertificateFile "
                    f"{self.gateway.certificate()}\nAuthMechs {mechanism}\n\n"
                    f"MaildirStore near\nPath {maildir}/\nInbox {maildir}/INBOX\n\n"
                    "Channel all\nFar :far:INBOX\nNear :near:INBOX\nCreate Near\nSync Pull\n"
                    f"SyncState {maildir}/\n")
                self.gateway.run(["mbsync", "-c", config, "-a"])
                there = glob.glob(os.path.join(maildir, "INBOX", "*", "*"))
                self.assertEqual(1, len(there))


if __name__ == "__main__":
    need("gsasl", "msmtp", "mpop", "mbsync")
    main()
