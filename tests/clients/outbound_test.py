"""Mail to other servers: from a submission through the queue to a real Postfix and to smtp-sink, by
MX records that a real name server (knot) serves, signed or not. Loopback only.
"""
import hashlib
import http.server
import os
import re
import smtplib
import ssl
import subprocess
import tempfile
import threading
import time
import unittest

from harness import (ALICE, BOB, HOST, PASSWORD, Gateway, free_port, main, message, need,
                     wait_until)
from lying_nameserver import LyingNameServer
from nameserver import NameServer
from postfix import Postfix

DELIVERY_TIMEOUT_S = 60


def make_certificate(directory, name):
    """A self-signed certificate; the names of its two files."""
    certificate, key = os.path.join(directory, "cert.pem"), os.path.join(directory, "key.pem")
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                    "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj", f"/CN={name}",
                    "-addext", f"subjectAltName=DNS:{name}", "-keyout", key, "-out", certificate],
                   check=True, capture_output=True)
    return certificate, key


class Authority:
    """A certificate authority of our own: what must verify, verifies by it alone."""

    def __init__(self, directory):
        self.directory = directory
        self.file = os.path.join(directory, "authority.pem")
        self.key = os.path.join(directory, "authority.key")
        self.openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
                     "-nodes", "-days", "2", "-subj", "/CN=Test authority", "-addext",
                     "keyUsage=critical,keyCertSign", "-keyout", self.key, "-out", self.file)

    def openssl(self, *arguments):
        subprocess.run(["openssl", *arguments], check=True, capture_output=True,
                       cwd=self.directory)

    def sign(self, name):
        """The files of a certificate for that name, and of its key."""
        request, key, certificate = (os.path.join(self.directory, f"{name}.{kind}")
                                     for kind in ("csr", "key", "pem"))
        self.openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                     "-subj", f"/CN={name}", "-addext", f"subjectAltName=DNS:{name}",
                     "-keyout", key, "-out", request)
        self.openssl("x509", "-req", "-in", request, "-CA", self.file, "-CAkey", self.key,
                     "-days", "2", "-copy_extensions", "copy", "-out", certificate)
        return certificate, key


class PolicyServer:
    """HTTPS on loopback that has one MTA-STS policy."""

    def __init__(self, text, certificate, key):
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                outer.asked.append((self.headers["Host"].split(":")[0], self.path))
                self.send_response(200)
                self.send_header("Content-Type", "text/plain")
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text.encode())

            def log_message(self, *_):
                pass

        self.asked = []
        self.server = http.server.ThreadingHTTPServer((HOST, 0), Handler)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        self.port = self.server.server_address[1]

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()


def tlsa_of(certificate, fields="3 0 1"):
    """DANE-EE(3), the whole certificate, SHA-256; or what the fields say of it."""
    with open(certificate, encoding="ascii") as file:
        der = ssl.PEM_cert_to_DER_cert(file.read())
    return f"{fields} " + hashlib.sha256(der).hexdigest()


def zone(tlsa=None, port=25, host="mx"):
    lines = [f"@ MX 10 {host}", "mx A 127.0.0.1", "null MX 0 ."]
    if tlsa:
        lines.append(f"_{port}._tcp.mx TLSA {tlsa}")
    return lines


def settings_for(server, names, *more, zones=()):
    return [*names.settings(zones), f"outbound.port={server.port}", "outbound.allow_loopback=true",
            'outbound.families="ipv4"', "outbound.mta_sts=false", "queue.first_retry_s=1",
            "queue.retry_max_s=2", *more]


needs_root = unittest.skipUnless(os.geteuid() == 0, "Postfix starts as root only")


