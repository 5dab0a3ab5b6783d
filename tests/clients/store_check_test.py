"""`postern store check`, with the gateway running and without: damage is found, named and repaired,
and clients find the same UIDs afterwards.
"""
import glob
import os
import re
import unittest

from harness import ALICE, BOB, Gateway, main, message

WELL = "all is well\n"


class StoreCheck(unittest.TestCase):
    def setUp(self):
        self.gateway = self.enterContext(Gateway())
        for subject in ("one", "two", "three"):
            self.gateway.send(message(subject))
        with self.gateway.imap(BOB) as bob:
            bob.setacl("INBOX", ALICE, "lr")
            bob.select("INBOX")
            bob.store("2", "+FLAGS", r"(\Flagged Project)")
            bob.uid("STORE", "1", "+FLAGS", r"(\Deleted)")
            bob.expunge()

    def mailbox(self, *names):
        return os.path.join(self.gateway.path("data"), "accounts", "example.test", "bob", *names)

    def check(self, *words):
        """Exit status and words of a check without the gateway."""
        done = self.gateway.offline_check(*words)
        return done.returncode, done.stdout + (done.stderr if done.returncode else "")

    def seen(self):
        with self.gateway.imap(BOB) as bob:
            status, _ = bob.select("INBOX")
            self.assertEqual("OK", status)
            return bob.fetch("1:*", "(UID FLAGS BODY.PEEK[])")[1]

    def test_with_the_gateway(self):
        self.assertEqual(WELL, self.gateway.postern("store", "check").stdout)
        status, text = self.check()
        self.assertEqual(3, status)
        self.assertIn("in use by another posternd", text)
        os.unlink(os.path.join(self.gateway.path("data"), "shared", "example.test,bob"))
        found = self.gateway.postern("store", "check", BOB, status=1).stdout
        self.assertIn("no mark", found)
        self.assertEqual(WELL, self.gateway.postern("store", "check", "--repair").stdout)
        self.assertEqual(WELL, self.gateway.postern("store", "check").stdout)

    def test_without_it(self):
        before = self.seen()
        self.gateway.stop()
        self.assertEqual((0, WELL), self.check())
        self.assertEqual((0, WELL), self.check(BOB))
        self.assertIn("there is no account", self.check("nobody@example.test")[1])
        self.damage()
        first = self.check()
        self.assertEqual(1, first[0])
        for words in ("damaged index", "foreign file 1700000000.foreign", "no mark"):
            self.assertIn(words, first[1])
        self.assertEqual(first, self.check())  # a look changes nothing
        self.assertEqual((0, WELL), self.check(ALICE))
        self.assertEqual((0, WELL), self.check("--repair"))
        self.assertEqual((0, WELL), self.check())
        self.gateway.start()
        after = self.seen()
        self.assertEqual(before, after[:len(before)])
        foreign = re.search(rb"UID (\d+) ", after[len(before)][0])
        self.assertLess(3, int(foreign.group(1)))
        with self.gateway.imap(ALICE) as alice:
            self.assertEqual("OK", alice.select(f"Shared/{BOB}/INBOX", readonly=True)[0])

    def damage(self):
        with open(self.mailbox("postern.index"), "r+b") as index:
            index.seek(40)
            byte = index.read(1)
            index.seek(40)
            index.write(bytes([byte[0] ^ 1]))
        with open(self.mailbox("new", "1700000000.foreign"), "wb") as file:
            file.write(message("foreign").encode())
        os.unlink(os.path.join(self.gateway.path("data"), "shared", "example.test,bob"))

    def remembered(self):
        """What clients compare before they throw away what they have."""
        with self.gateway.imap(BOB) as bob:
            bob.select("INBOX")
            words = {name: bob.response(name)[1] for name in ("UIDVALIDITY", "MAILBOXID")}
            modseq = int(bob.response("HIGHESTMODSEQ")[1][0])
        pop3 = self.gateway.pop3()
        words["uidls"] = pop3.uidl()[1][:3]  # each start brings another message
        pop3.quit()
        return words, modseq

    def test_every_file_of_ours_lost(self):
        before, remembered = self.seen(), self.remembered()
        self.gateway.stop()
        lost = [path for path in glob.glob(self.mailbox("**", "postern.*"), recursive=True) +
                glob.glob(self.mailbox(".*", "postern.*"))
                if os.path.isfile(path) and not path.endswith((".acl", ".special-use"))]
        names = {os.path.basename(path) for path in lost}
        self.assertLessEqual({"postern.mailbox", "postern.index", "postern.facts",
                              "postern.keywords", "postern.account"}, names)
        for path in lost:
            os.unlink(path)
        self.gateway.start()
        after = self.remembered()
        self.assertEqual(remembered[0], after[0])
        self.assertLessEqual(remembered[1], after[1])
        self.assertEqual(before, self.seen()[:len(before)])
        self.assertIn("store.state_restored", self.gateway.log())
        self.gateway.stop()
        self.assertEqual((0, WELL), self.check())
        self.gateway.start()

    def test_what_is_the_messages_own_is_not_mended(self):
        self.gateway.stop()
        path = glob.glob(self.mailbox("cur", "*U=2*"))[0]
        with open(path, "r+b") as file:
            whole = file.read()
            file.truncate(10)
        for words in ((), ("--repair",)):
            status, text = self.check(*words)
            self.assertEqual(1, status)
            self.assertIn("wrong size", text)
        with open(path, "wb") as file:
            file.write(whole)


if __name__ == "__main__":
    main()
