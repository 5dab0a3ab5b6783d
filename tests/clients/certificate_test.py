"""The gateway's certificate changed while it serves: self-signed, imported, requested from an
authority. What is served changes at once, open sessions go on, and what is refused changes nothing.
"""
import hashlib
import json
import os
import socket
import ssl
import unittest

from harness import HOST, Gateway, main, need

NAME = "mail.example.test"


class Certificate(unittest.TestCase):
    def setUp(self):
        self.gateway = self.enterContext(Gateway())

    def command(self, *words, status=0):
        done = self.gateway.postern("certificate", *words, "--json", status=status)
        return json.loads(done.stdout)

    def openssl(self, *words):
        self.gateway.run(["openssl", *words])

    def served(self):
        text = ssl.get_server_certificate((HOST, self.gateway.port["imaps"]))
        digest = hashlib.sha256(ssl.PEM_cert_to_DER_cert(text)).hexdigest().upper()
        return ":".join(digest[at:at + 2] for at in range(0, 64, 2))

    def make_authority(self):
        self.openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
                     "-nodes", "-days", "9", "-subj", "/CN=An Authority", "-keyout", "ca.key",
                     "-out", "ca.pem", "-addext", "keyUsage=critical,keyCertSign")

    def sign(self, request, out):
        self.gateway.write("extensions", f"subjectAltName=DNS:{NAME}\n")
        self.openssl("x509", "-req", "-in", request, "-CA", "ca.pem", "-CAkey", "ca.key", "-days",
                     "5", "-CAcreateserial", "-extfile", "extensions", "-out", out)

    def test_self_signed_while_a_session_goes_on(self):
        before = self.command("show")["certificate"]
        self.assertEqual(before["sha256"], self.served())
        with self.gateway.imap() as imap:
            made = self.command("self-signed", NAME, "imap.example.test", "--days", "30")
            self.assertEqual(made["certificate"]["sha256"], self.served())
            self.assertNotEqual(before["sha256"], self.served())
            self.assertEqual("OK", imap.select()[0])
        self.assertIn(self.command("show")["certificate"]["days_left"], (29, 30))
        self.assertIn("imap.example.test", self.gateway.postern("certificate", "show").stdout)

    def test_a_request_signed_by_an_authority(self):
        self.make_authority()
        self.command("request", NAME, "--out", "ignored")
        self.gateway.postern("certificate", "request", NAME, "--out", "request.pem")
        self.openssl("req", "-in", "request.pem", "-verify", "-noout")
        text = self.gateway.run(["openssl", "req", "-in", "request.pem", "-noout", "-text"]).stdout
        self.assertIn(f"DNS:{NAME}", text)
        self.sign("request.pem", "answer.pem")
        answer = self.gateway.path("answer.pem")
        self.assertEqual(1, len(self.command("import", answer)["warnings"]))
        context = ssl.create_default_context(cafile=self.gateway.path("ca.pem"))
        context.verify_flags &= ~getattr(ssl, "VERIFY_X509_STRICT", 0)
        with socket.create_connection((HOST, self.gateway.port["imaps"])) as plain:
            with context.wrap_socket(plain, server_hostname=NAME) as secure:
                self.assertEqual("TLSv1.3", secure.version())
        self.assertIsNone(self.command("show")["request"])

    def test_what_is_wrong_changes_nothing(self):
        self.make_authority()
        served = self.served()
        for words, said in ((("import", self.gateway.path("ca.pem")), "there is no private key"),
                            (("import", self.gateway.path("ca.pem"), "--key",
                              self.gateway.path("ca.key")), "is not for mail.example.test"),
                            (("import", "/nonexistent"), "No such file"),
                            (("authority", "/nonexistent"), "No such file")):
            answer = self.command(*words, status=1)
            self.assertIn(said, answer["error"])
            self.assertEqual(served, self.served())
        self.assertEqual("An Authority", self.command(
            "authority", self.gateway.path("ca.pem"))["authority"]["subject"].split("=")[1])
        self.assertTrue(os.path.exists(self.gateway.path("data/tls/authority.pem")))


if __name__ == "__main__":
    need("openssl")
    main()