@needs_root
class Outbound(unittest.TestCase):
    def deliver(self, server, gateway, count=1):
        wait_until(lambda: len(server.messages()) >= count, DELIVERY_TIMEOUT_S)
        return server.messages()

    def test_to_postfix_by_mx(self):
        with Postfix(["far.test"]) as server, NameServer({"far.test": zone()}) as names:
            with Gateway(settings_for(server, names)) as gateway:
                gateway.empty(BOB)
                text = message("to far", to="carol@far.test")
                gateway.send(text, recipients=["carol@far.test", "dave@far.test", BOB])
                # One copy for each recipient that Postfix delivers to.
                texts = self.deliver(server, gateway, 2)
                self.assertEqual(2, len(texts))
                for each in texts:
                    self.assertTrue(each.endswith(text.replace("\r\n", "\n")), each)
                self.assertEqual(1, len(gateway.inbox(BOB)))

    def test_source_address_and_a_large_message(self):
        zones = {"far.test": zone(), "near.test": zone()}
        with Postfix(["far.test", "near.test"]) as server, NameServer(zones) as names:
            settings = settings_for(server, names, 'outbound.source_ipv4="127.0.0.5"',
                                    'destination=[{domain="near.test", source_ipv4="127.0.0.6", '
                                    'helo_name="six.example.test", attempts_at_once_max=1}]')
            with Gateway(settings) as gateway:
                text = message("large", body=".dots, and more of them\r\n" * 60000)
                gateway.send(text, recipients=["carol@far.test"])
                arrived = self.deliver(server, gateway)[0]
                self.assertTrue(arrived.endswith(text.replace("\r\n", "\n")))
                self.assertRegex(arrived, r"from mail\.example\.test \(unknown \[127\.0\.0\.5\]\)")
                gateway.send(message("near"), recipients=["carol@near.test"])
                near = [one for one in self.deliver(server, gateway, 2) if "near" in one][0]
                self.assertRegex(near, r"from six\.example\.test \(unknown \[127\.0\.0\.6\]\)")

    def test_pools_of_source_addresses(self):
        zones = {"far.test": zone(), "near.test": zone()}
        with Postfix(["far.test", "near.test"]) as server, NameServer(zones) as names:
            # 192.0.2.1 is none of this machine's.
            settings = settings_for(
                server, names, 'outbound.source_ipv4=["127.0.0.5=five.example.test", "192.0.2.1", '
                '"127.0.0.6"]', f'sender=[{{sender="{BOB}", source_ipv4=["127.0.0.7"], '
                'helo_name="seven.example.test"}]')
            with Gateway(settings) as gateway:
                for i in range(6):
                    domain = "far.test" if i % 2 else "near.test"
                    gateway.send(message(f"pool {i}"), recipients=[f"carol@{domain}"])
                    self.deliver(server, gateway, i + 1)
                    time.sleep(6)  # no connection is kept for the next
                gateway.send(message("bob's", sender=BOB), BOB, ["carol@far.test"])
                texts = self.deliver(server, gateway, 7)
                froms = [re.search(r"from (\S+) \(unknown \[(127[0-9.]+)\]\)", text).groups()
                         for text in texts]
                self.assertEqual({("five.example.test", "127.0.0.5"),
                                  ("mail.example.test", "127.0.0.6"),
                                  ("seven.example.test", "127.0.0.7")}, set(froms))
                self.assertEqual(1, froms.count(("seven.example.test", "127.0.0.7")))
                self.assertIn("source_left_out address=192.0.2.1", gateway.log())

    def test_no_such_domain_and_null_mx_come_back(self):
        with Postfix(["far.test"]) as server, NameServer({"far.test": zone()}) as names:
            with Gateway(settings_for(server, names)) as gateway:
                gateway.send(message("one"), recipients=["x@nothing.far.test"])
                wait_until(lambda: len(gateway.inbox(ALICE)) == 1, DELIVERY_TIMEOUT_S)
                self.assertIn(b"Status: 5.1.2", b"".join(gateway.inbox(ALICE)))
                with self.assertRaises(smtplib.SMTPRecipientsRefused) as refused:
                    gateway.send(message("two"), recipients=["x@null.far.test"])
                code, words = refused.exception.recipients["x@null.far.test"]
                self.assertEqual(556, code)
                self.assertIn(b"5.1.10", words)

    def test_opportunistic_tls(self):
        with tempfile.TemporaryDirectory() as directory:
            certificate, key = make_certificate(directory, "other.test")
            with (Postfix(["far.test"], certificate, key) as server,
                  NameServer({"far.test": zone()}) as names,
                  Gateway(settings_for(server, names)) as gateway):
                gateway.send(message("with tls"), recipients=["carol@far.test"])
                self.assertIn("using TLSv1.3", self.deliver(server, gateway)[0])

    def test_dane(self):
        with tempfile.TemporaryDirectory() as directory:
            certificate, key = make_certificate(directory, "other.test")
            with Postfix(["far.test", "lie.test"], certificate, key) as server:
                zones = {"far.test": zone(tlsa_of(certificate), server.port),
                         "lie.test": zone("3 0 1 " + 64 * "0", server.port)}
                with (NameServer(zones, signed=zones) as names,
                      Gateway(settings_for(server, names)) as gateway):
                    gateway.send(message("to a liar"), recipients=["carol@lie.test"])
                    gateway.send(message("by dane"), recipients=["carol@far.test"])
                    texts = self.deliver(server, gateway)
                    self.assertIn("Subject: by dane", texts[0])
                    self.assertIn("using TLSv1.3", texts[0])
                    # The other waits: its certificate is not the one that is promised.
                    wait_until(lambda: "4.7.5" in gateway.log(), DELIVERY_TIMEOUT_S)
                    self.assertEqual(1, len(server.messages()))

    def test_dane_by_authority(self):
        with tempfile.TemporaryDirectory() as directory:
            authority = Authority(directory)
            certificate, key = authority.sign("mx.far.test")
            with open(authority.file, encoding="ascii") as issuer:
                with open(certificate, "a", encoding="ascii") as chain:
                    chain.write(issuer.read())
            with Postfix(["far.test", "lie.test"], certificate, key) as server:
                tlsa = tlsa_of(authority.file, "2 0 1")
                zones = {"far.test": zone(tlsa, server.port), "lie.test": zone(tlsa, server.port)}
                with (NameServer(zones, signed=zones) as names,
                      Gateway(settings_for(server, names)) as gateway):
                    gateway.send(message("of another name"), recipients=["carol@lie.test"])
                    gateway.send(message("by its authority"), recipients=["carol@far.test"])
                    texts = self.deliver(server, gateway)
                    self.assertIn("Subject: by its authority", texts[0])
                    wait_until(lambda: "4.7.5" in gateway.log(), DELIVERY_TIMEOUT_S)
                    self.assertEqual(1, len(server.messages()))

    def test_bogus_answers_are_not_used(self):
        with Postfix(["far.test"]) as server, NameServer({"far.test": zone()}) as names:
            with open(names.anchors, "w", encoding="ascii") as file:  # of a key that is not there
                file.write("far.test. IN DS 12345 13 2 " + 64 * "A" + "\n")
            with Gateway(settings_for(server, names)) as gateway:
                gateway.send(message("nowhere"), recipients=["carol@far.test"])
                wait_until(lambda: "bogus" in gateway.log(), DELIVERY_TIMEOUT_S)
                self.assertEqual([], server.messages())

    def test_a_resolver_that_lies_costs_a_message_a_delay(self):
        with (Postfix(["far.test"]) as server, NameServer({"far.test": zone()}) as names,
              LyingNameServer() as liar):
            zones = [f"lie.test={HOST}@{liar.port}"]
            with Gateway(settings_for(server, names, zones=zones)) as gateway:
                for word in ("hang", "loop", "cut", "junk", "refuse"):
                    for _ in range(5):
                        gateway.send(message(f"to {word}"), recipients=[f"x@{word}.lie.test"])
                wait_until(lambda: liar.questions > 0, DELIVERY_TIMEOUT_S)
                for _ in range(5):
                    gateway.send(message("not held up"), recipients=["carol@far.test"])
                self.assertEqual(5, len(self.deliver(server, gateway, 5)))
                wait_until(lambda: "route=mx:loop.lie.test" in gateway.log() and
                           "4.4.3" in gateway.log(), DELIVERY_TIMEOUT_S)
                self.assertNotIn("queue.failed", gateway.log())

    def test_remote_stopped_and_restarted(self):
        count = 40
        with Postfix(["far.test"]) as server, NameServer({"far.test": zone()}) as names:
            with Gateway(settings_for(server, names)) as gateway:
                for number in range(count):
                    if number == 10:
                        server.stop()
                    if number == 30:
                        server.start()
                    gateway.send(message(f"number {number} ."), recipients=["carol@far.test"])
                texts = self.deliver(server, gateway, count)
                for number in range(count):
                    having = [text for text in texts if f"Subject: number {number} ." in text]
                    self.assertEqual(1, len(having), number)
                self.assertEqual(count, len(texts))

    def test_gateway_restarted_with_mail_in_its_queue(self):
        with Postfix(["far.test"]) as server, NameServer({"far.test": zone()}) as names:
            server.stop()
            settings = settings_for(server, names)
            with tempfile.TemporaryDirectory(prefix="postern-test-") as directory:
                os.chmod(directory, 0o755)
                with Gateway(settings, directory=directory) as gateway:
                    gateway.send(message("before"), recipients=["carol@far.test"])
                server.start()
                with Gateway(settings, directory=directory) as gateway:
                    self.assertEqual(1, len(self.deliver(server, gateway)))


