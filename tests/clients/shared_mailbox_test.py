"""Two users at work on one mailbox (RFC 4314), as imaplib sees it: the gateway has its default
number of shards, so the two may well be at home on different ones.
"""
import imaplib

from harness import ALICE, BOB, ClientTest, main, message
from wire import imap


class SharedMailbox(ClientTest):
    def test_two_users_work_on_one_mailbox(self):
        for owner, guest in ((ALICE, BOB), (BOB, ALICE)):
            with self.subTest(owner=owner):
                self.work_together(owner, guest)

    def work_together(self, owner, guest):
        shared = f"Shared/{owner}/Team"
        with self.gateway.imap(owner) as mine, self.gateway.imap(guest) as theirs:
            self.assertIn("ACL", theirs.capability()[1][0].decode().split())
            mine.create("Team")
            self.assertEqual("NO", theirs.select(shared)[0])
            self.assertNotIn(shared, self.names(theirs))
            self.assertEqual("OK", mine.setacl("Team", guest, "lrswite")[0])
            self.assertIn(guest.encode(), mine.getacl("Team")[1][0])
            self.assertIn(b"lrswited", theirs.myrights(shared)[1][0])
            self.assertIn(shared, self.names(theirs))
            mine.append("Team", None, None, message("one").encode())
            self.assertEqual([b"1"], theirs.select(shared)[1])
            self.assertEqual([b"1"], mine.select("Team")[1])
            theirs.store("1", "+FLAGS", r"(\Flagged)")
            self.assertEqual([b"1"], mine.search(None, "FLAGGED")[1])
            text = message("two").encode()
            self.assertEqual("OK", theirs.append(shared, r"(\Seen)", None, text)[0])
            mine.noop()
            self.assertEqual(text, self.body(mine, "2"))
            self.assertEqual(text, self.body(theirs, "2"))
            mine.store("1", "+FLAGS", r"(\Deleted)")
            mine.expunge()
            theirs.noop()
            self.assertEqual([b"1"], theirs.search(None, "ALL")[1])
            self.assertEqual("OK", theirs.uid("MOVE", "2", "Archive")[0])
            mine.noop()
            self.assertEqual([b""], mine.search(None, "ALL")[1])
            self.assertEqual("OK", mine.deleteacl("Team", guest)[0])
            with self.assertRaises(imaplib.IMAP4.abort):
                theirs.noop()
                theirs.noop()
            theirs.shutdown()
            theirs.state = "LOGOUT"

    @staticmethod
    def body(client, number):
        """Answers about flags may come among the others."""
        data = client.fetch(number, "(BODY.PEEK[])")[1]
        return next(part[1] for part in data if isinstance(part, tuple))

    @staticmethod
    def names(client):
        return " ".join(line.decode() for line in client.list()[1])

    def test_a_delivery_is_told_to_both(self):
        with self.gateway.imap(BOB) as mine:
            mine.setacl("INBOX", ALICE, "lr")
        with imap(self.gateway, BOB, "INBOX") as bob, \
                imap(self.gateway, ALICE, f"Shared/{BOB}/INBOX") as alice:
            for wire in (bob, alice):
                wire.send("i IDLE\r\n")
                wire.expect("+ ")
            self.gateway.send(message("for both"))
            for wire in (bob, alice):
                wire.expect("* 1 EXISTS")


if __name__ == "__main__":
    main()
