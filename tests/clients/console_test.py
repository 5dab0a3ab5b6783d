"""`postern` without a command, on a terminal of 80 columns and 24 rows: the status, the password,
an account that can then log in, a terminal that changes its size, the first set-up; and the
commands that do the same.
"""
import hashlib
import imaplib
import json
import os
import re
import shutil
import ssl
import unittest

from harness import ALICE, BUILD, HOST, Gateway, main, unverified
from lying_nameserver import LyingNameServer
from nameserver import NameServer
from sink import Sink
from terminal import Terminal

POSTERN = os.path.join(BUILD, "src", "app", "postern")
ADMIN_PASSWORD = "console-secret"
CAROL, CAROL_PASSWORD = "carol@example.test", "carols-password"
UP, DOWN, RIGHT, ESCAPE = "\x1b[A", "\x1b[B", "\x1b[C", "\x1b"


class ConsoleTest(unittest.TestCase):
    def setUp(self):
        lying = self.enterContext(LyingNameServer())
        self.start(f'dns.servers=["{HOST}@{lying.port}"]')

    def start(self, *settings):
        self.gateway = self.enterContext(Gateway(settings))

    def console(self, *words):
        command = [POSTERN, "--socket", self.gateway.control_socket, *words]
        terminal = self.enterContext(Terminal(self.gateway, command, rows=24, columns=80))
        return terminal.expect(r"imaps \S+:\d+ ")  # the daemon has answered

    def set_password(self):
        self.gateway.postern("admin", "password", text=ADMIN_PASSWORD + "\n")

    def log_in(self, terminal, password=ADMIN_PASSWORD):
        terminal.expect("Enter Log in").type("\r")
        terminal.expect(r"Administrator password[ _]").type(password + "\r")
        return terminal

    def answer(self, *words, status=0):
        return json.loads(self.gateway.postern(*words, "--json", status=status).stdout)

    def test_status_and_resizing(self):
        certificate = ssl.PEM_cert_to_DER_cert(
            ssl.get_server_certificate((HOST, self.gateway.port["imaps"])))
        fingerprint = hashlib.sha256(certificate).hexdigest().upper()
        pairs = ":".join(fingerprint[at:at + 2] for at in range(0, 64, 2))
        terminal = self.console()
        terminal.expect(r"Postern 0\.1\.0   mail\.example\.test")
        terminal.expect(re.escape(pairs[:48]) + r"(.|\n)*" + re.escape(pairs[48:]) +
                        rf"(.|\n)* imaps \S+:{self.gateway.port['imaps']} +open(.|\n)*Alarms")
        terminal.resize(20, 60).expect("The terminal is too small")
        terminal.resize(40, 132).expect("─{100}(.|\n)*Alarms")
        terminal.resize(24, 80).expect("Enter Log in").type("l").expect("Enter Entrar")
        terminal.type("l").expect("Enter Вход")
        terminal.type("q")
        self.assertEqual(0, terminal.end()[0])

    def test_an_account_is_added(self):
        terminal = self.console()
        terminal.expect("Enter Log in").type("\r").expect("Choose the administrator's password")
        terminal.type(f"{ADMIN_PASSWORD}\r{ADMIN_PASSWORD}\r").expect("1  Domains")
        terminal.type("2").expect(f"{ALICE}(.|\n)*A Add").type("a").expect("Add an account")
        terminal.type(f"carol\rCarol\r{CAROL_PASSWORD}\r{CAROL_PASSWORD}\r\r\r\r\r")
        terminal.expect(f"{CAROL} +Carol")
        with self.gateway_imap() as imap:
            self.assertEqual("OK", imap.login(CAROL, CAROL_PASSWORD)[0])
        terminal.type(DOWN + DOWN + "d").expect(f"{CAROL} is removed: nobody can log in")
        terminal.type("n").expect(f"{CAROL} +Carol").type("d").expect("is removed").type("y")
        terminal.expect(rf"bob@example\.test(?!(.|\n)*{CAROL})(.|\n)*Esc Back")
        self.assertNotIn(CAROL, self.gateway.postern("account", "list").stdout)
        terminal.type(ESCAPE).expect("5  What became").type("7").expect("event=")
        terminal.type(ESCAPE).expect("1  Domains").type(ESCAPE).expect("Enter Log in").type("q")
        self.assertEqual(0, terminal.end()[0])

    def gateway_imap(self):
        return imaplib.IMAP4_SSL(HOST, self.gateway.port["imaps"], ssl_context=unverified())

    def test_the_password_is_asked_for(self):
        self.set_password()
        terminal = self.log_in(self.console(), "not-this-one")
        terminal.expect("the password is wrong")
        self.gateway.postern("admin", "check-password", text="not-this-one\n", status=1)
        self.gateway.postern("admin", "check-password", text=ADMIN_PASSWORD + "\n")
        refused = self.gateway.postern("admin", "password", text="short\n", status=1)
        self.assertIn("at least 8 characters", refused.stderr)
        self.assertNotIn(ADMIN_PASSWORD.encode(), self.database())
        again = self.console("--lang", "ru").expect("Enter Вход").type("\r")
        again.expect("Пароль администратора[ _]").type(ADMIN_PASSWORD + "\r").expect("1  Домены")

    def database(self):
        names = ["data/accounts.db", "data/accounts.db-wal"]
        text = b""
        for name in names:
            with open(self.gateway.path(name), "rb") as file:
                text += file.read()
        return text

    def test_first_set_up(self):
        for name in ("alice", "bob"):
            self.gateway.postern("account", "remove", name)
        self.gateway.postern("domain", "remove", "example.test")
        self.set_password()
        terminal = self.console()
        terminal.expect("There is no domain yet(.|\n)*Enter Set up this gateway").type("\r")
        terminal.expect(r"Administrator password[ _]").type(ADMIN_PASSWORD + "\r")
        terminal.expect("A few questions").type(RIGHT).expect(r"\[pt\]").type("\r\r")
        terminal.expect("Primeiro domínio").type("example.test\r").expect("Primeira conta")
        terminal.type("alice\rAlice\rcorrect-horse-battery\rcorrect-horse-battery\r")
        terminal.expect(r"MX +10 mail\.example\.test").type(ESCAPE)
        terminal.expect(f"Correio a receber(.|\n)*{ALICE}")
        (account,) = self.answer("account", "list")["accounts"]
        self.assertEqual((ALICE, True, "pt"),
                         (account["address"], account["admin"], account["language"]))

    def test_without_a_terminal_or_a_daemon(self):
        done = self.gateway.run([POSTERN], status=2)
        self.assertIn("wants a terminal", done.stderr)
        terminal = Terminal(self.gateway, [POSTERN, "--socket", "/nowhere"], rows=24, columns=80)
        with terminal:
            terminal.expect("The gateway does not answer").type("q")
            self.assertEqual(0, terminal.end()[0])
        self.assertTrue(json.loads(self.gateway.run(
            [POSTERN, "machine", "--json", "--socket", "/nowhere"]).stdout)["ok"])

    def test_accounts_as_a_file(self):
        lines = ["address,name,password,storage", 'dan,"Dan, D.",dans-password,10M',
                 "alice,A,x-y-z-1,"]
        path = self.gateway.write("accounts.csv", "\n".join(lines))
        done = self.answer("account", "import", path, status=1)
        self.assertEqual((False, 1, 3), (done["ok"], done["added"], done["problems"][0]["line"]))
        exported = self.gateway.postern("account", "export").stdout
        self.assertIn('dan@example.test,"Dan, D.",en,10485760,', exported)
        self.assertNotIn("password", exported)

    def test_pages_for_people(self):
        html = self.gateway.postern("client-settings", ALICE, "--html", "--lang", "ru").stdout
        self.assertIn('<html lang="ru">', html)
        self.assertIn(str(self.gateway.port["imaps"]), html)
        self.assertIn("<svg", html)
        self.assertIn("████", self.gateway.postern("client-settings", ALICE, "--qr").stdout)
        self.assertIn("Incoming mail",
                      self.gateway.postern("client-settings", ALICE, "--lang", "en").stdout)

    @unittest.skipUnless(shutil.which("knotd"), "not installed: knotd")
    def test_what_the_dns_says(self):
        zones = {"good.test": ["@ MX 10 mail.example.test.", '@ TXT "v=spf1 mx -all"',
                               '_dmarc TXT "v=DMARC1; p=none"'],
                 "bad.test": ["@ MX 10 elsewhere.good.test.", '@ TXT "v=spf1 -all"'],
                 "example.test": [f"mail A {HOST}"]}
        with NameServer(zones) as names, Sink() as sink:
            self.start(*names.settings(["in-addr.arpa=127.0.0.1@1"]), "dns.servers=[]",
                       f"outbound.port={sink.port}")
            good = self.answer("dns-check", "good.test", "--via", "good.test")
            bad = self.answer("dns-check", "bad.test", "--via", "bad.test")
        states = {each["type"] + each["name"]: each["state"] for each in good["records"]}
        self.assertEqual("good", states["Amail.example.test"])
        self.assertEqual("good", states["MXgood.test"])
        self.assertEqual("good", states["TXTgood.test"])
        self.assertEqual("good", states["TXT_dmarc.good.test"])
        self.assertEqual("open", good["port_25"]["state"])
        states = {each["type"] + each["name"]: each["state"] for each in bad["records"]}
        self.assertEqual(("differs", "differs", "missing"),
                         (states["MXbad.test"], states["TXTbad.test"],
                          states["TXT_dmarc.bad.test"]))
        self.assertEqual("unknown", bad["port_25"]["state"])
        self.assertIn("no domain name", self.gateway.postern("dns-check", "a..b", status=1).stderr)

    def test_the_log_is_there(self):
        lines = self.answer("log", "--filter", "event=app.ready")["lines"]
        self.assertEqual(1, len(lines), lines)


if __name__ == "__main__":
    main()