@needs_root
class MtaSts(unittest.TestCase):
    POLICY = "version: STSv1\r\nmode: enforce\r\nmx: mx.far.test\r\nmax_age: 86400\r\n"
    RECORDS = ['_mta-sts TXT "v=STSv1; id=1;"', f"mta-sts A {HOST}"]

    def gateway(self, server, names, policy, authority):
        settings = [setting for setting in settings_for(server, names)
                    if not setting.startswith("outbound.mta_sts")]
        return Gateway([*settings, f"outbound.mta_sts_port={policy.port}",
                        f'outbound.authorities="{authority.file}"'])

    def test_a_host_that_verifies_gets_the_mail(self):
        with tempfile.TemporaryDirectory() as directory:
            authority = Authority(directory)
            with (Postfix(["far.test"], *authority.sign("mx.far.test")) as server,
                  NameServer({"far.test": zone() + self.RECORDS}) as names,
                  PolicyServer(self.POLICY, *authority.sign("mta-sts.far.test")) as policy,
                  self.gateway(server, names, policy, authority) as gateway):
                for _ in range(3):
                    gateway.send(message("verified"), recipients=["carol@far.test"])
                wait_until(lambda: len(server.messages()) == 3, DELIVERY_TIMEOUT_S)
                self.assertIn("using TLSv1.3", server.messages()[0])
                self.assertEqual([("mta-sts.far.test", "/.well-known/mta-sts.txt")], policy.asked)
                self.assertTrue(os.path.exists(gateway.path("data/mta-sts/far.test.sts")))

    def test_a_host_that_does_not_verify_gets_nothing(self):
        with tempfile.TemporaryDirectory() as directory:
            authority = Authority(directory)
            with (Postfix(["far.test"], *authority.sign("other.test")) as server,
                  NameServer({"far.test": zone() + self.RECORDS}) as names,
                  PolicyServer(self.POLICY, *authority.sign("mta-sts.far.test")) as policy,
                  self.gateway(server, names, policy, authority) as gateway):
                gateway.send(message("not verified"), recipients=["carol@far.test"])
                wait_until(lambda: "4.7.5" in gateway.log(), DELIVERY_TIMEOUT_S)
                self.assertEqual([], server.messages())

    def test_a_policy_from_somebody_else_is_none(self):
        with tempfile.TemporaryDirectory() as directory:
            authority = Authority(directory)
            with (Postfix(["far.test"]) as server,
                  NameServer({"far.test": zone() + self.RECORDS}) as names,
                  PolicyServer(self.POLICY, *authority.sign("evil.test")) as policy,
                  self.gateway(server, names, policy, authority) as gateway):
                gateway.send(message("no policy"), recipients=["carol@far.test"])
                wait_until(lambda: len(server.messages()) == 1, DELIVERY_TIMEOUT_S)
                self.assertIn("mta_sts.fetch", gateway.log())


