"""Thunderbird: accounts are set up, folders seen, a message with an attachment sent, read,
answered, flagged, moved and deleted; by IMAP and submission with STARTTLS and with TLS, then POP3.

Each step ends with a picture in the work directory, or in POSTERN_SCREENSHOTS when that is set
(the work directory goes away when all is well), and with a look at the server by another client.
"""
import base64
import email
import os
import ssl

from harness import ALICE, BOB, HOST, PASSWORD, ClientTest, main, message, need, wait_until
from marionette import Display, Thunderbird

SPECIAL_FOLDERS = {"Sent": "sent", "Drafts": "drafts", "Trash": "trash", "Junk": "junk",
                   "Archive": "archive"}
SUBJECT = "Отчёт with an attachment"
ATTACHMENT = "отчёт 1.bin"


class ThunderbirdTest(ClientTest):
    def setUp(self):
        super().setUp()
        self.pictures = 0
        self.display = self.enterContext(Display())

    def start(self):
        return Thunderbird(self.gateway.path("thunderbird"), self.display)

    def picture(self, name, kind="mail:3pane"):
        self.pictures += 1
        place = os.environ.get("POSTERN_SCREENSHOTS") or self.gateway.path("screenshots")
        self.thunderbird.screenshot(os.path.join(place, f"{self.pictures:02}-{name}.png"), kind)

    def on_server(self, user, mailbox, criterion="ALL"):
        """How many messages of a mailbox meet a criterion."""
        with self.gateway.imap(user) as imap:
            self.assertEqual("OK", imap.select(mailbox, readonly=True)[0])
            return len(imap.search(None, criterion)[1][0].split())

    def wait_for_server(self, count, *question):
        wait_until(lambda: self.on_server(*question) == count, 60)

    def make_account(self, address, kind, incoming, outgoing):
        port, security = self.gateway.port, {True: "STARTTLS", False: "TLS"}
        self.thunderbird.call("make_account", {
            "name": address.split("@")[0].title(), "address": address, "password": PASSWORD,
            "host": HOST,
            "incoming": {"type": kind, "port": port[incoming],
                         "security": security[not incoming.endswith("s")]},
            "outgoing": {"port": port[outgoing], "security": security[not outgoing.endswith("s")]},
        })

    def open(self, *folder):
        self.thunderbird.until("open_folder", *folder)

    def send(self):
        self.thunderbird.call("send_now")
        self.thunderbird.until("not_composing")

    def test_a_day_with_thunderbird(self):
        with self.start() as self.thunderbird:
            self.set_up()
            self.write()
            self.read()
            self.answer()
            self.arrange()
            self.fetch_by_pop3()
        with self.start() as self.thunderbird:
            self.come_back()
        told = [line for line in self.gateway.log().splitlines() if "level=info" not in line]
        self.assertEqual([], told)

    # --- the steps ----------------------------------------------------------------------------

    def set_up(self):
        certificate = ssl.PEM_cert_to_DER_cert(
            ssl.get_server_certificate((HOST, self.gateway.port["imaps"])))
        self.thunderbird.call("trust", HOST, list(self.gateway.port.values()),
                              base64.b64encode(certificate).decode())
        self.make_account(ALICE, "imap", "imap", "submission")
        self.open(ALICE, "imap", "INBOX")
        self.picture("account")
        wait_until(lambda: SPECIAL_FOLDERS.items() <=
                   self.thunderbird.call("folders", ALICE, "imap").items())
        self.thunderbird.call("make_folder", ALICE, "imap", "Projekte äöü")
        self.open(ALICE, "imap", "Projekte äöü")
        self.picture("folders")
        with self.gateway.imap(ALICE) as imap:
            self.assertIn(b'"Projekte &AOQA9gD8-"', b" ".join(imap.lsub()[1]))

    def write(self):
        self.content = os.urandom(70_000)
        attachment = self.gateway.path(ATTACHMENT)
        with open(attachment, "wb") as file:
            file.write(self.content)
        self.thunderbird.call("compose", ALICE, BOB, SUBJECT, "Hello Bob,\n.a dot\n..two\nprüft\n",
                              attachment)
        self.thunderbird.until("composing")
        self.picture("compose", "msgcompose")
        self.send()
        self.open(ALICE, "imap", "Sent")
        self.thunderbird.until("lists", SUBJECT)
        self.picture("sent")
        self.assert_is_the_message(self.gateway.inbox(ALICE, "Sent")[0])
        self.assert_is_the_message(self.gateway.inbox(BOB)[0])

    def assert_is_the_message(self, data):
        parts = [part for part in email.message_from_bytes(data).walk() if not part.is_multipart()]
        self.assertEqual(2, len(parts))
        self.assertEqual(self.content, parts[1].get_payload(decode=True))

    def read(self):
        self.make_account(BOB, "imap", "imaps", "submissions")
        self.open(BOB, "imap", "INBOX")
        self.thunderbird.until("lists", SUBJECT)
        self.thunderbird.until("select_message", SUBJECT)
        shown = self.thunderbird.until("shown", SUBJECT)
        self.picture("read")
        self.assertIn("Hello Bob,\n.a dot\n..two\nprüft", shown["text"])
        self.assertEqual([ATTACHMENT], shown["attachments"])
        saved = self.gateway.path("saved.bin")
        self.thunderbird.call("save_attachment", saved)
        # It says so before the file is written.
        wait_until(lambda: os.path.getsize(saved) >= len(self.content))
        with open(saved, "rb") as file:
            self.assertEqual(self.content, file.read())
        self.wait_for_server(1, BOB, "INBOX", "SEEN")

    def answer(self):
        self.open(BOB, "imap", "INBOX")
        self.thunderbird.call("reply")
        self.thunderbird.until("composing")
        self.picture("reply", "msgcompose")
        self.send()
        self.wait_for_server(1, BOB, "INBOX", "ANSWERED")
        self.open(ALICE, "imap", "INBOX")
        # Nobody asks for it: the server tells an idle connection.
        self.thunderbird.until("lists", f"Re: {SUBJECT}")
        self.thunderbird.until("select_message", f"Re: {SUBJECT}")
        self.assertIn("Alice wrote:\nHello Bob,\n.a dot\n..two",
                      self.thunderbird.until("shown", f"Re: {SUBJECT}")["text"])
        self.picture("answer-arrived")

    def arrange(self):
        self.open(BOB, "imap", "INBOX")
        self.thunderbird.until("select_message", SUBJECT)
        self.thunderbird.call("press", "cmd_markAsFlagged")
        self.thunderbird.call("press", "cmd_tag1")
        self.wait_for_server(1, BOB, "INBOX", "FLAGGED KEYWORD $label1")
        self.assertEqual([SUBJECT], self.thunderbird.call(
            "search_on_server", BOB, "imap", "INBOX", "prüft"))
        self.assertEqual([], self.thunderbird.call(
            "search_on_server", BOB, "imap", "INBOX", "nowhere"))
        self.picture("flagged")
        self.thunderbird.call("make_folder", BOB, "imap", "Kept")
        self.thunderbird.until("folder_is_there", BOB, "imap", "Kept")
        self.thunderbird.call("move_selected", BOB, "imap", "Kept")
        self.wait_for_server(1, BOB, "Kept", "FLAGGED KEYWORD $label1")
        self.open(BOB, "imap", "Kept")
        self.thunderbird.until("lists", SUBJECT)
        self.picture("moved")
        self.assertEqual(0, self.on_server(BOB, "INBOX"))
        self.thunderbird.until("select_message", SUBJECT)
        self.thunderbird.call("press", "cmd_deleteMessage")
        self.wait_for_server(1, BOB, "Trash")
        self.open(BOB, "imap", "Trash")
        self.thunderbird.until("lists", SUBJECT)
        self.picture("deleted")
        self.wait_for_server(0, BOB, "Kept", "UNDELETED")
        self.thunderbird.call("empty_trash", BOB, "imap")
        self.wait_for_server(0, BOB, "Trash")
        self.thunderbird.until("lists")

    def fetch_by_pop3(self):
        for number in range(3):
            self.gateway.send(message(f"popped {number}"))
        self.make_account(BOB, "pop3", "pop3", "submission")
        self.thunderbird.until("get_messages", BOB, "pop3")
        self.open(BOB, "pop3", "INBOX")
        self.thunderbird.until("lists", "popped 0", "popped 1", "popped 2")
        self.thunderbird.until("select_message", "popped 1")
        shown = self.thunderbird.until("shown", "popped 1")
        self.assertIn("Hello,\n.a dot\n..two\nbye", shown["text"].replace("\r", ""))
        self.picture("pop3")
        self.thunderbird.call("press", "cmd_deleteMessage")
        self.thunderbird.until("lists", "popped 0", "popped 2")
        self.thunderbird.until("get_messages", BOB, "pop3")  # deletes there what is deleted here
        self.wait_for_server(2, BOB, "INBOX")

    def until_it_lists(self, *subjects):
        """Thunderbird acts on what it is told in IDLE and in the answer to NOOP. What comes
        between, with the answer to a UID FETCH (an EXPUNGE may), it notes and acts on when it
        looks the next time: it is asked to then, as by "Get Messages".
        """
        try:
            self.thunderbird.until("lists", *subjects, timeout_s=30)
        except AssertionError:
            self.thunderbird.until("get_messages", ALICE, "imap")
            self.thunderbird.until("lists", *subjects)

    def come_back(self):
        """The next day: what was known is there, and what came meanwhile appears."""
        self.open(ALICE, "imap", "INBOX")
        self.thunderbird.until("lists", f"Re: {SUBJECT}")
        self.gateway.send(message("the next day"), sender=BOB, recipients=[ALICE])
        self.until_it_lists(f"Re: {SUBJECT}", "the next day")
        with self.gateway.imap(ALICE) as imap:
            imap.select("INBOX")
            imap.store("1", "+FLAGS.SILENT", r"(\Deleted)")
            imap.expunge()
        self.until_it_lists("the next day")
        self.picture("next-day")


if __name__ == "__main__":
    need("thunderbird", "Xvfb")
    main()
