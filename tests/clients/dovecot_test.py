"""Mail moves from a real Dovecot to the gateway and back: clients see the same UIDVALIDITY, UIDs,
flags, keywords, folders, subscriptions and UIDLs, and so download nothing again.
"""
import os
import re
import shutil
import tempfile
import unittest

from dovecot import Dovecot
from harness import BOB, Gateway, main, message

FOLDERS = ("INBOX", "Work.2024")


def picture(imap, separator):
    """What a client keeps: UIDVALIDITY, and of each message UID, flags and text."""
    seen = {}
    for folder in FOLDERS:
        name = folder.replace(".", separator)
        status, answer = imap.select(name, readonly=True)
        assert status == "OK", answer
        validity = int(imap.response("UIDVALIDITY")[1][0])
        _, data = imap.uid("FETCH", "1:*", "(UID FLAGS BODY.PEEK[])")
        messages = {}
        for part in data:
            if not isinstance(part, tuple):
                continue
            uid = int(re.search(rb"UID (\d+)", part[0]).group(1))
            flags = re.search(rb"FLAGS \(([^)]*)\)", part[0]).group(1).split()
            messages[uid] = (sorted(flag for flag in flags if flag != rb"\Recent"),
                             part[1].replace(b"\r\n", b"\n"))
        seen[folder] = (validity, messages)
    _, lines = imap.lsub('""', "*")
    wanted = [line for line in lines if line and b"2024" in line]
    seen["subscribed"] = len(wanted)
    return seen


def without_new(seen, before):
    """The gateway's own first message is not among what there was."""
    old = dict(seen)
    for folder in FOLDERS:
        validity, messages = seen[folder]
        old[folder] = (validity, {uid: messages.get(uid) for uid in before[folder][1]})
    return old


def unique_ids(pop3):
    ids = [line.split()[1] for line in pop3.uidl()[1]]
    pop3.quit()
    return ids


@unittest.skipUnless(shutil.which("dovecot") and os.getuid() == 0, "needs Dovecot, and root")
class Adoption(unittest.TestCase):
    def setUp(self):
        self.directory = tempfile.mkdtemp(prefix="postern-adoption-")
        self.addCleanup(shutil.rmtree, self.directory, True)
        self.maildir = os.path.join(self.directory, "data", "accounts", "example.test", "bob")

    def fill(self, dovecot):
        imap = dovecot.imap()
        imap.create("Work.2024")
        imap.subscribe("Work.2024")
        for number in range(6):
            for folder in FOLDERS:
                imap.append(folder, None, None, message(f"number {number}").encode())
        imap.select("INBOX")
        imap.store("2", "+FLAGS", r"(\Seen $Label1)")
        imap.store("3", "+FLAGS", r"(\Deleted)")
        imap.store("4", "+FLAGS", r"(\Answered \Flagged Work)")
        imap.expunge()
        imap.logout()

    def test_there_and_back(self):
        with Dovecot(self.maildir) as dovecot:
            self.fill(dovecot)
            before = picture(dovecot.imap(), ".")
            ids = unique_ids(dovecot.pop3())
        self.assertEqual([1, 2, 4, 5, 6], sorted(before["INBOX"][1]))
        with Gateway(directory=self.directory) as gateway:
            with gateway.imap(BOB) as imap:
                self.assertEqual(before, without_new(picture(imap, "/"), before))
            self.assertEqual(ids, unique_ids(gateway.pop3(BOB))[:len(ids)])
            gateway.send(message("from the gateway"))
            with gateway.imap(BOB) as imap:
                imap.select("INBOX")
                imap.uid("STORE", "1", "+FLAGS", r"(\Flagged $Label2)")
                after = picture(imap, "/")
            ids = unique_ids(gateway.pop3(BOB))
            self.assertEqual(7, len(ids))
            gateway.postern("store", "export-dovecot", BOB)
        with Dovecot(self.maildir) as dovecot:
            self.assertEqual(after, picture(dovecot.imap(), "."))
            self.assertEqual(ids, unique_ids(dovecot.pop3()))

    def test_keywords_past_the_letters(self):
        """Dovecot has letters for 26, and keeps what else stands in a name."""
        with Dovecot(self.maildir) as dovecot:
            self.fill(dovecot)
        labels = [f"$Label{number}" for number in range(1, 41)]
        with Gateway(directory=self.directory) as gateway:
            with gateway.imap(BOB) as imap:
                imap.select("INBOX")
                imap.uid("STORE", "1", "FLAGS", f"({' '.join(labels)})")
            gateway.postern("store", "export-dovecot", BOB)
        with Dovecot(self.maildir) as dovecot:
            imap = dovecot.imap()
            imap.select("INBOX")
            imap.uid("STORE", "1", "+FLAGS", r"(\Flagged)")
            imap.uid("STORE", "1", "-FLAGS", "($Label2)")
            imap.logout()
        with Gateway(directory=self.directory) as gateway:
            with gateway.imap(BOB) as imap:
                flags = picture(imap, "/")["INBOX"][1][1][0]
        labels.remove("$Label2")
        self.assertEqual(sorted(labels + ["\\Flagged"]), [flag.decode() for flag in flags])


if __name__ == "__main__":
    main()
