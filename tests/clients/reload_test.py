"""SIGHUP: a new certificate and new relay domains without a new start. Open connections go on, and
what cannot be read changes nothing.
"""
import hashlib
import os
import signal
import smtplib
import ssl
import unittest

from harness import HOST, Gateway, main, need, wait_until

RELAYED = "carol@inner.test"


class Reload(unittest.TestCase):
    def setUp(self):
        self.gateway = self.enterContext(Gateway())

    def reload(self):
        """What it says of it."""
        before = len(self.gateway.log())
        os.kill(self.gateway.pid, signal.SIGHUP)
        wait_until(lambda: "event=smtp.reload" in self.gateway.log()[before:])
        return self.gateway.log()[before:]

    def served_certificate(self):
        text = ssl.get_server_certificate((HOST, self.gateway.port["imaps"]))
        return hashlib.sha256(ssl.PEM_cert_to_DER_cert(text)).hexdigest()

    def make_certificate(self):
        tls = self.gateway.path("data/tls")
        self.gateway.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                          "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj",
                          "/CN=new.example.test", "-keyout", f"{tls}/key.pem",
                          "-out", f"{tls}/certificate.pem"])

    def test_a_new_certificate(self):
        old = self.served_certificate()
        with self.gateway.imap() as imap:
            self.make_certificate()
            self.assertIn("event=tls.reloaded", self.reload())
            self.assertEqual("OK", imap.select()[0])
            new = self.served_certificate()
        self.assertNotEqual(old, new)
        self.gateway.write("data/tls/certificate.pem", "no certificate\n")
        said = self.reload()
        self.assertIn("event=tls.reload ", said)
        self.assertNotIn("event=tls.reloaded", said)
        self.assertEqual(new, self.served_certificate())

    def answer_to(self, recipient):
        with smtplib.SMTP(HOST, self.gateway.port["smtp"], timeout=30) as smtp:
            smtp.ehlo("client.test")
            smtp.mail("someone@elsewhere.test")
            return smtp.rcpt(recipient)[0]

    def test_new_relay_domains(self):
        self.assertEqual(550, self.answer_to(RELAYED))
        with open(self.gateway.path("postern.toml"), encoding="utf-8") as file:
            first = file.read()
        recipients = self.gateway.write("recipients", f"{RELAYED}\n", mode=0o644)
        self.assertNotIn("[smtp]", first)
        self.gateway.write("postern.toml", f'{first}\n[smtp]\nrelay_domains = ["inner.test"]\n'
                           f'relay_recipients_file = "{recipients}"\n')
        self.assertIn("event=smtp.reloaded", self.reload())
        self.assertEqual(250, self.answer_to(RELAYED))
        self.assertEqual(550, self.answer_to("nobody@inner.test"))
        self.gateway.write("postern.toml", first + "\n[smtp]\nrelay_domains = 7\n")
        self.assertNotIn("event=smtp.reloaded", self.reload())
        self.assertEqual(250, self.answer_to(RELAYED))
        self.gateway.write("postern.toml", first)  # what checks the store afterwards reads it too


if __name__ == "__main__":
    need("openssl")
    main()
