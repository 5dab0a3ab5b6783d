"""`postern backup` and `postern restore`: a gateway is backed up while mail arrives, again with
what is new, wiped, and restored into another: mail, flags, UIDs, folders, passwords are the same.
"""
import glob
import json
import os
import re
import shutil
import threading
import unittest

from harness import ALICE, BOB, BUILD, PASSWORD, Gateway, main, message, wait_until
from terminal import Terminal

CAROL = "carol@example.test"
CAROLS_PASSWORD = "a-password-of-her-own"
PASSPHRASE = "a passphrase to test with"
MAIL_BYTES = 20_000
POSTERN = os.path.join(BUILD, "src", "app", "postern")
ADMIN_PASSWORD = "console-secret"


class Backup(unittest.TestCase):
    def setUp(self):
        self.gateway = self.enterContext(Gateway())
        self.target = self.gateway.path("stick")
        os.mkdir(self.target)
        self.gateway.write("passphrase", PASSPHRASE + "\n")
        self.fill()
        self.backup("set", self.target, "--passphrase-file", self.gateway.path("passphrase"))

    def fill(self):
        gateway = self.gateway
        gateway.postern("account", "add", CAROL, text=CAROLS_PASSWORD + "\n")
        for number in range(60):
            gateway.send(message(f"first {number}", body=self.body(number)),
                         recipients=(BOB, CAROL) if number % 10 == 0 else (BOB,))
        with gateway.imap(BOB) as bob:
            for name in ("Work", "Work/2026", "Entw&APw-rfe"):
                bob.create(name)
                bob.subscribe(name)
            bob.setacl("Work", ALICE, "lr")
            bob.select("INBOX")
            keywords = " ".join(f"word{number}" for number in range(30))
            bob.store("2", "+FLAGS", rf"(\Flagged {keywords})")
            bob.store("3:9", "+FLAGS", r"(\Seen $Forwarded)")
            bob.copy("5:20", "Work")
            bob.uid("MOVE", "30:35", "Work/2026")
            bob.store("10", "+FLAGS", r"(\Deleted)")
            bob.expunge()
        # What a session has seen goes from new/ to cur/ within seconds; from then on names stay.
        [home] = [root for root, directories, _ in os.walk(gateway.path("data"))
                  if ".Work" in directories]
        wait_until(lambda: not os.listdir(os.path.join(home, "new")))

    @staticmethod
    def body(number):
        line = "".join(chr(33 + (number * 7919 + column * 31) % 90) for column in range(70))
        return (line + "\r\n") * (MAIL_BYTES // 72)

    def backup(self, *words, gateway=None, status=0):
        """The answer: its last line, below those of the progress."""
        gateway = gateway or self.gateway
        done = gateway.postern("--json", "backup", "--config", gateway.path("postern.toml"),
                               *words, status=status)
        return json.loads(done.stdout.splitlines()[-1])

    def restore(self, gateway, *words, status=0, text=None):
        return gateway.postern("restore", self.target, "--config", gateway.path("postern.toml"),
                               "--passphrase-file", self.gateway.path("passphrase"), *words,
                               status=status, text=text)

    @staticmethod
    def seen(gateway, user, password):
        """Of every mailbox: UIDVALIDITY, and for each UID its flags and bytes."""
        everything = {}
        with gateway.imap(user, password) as imap:
            _, lines = imap.list()
            names = [re.search(rb' "?/"? "?([^"]+)"?$', line).group(1).decode() for line in lines]
            everything["subscribed"] = sorted(imap.lsub()[1])
            for name in names:
                status, _ = imap.select(f'"{name}"', readonly=True)
                if status != "OK":
                    continue
                validity = imap.response("UIDVALIDITY")[1]
                _, data = imap.uid("FETCH", "1:*", "(FLAGS INTERNALDATE BODY.PEEK[])")
                everything[name] = (validity, Backup.messages(data))
        return everything

    @staticmethod
    def messages(data):
        found = {}
        for part in data:
            if not isinstance(part, tuple):
                continue
            uid = int(re.search(rb"UID (\d+)", part[0]).group(1))
            flags = set(re.search(rb"FLAGS \(([^)]*)\)", part[0]).group(1).split())
            date = re.search(rb'INTERNALDATE "([^"]*)"', part[0]).group(1)
            found[uid] = (flags - {rb"\Recent"}, date, part[1])
        return found

    def assert_all_there(self, before, after):
        self.assertEqual(before["subscribed"], after["subscribed"])
        for name, there in before.items():
            if name == "subscribed":
                continue
            validity, messages = there
            self.assertEqual(validity, after[name][0], name)
            for uid, (flags, date, text) in messages.items():
                self.assertIn(uid, after[name][1], name)
                self.assertEqual((flags, date), after[name][1][uid][:2], (name, uid))
                self.assertEqual(text, after[name][1][uid][2], (name, uid))

    def back_up_while_mail_arrives(self):
        ended = threading.Event()

        def send():
            for number in range(1_000):
                if ended.is_set():
                    return
                self.gateway.send(message(f"meanwhile {number}", body=self.body(number)))

        sender = threading.Thread(target=send)
        sender.start()
        try:
            return [self.backup("run") for _ in range(3)]
        finally:
            ended.set()
            sender.join()

    def test_everything_comes_back(self):
        first = self.back_up_while_mail_arrives()[0]
        self.assertGreaterEqual(first["new_messages"], 60)
        self.backup("run")
        nothing = self.backup("run")
        self.assertEqual(0, nothing["new_messages"])
        for number in range(3):
            self.gateway.send(message(f"second {number}", body=self.body(100 + number)))
        second = self.backup("run")
        self.assertEqual(3, second["new_messages"])
        # Proportional to what is new: three messages, two pages of names, an index or two.
        self.assertLess(second["written_bytes"], 3 * MAIL_BYTES + 60_000)
        self.assertLess(second["written_bytes"], first["written_bytes"])
        verified = self.backup("verify", "--all")
        self.assertEqual([], verified["problems"])
        self.assertEqual(second["messages"], verified["messages"])
        self.assertEqual(verified["messages"], verified["compared_files"])

        users = ((BOB, PASSWORD), (CAROL, CAROLS_PASSWORD))
        before = [self.seen(self.gateway, *user) for user in users]
        self.backup("run")
        self.gateway.stop()
        shutil.rmtree(self.gateway.path("data"))
        os.unlink(self.gateway.path("postern.toml"))

        fresh = self.enterContext(Gateway())
        self.refuses_while_it_runs(fresh)
        fresh.stop()
        self.asks_before(fresh)
        done = self.restore(fresh, "--yes")
        self.assertIn("Restored", done.stdout)
        fresh.start()
        for user, there in zip(users, before):
            self.assert_all_there(there, self.seen(fresh, *user))
        self.gives_no_uid_again(fresh, before[0])

    def refuses_while_it_runs(self, gateway):
        done = self.restore(gateway, "--yes", status=1)
        self.assertIn("the gateway is running", done.stderr)
        self.gateway.write("wrong", "not the passphrase\n")
        done = gateway.postern("restore", self.target, "--config", gateway.path("postern.toml"),
                               "--passphrase-file", self.gateway.path("wrong"), status=1)
        self.assertIn("the passphrase does not open this backup", done.stderr)

    def asks_before(self, gateway):
        done = self.restore(gateway, text="no\n", status=2)
        self.assertIn("nothing was changed", done.stderr)
        self.assertRegex(done.stdout, r"carol@example\.test +no account +6\n")
        plan = json.loads(self.restore(gateway, "--dry-run", "--json").stdout)
        accounts = {row["address"]: row for row in plan["accounts"]}
        self.assertIsNone(accounts[CAROL]["messages_now"])
        self.assertEqual(6, accounts[CAROL]["messages_restored"])
        self.assertFalse(plan["settings_restored"])

    def gives_no_uid_again(self, gateway, before):
        highest = max(before["INBOX"][1])
        gateway.send(message("after"))
        uids = self.seen(gateway, BOB, PASSWORD)["INBOX"][1]
        self.assertGreater(max(uids), highest + 100_000)

    def test_a_part_comes_back_while_the_gateway_runs(self):
        before = self.seen(self.gateway, BOB, PASSWORD)
        # A message by itself comes back with the flags of its file's name, which follow in seconds.
        names = os.path.join(self.gateway.path("data"), "**", "cur", "*,U=[3-9]:2,*S*")
        wait_until(lambda: len(glob.glob(names, recursive=True)) >= 7)
        self.backup("run")
        with self.gateway.imap(BOB) as bob:
            bob.select("INBOX")
            bob.store("4,6", "+FLAGS", r"(\Deleted)")
            bob.expunge()
            bob.select("INBOX")
            bob.delete("Work/2026")
        gone = sorted(set(before["INBOX"][1]) - set(self.seen(self.gateway, BOB, PASSWORD)
                                                    ["INBOX"][1]))
        self.assertEqual(2, len(gone))
        listed = self.gateway.postern(
            "--json", "restore", "--config", self.gateway.path("postern.toml"), "--account", BOB,
            "--mailbox", "INBOX", "--list")
        there = {row["uid"]: row["there"] for row in json.loads(listed.stdout)["messages"]}
        self.assertEqual(set(before["INBOX"][1]), set(there))
        self.assertEqual(gone, sorted(uid for uid in there if not there[uid]))
        self.restore_part("--mailbox", "INBOX", "--message", str(gone[0]), restored=1)
        self.restore_part("--mailbox", "INBOX", "--message", str(gone[0] + 10_000), status=1)
        self.restore_part(restored=7)
        self.restore_part(restored=0)
        after = self.seen(self.gateway, BOB, PASSWORD)
        self.assertEqual(before["Work/2026"], after["Work/2026"])
        texts = sorted(text for _, _, text in after["INBOX"][1].values())
        for uid in gone:
            flags, date, text = before["INBOX"][1][uid]
            self.assertIn((flags, date, text), after["INBOX"][1].values())
            self.assertIn(text, texts)

    def restore_part(self, *words, restored=0, status=0):
        done = self.gateway.postern(
            "--json", "restore", "--config", self.gateway.path("postern.toml"), "--account", BOB,
            "--yes", *words, status=status)
        answer = json.loads(done.stdout.splitlines()[-1])
        self.assertEqual(status == 0, answer["ok"])
        self.assertEqual(restored, answer.get("restored", 0))

    def test_from_the_console(self):
        self.gateway.postern("admin", "password", text=ADMIN_PASSWORD + "\n")
        command = [POSTERN, "--socket", self.gateway.control_socket]
        environment = {"POSTERN_CONFIG": self.gateway.path("postern.toml")}
        terminal = self.enterContext(Terminal(self.gateway, command, environment, 24, 80))
        terminal.expect(r"imaps \S+:\d+ ").expect("Backup +never, verified never")
        terminal.expect("Enter Log in").type("\r")
        terminal.expect("Administrator password[ _]").type(ADMIN_PASSWORD + "\r")
        terminal.expect("9  Backups").type("9").expect("Every night at +03:00")
        terminal.type("1").expect(r"well: backup 1\s+\d+ messages")
        terminal.type("2").expect(r"well: \d+ messages brought")
        with self.gateway.imap(BOB) as bob:
            bob.select("Work")
            bob.store("1:3", "+FLAGS", r"(\Deleted)")
            bob.expunge()
        terminal.type("3").expect(r" 1 +\d+-(.|\n)*P A part").type("p").expect("UID|Mailbox")
        terminal.type(f"{BOB}\rWork\r\r").expect(r"Work: 3 come back, 13 are there(.|\n)*Do it")
        terminal.type("y").expect("3 messages are back")
        self.assertEqual(16, len(self.seen(self.gateway, BOB, PASSWORD)["Work"][1]))
        self.choose_a_message(terminal)
        terminal.type("4").expect("Nothing: stays as it is").type("\r\r\r25:00\r\r")
        terminal.expect("a time is as 03:00").type("\x1b[A" + "\x7f" * 5 + "4:30\r\r")
        terminal.expect(r"Every night at +04:30")
        self.assertEqual("04:30", self.backup("show")["time"])
        terminal.type("3").expect(r" 1 +\d+-(.|\n)*P A part")
        terminal.type("\r").expect("takes the place of everything")
        terminal.type("n").expect(r" 1 +\d+-(.|\n)*P A part")

    def choose_a_message(self, terminal):
        """Without its UID: by the lists of accounts, mailboxes and messages."""
        with self.gateway.imap(BOB) as bob:
            bob.select("Work")
            bob.uid("STORE", "16", "+FLAGS", r"(\Deleted)")
            bob.expunge()
        terminal.type("3").expect(r" 1 +\d+-(.|\n)*C Choose").type("c")
        terminal.expect(BOB.replace(".", r"\.")).type("\r").expect(r"Work +1 +\d+")
        terminal.type("\x1b[F\x1b[A").type("\r").expect(r" 16 +20\d\d-\S+ \S+ +\S+K ")
        terminal.type("\r").expect(r"Work: 1 come back(.|\n)*Do it").type("y")
        terminal.expect("The restore has ended: 1 messages are back")

    def test_damage_is_found(self):
        self.backup("run")
        packs = os.path.join(self.target, "packs")
        name = os.path.join(packs, sorted(os.listdir(packs))[0])
        with open(name, "r+b") as pack:
            pack.seek(os.path.getsize(name) // 2)
            byte = pack.read(1)
            pack.seek(-1, os.SEEK_CUR)
            pack.write(bytes([byte[0] ^ 1]))
        found = self.backup("verify", "--all", status=1)
        self.assertNotEqual([], found["problems"])
        status = self.backup("show")
        self.assertFalse(status["verify"]["ok"])
        self.assertTrue(status["run"]["ok"])

    def test_a_stick_that_is_gone_is_said(self):
        self.backup("run")
        os.rename(self.target, self.target + ".away")
        answer = self.backup("run", status=1)
        self.assertEqual("not_found", answer["reason"])
        self.assertFalse(self.backup("show")["run"]["ok"])
        os.rename(self.target + ".away", self.target)
        self.assertEqual(0, self.backup("run")["new_messages"])


if __name__ == "__main__":
    main()