class Smarthost(unittest.TestCase):
    def test_login_and_verified_certificate(self):
        names = NameServer({"example.test": ["mail A 127.0.0.1"]})
        with names, Gateway() as smarthost, tempfile.TemporaryDirectory() as directory:
            secret = os.path.join(directory, "password")
            with open(secret, "w", encoding="ascii") as file:
                file.write(PASSWORD + "\n")
            route = (f'route=[{{domain="*", host="mail.example.test", '
                     f'port={smarthost.port["submission"]}, user_name="{ALICE}", '
                     f'password_file="{secret}"}}]')
            trusted = f'outbound.authorities="{smarthost.certificate()}"'
            with Gateway([*names.settings(), route, trusted]) as gateway:
                gateway.send(message("by the smarthost"), recipients=["x@null.example.test"])
                wait_until(lambda: "event=queue.delivered" in gateway.log(), DELIVERY_TIMEOUT_S)
                self.assertRegex(smarthost.log(),
                                 "event=smtp.accepted .*tls=yes user=alice@example.test")

    def test_a_certificate_that_does_not_verify_gets_no_password(self):
        names = NameServer({"example.test": ["mail A 127.0.0.1"]})
        with names, Gateway() as smarthost, tempfile.TemporaryDirectory() as directory:
            secret = os.path.join(directory, "password")
            with open(secret, "w", encoding="ascii") as file:
                file.write(PASSWORD + "\n")
            route = (f'route=[{{host="mail.example.test", port={smarthost.port["submission"]}, '
                     f'user_name="{ALICE}", password_file="{secret}"}}]')
            with Gateway([*names.settings(), route]) as gateway:
                gateway.send(message("to a stranger"), recipients=["x@far.test"])
                wait_until(lambda: "4.7.5" in gateway.log(), DELIVERY_TIMEOUT_S)


class Routes(unittest.TestCase):
    def test_smtp_sink_by_route(self):
        need("smtp-sink")
        port = free_port()
        with tempfile.TemporaryDirectory() as directory:
            os.chmod(directory, 0o777)
            dump = os.path.join(directory, "mail")
            command = ["smtp-sink", "-D", dump, f"{HOST}:{port}", "20"]
            if os.geteuid() == 0:
                command[1:1] = ["-u", "nobody"]
            sink = subprocess.Popen(command, cwd=directory)
            route = f'route=[{{domain="*.inner.test", host="{HOST}", port={port}}}]'
            try:
                with Gateway([route]) as gateway:
                    for _ in range(20):
                        gateway.send(message("to the sink"), recipients=["x@a.inner.test"])

                    def arrived():
                        try:
                            with open(dump, encoding="utf-8") as file:
                                return file.read().count("Subject: to the sink")
                        except OSError:
                            return 0
                    wait_until(lambda: arrived() >= 20, DELIVERY_TIMEOUT_S)
                    self.assertEqual(20, arrived())
            finally:
                sink.terminate()
                sink.wait(20)


if __name__ == "__main__":
    need("knotd", "keymgr", "postfix", "openssl")
    main()
