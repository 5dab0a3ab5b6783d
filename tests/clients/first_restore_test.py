"""A machine without a domain becomes the one that a backup is of: from the console's first set-up,
and by the command of the appliance's seed, cut short and begun again. Passwords, mail, flags, UIDs,
aliases, quotas, the certificate and the configuration are those of the other machine.
"""
import json
import os
import shutil
import ssl
import subprocess
import time
import unittest

import backup_test
from harness import ALICE, BOB, BUILD, HOST, PASSWORD, Gateway, main, message
from terminal import Terminal

POSTERN = os.path.join(BUILD, "src", "app", "postern")
CAROL, CAROLS_PASSWORD = "carol@example.test", "a-password-of-her-own"
PASSPHRASE = "a passphrase to test with"
THERE, HERE = "admin-of-the-other", "admin-of-this-one"
CONFIG_MARK = "# as it was on the other machine\n"
CUTS_MAX = 30
RIGHT, ESCAPE = "\x1b[C", "\x1b"
USERS = ((ALICE, PASSWORD), (BOB, PASSWORD), (CAROL, CAROLS_PASSWORD))


class FirstRestore(unittest.TestCase):
    def setUp(self):
        self.gateway = self.enterContext(Gateway())
        self.target = self.gateway.path("stick")
        os.mkdir(self.target)
        self.passphrase = self.gateway.write("passphrase", PASSPHRASE + "\n")
        self.fill()
        self.before, self.mail_before = self.known(), self.mail()
        with open(self.gateway.path("postern.toml"), "a", encoding="utf-8") as file:
            file.write(CONFIG_MARK)
        self.command("backup", "set", self.target, "--passphrase-file", self.passphrase)
        self.command("backup", "run")
        self.begin_anew()

    def fill(self):
        gateway = self.gateway
        gateway.postern("admin", "password", text=THERE + "\n")
        gateway.postern("account", "add", CAROL, text=CAROLS_PASSWORD + "\n")
        gateway.postern("account", "set-quota", CAROL, "--storage", "100M")
        gateway.postern("alias", "add", "all@example.test", BOB, CAROL)
        for number in range(40):
            gateway.send(message(f"mail {number}", body="line\r\n" * 200),
                         recipients=("all@example.test",))
        with gateway.imap(BOB) as bob:
            for name in ("Work", "Work/2026"):
                bob.create(name)
                bob.subscribe(name)
            bob.select("INBOX")
            bob.store("3:9", "+FLAGS", r"(\Seen \Flagged $Forwarded)")
            bob.uid("MOVE", "20:29", "Work/2026")

    def mail(self):
        return [backup_test.Backup.seen(self.gateway, *user) for user in USERS]

    def known(self):
        """What must be the same afterwards, besides mail."""
        accounts = json.loads(self.gateway.postern("account", "list", "--json").stdout)["accounts"]
        facts = [{name: value for name, value in account.items() if name != "usage"}
                 for account in accounts]
        facts += [self.gateway.postern(*words).stdout for words in (("alias", "list"),
                                                                    ("domain", "list"))]
        return [*facts, ssl.get_server_certificate((HOST, self.gateway.port["imaps"]))]

    def command(self, *words, status=0):
        """The last line of the answer; the configuration is that of this machine."""
        done = self.gateway.postern("--json", *words, "--config",
                                    self.gateway.path("postern.toml"), status=status)
        return json.loads(done.stdout.splitlines()[-1])

    def begin_anew(self):
        """The machine as it is flashed, with a password for its console."""
        self.gateway.stop()
        shutil.rmtree(self.gateway.path("data"))
        shutil.rmtree(self.gateway.path("backup"))
        self.gateway.start()
        for name in (ALICE, BOB):
            self.gateway.postern("account", "remove", name)
        self.gateway.postern("domain", "remove", "example.test")
        self.gateway.postern("admin", "password", text=HERE + "\n")

    def finish(self):
        """What the appliance does when the gateway starts again."""
        self.gateway.stop()
        self.assertTrue(self.command("restore", "--finish")["finished"])
        with open(self.gateway.path("postern.toml"), encoding="utf-8") as file:
            self.assertIn(CONFIG_MARK, file.read())
        self.gateway.start()

    def assert_all_back(self):
        self.assertEqual(self.before, self.known())
        for before, after in zip(self.mail_before, self.mail()):
            backup_test.Backup.assert_all_there(self, before, after)
        self.gateway.postern("admin", "check-password", text=THERE + "\n")
        self.gateway.postern("admin", "check-password", text=HERE + "\n", status=1)
        self.gateway.send(message("after"), recipients=("all@example.test",))
        self.assertEqual(self.target, self.command("backup", "show")["target"])
        self.assertEqual(2, self.command("backup", "run")["number"])
        self.assertFalse(os.path.exists(self.gateway.path("backup/restore")))

    def test_in_place_of_the_first_set_up(self):
        command = [POSTERN, "--socket", self.gateway.control_socket]
        environment = {"POSTERN_CONFIG": self.gateway.path("postern.toml")}
        terminal = self.enterContext(Terminal(self.gateway, command, environment, 24, 80))
        terminal.expect(r"imaps \S+:\d+ ").expect("Enter Set up this gateway").type("\r")
        terminal.expect(r"Administrator password[ _]").type(HERE + "\r")
        terminal.expect(r"\[a new machine\]").type("\r" + RIGHT).expect(r"\[a backup\]")
        terminal.type("\r").expect("This machine becomes the one")
        terminal.type(f"{self.gateway.path('home')}\r{PASSPHRASE}\r\r\r")
        terminal.expect(r"there is no backup in \S+/home")
        # On the last field: three up.
        terminal.type("\x1b[A" * 3 + "\x7f" * len(self.gateway.path("home")))
        terminal.type(f"{self.target}\r\r\r\r").expect(r" 1 +20\d\d-\d\d-\d\d ")
        terminal.type("\r").expect(r"bob@example\.test: comes with \d+ messages(.|\n)*Do it")
        self.assertIsNone(self.command("backup", "show")["target"])
        terminal.type("y").expect("The restore is ready(.|\n)*Then log in with the administrator")
        terminal.type(ESCAPE).expect("Enter Set up this gateway").type("q")
        self.assertEqual(0, terminal.end()[0])
        self.finish()
        self.assert_all_back()

    def restore_words(self):
        return [POSTERN, "--json", "restore", self.target, "--config",
                self.gateway.path("postern.toml"), "--passphrase-file", self.passphrase, "--yes",
                "--at-next-start", "--go-on"]

    def cut_short(self):
        """Ended somewhere between its first file and its last."""
        for _ in range(CUTS_MAX):
            with subprocess.Popen(self.restore_words(), stdout=subprocess.DEVNULL,
                                  start_new_session=True) as restore:
                while restore.poll() is None and not os.path.isdir(
                        self.gateway.path("data/restoring/data/accounts")):
                    time.sleep(0.001)
                restore.kill()
            if not os.path.exists(self.gateway.path("data/restored")):
                return
            shutil.rmtree(self.gateway.path("data/restored"))
        self.fail("it was never cut")

    def test_cut_short_and_begun_again(self):
        plan = self.command("restore", self.target, "--passphrase-file", self.passphrase,
                            "--dry-run")
        self.assertTrue(plan["settings_restored"])
        self.assertEqual([None] * 3, [account["messages_now"] for account in plan["accounts"]])
        self.assertNotIn("restored", os.listdir(self.gateway.path("data")))
        self.cut_short()
        self.assertIn("restoring", os.listdir(self.gateway.path("data")))
        self.assertIsNone(self.command("backup", "show")["target"])
        # Nothing has changed: the machine is as new, and goes on.
        self.gateway.stop()
        self.assertFalse(self.command("restore", "--finish")["finished"])
        self.gateway.run(self.restore_words())
        again = self.gateway.run(self.restore_words(), status=1)
        self.assertIn("an earlier restore waits to be finished", again.stdout)
        self.assertTrue(self.command("restore", "--finish")["finished"])
        self.gateway.start()
        self.assert_all_back()


if __name__ == "__main__":
    main()
