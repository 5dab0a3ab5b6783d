"""`postern trace`: one mail by swaks to a mailbox here and to a server elsewhere, one recipient
refused, read by IMAP; then what the administrator is told of it, as text and as JSON.
"""
import glob
import json
import os
import re
import unittest

from harness import ALICE, BOB, HOST, PASSWORD, Gateway, main, message, need, wait_until
from sink import Sink

REMOTE = "Carol.M@remote.test"
NOBODY = "nobody@example.test"
RUDE = "451 4.7.1 later \x1b[31mred\x07"
TAMED = "451 4.7.1 later ?[31mred?"  # by the SMTP client already
SUBJECT = "to be traced"
ID = "to.be.traced@example.test"
FAST = ("queue.first_retry_s=1", "queue.retry_max_s=1")


class Trace(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.sink = Sink([RUDE, "250 2.0.0 taken as 4711"])
        cls.sink.__enter__()
        cls.addClassCleanup(cls.sink.__exit__)
        cls.gateway = Gateway([cls.sink.route(), *FAST])
        cls.gateway.__enter__()
        cls.addClassCleanup(cls.gateway.__exit__, None, None, None)
        cls.gateway.empty(BOB)
        cls.send(message(SUBJECT), BOB, NOBODY, REMOTE)
        wait_until(lambda: len(cls.sink.messages) == 2)
        with cls.gateway.imap() as imap:
            imap.select("INBOX")
            imap.fetch("1", "(BODY.PEEK[HEADER])")
            imap.fetch("1", "(BODY.PEEK[])")
            imap.fetch("1", "(BODY[])")
        wait_until(lambda: "delivered" in [event["event"] for event in cls.only(ID)["events"]])

    @classmethod
    def send(cls, text, *recipients):
        return cls.gateway.run(
            ["swaks", "--server", HOST, "--port", str(cls.gateway.port["submission"]), "--tls",
             "--auth", "PLAIN", "--auth-user", ALICE, "--auth-password", PASSWORD, "--from", ALICE,
             "--to", ",".join(recipients), "--timeout", "30", "--data", text.removesuffix("\r\n")],
            status=None).stdout

    @classmethod
    def trace(cls, *words, status=0):
        return cls.gateway.postern("trace", *words, status=status)

    @classmethod
    def messages(cls, *words):
        return json.loads(cls.trace("--json", *words).stdout)["messages"]

    @classmethod
    def only(cls, *words):
        found = cls.messages(*words)
        assert len(found) == 1, found
        return found[0]

    def test_the_whole_life(self):
        events = self.only(ID)["events"]
        kinds = [event["event"] for event in events]
        self.assertEqual(["refused", "accepted", "filed", "queued", "deferred", "delivered"],
                         [kind for kind in kinds if kind != "read"])
        self.assertEqual(sorted(event["time_ms"] for event in events),
                         [event["time_ms"] for event in events])
        named = {event["event"]: event for event in events}
        refused, accepted = named["refused"], named["accepted"]
        self.assertEqual([NOBODY], refused["to"])
        self.assertEqual("RCPT", refused["command"])
        self.assertTrue(refused["reply"].startswith("550 5.1.1 "), refused)
        self.assertEqual([BOB, REMOTE], accepted["to"])
        self.assertEqual((ALICE, ALICE, HOST, "ESMTPSA"),
                         tuple(accepted[key] for key in ("from", "user", "peer", "protocol")))
        self.assertRegex(accepted["tls"], r"^TLSv1\.[23] \w+")
        self.assertEqual("<to.be.traced@example.test>", accepted["message_id"])
        self.assertGreater(int(accepted["size"]), len("Subject: " + SUBJECT))
        self.assertEqual((BOB, "INBOX"),
                         tuple(named["filed"][key] for key in ("user", "mailbox")))
        self.assertEqual([REMOTE], named["deferred"]["to"])
        self.assertEqual(TAMED, named["deferred"]["reply"])
        self.assertEqual("250 2.0.0 taken as 4711", named["delivered"]["reply"])

    def test_the_first_reading_only(self):
        reads = [event for event in self.only(ID)["events"] if event["event"] == "read"]
        self.assertEqual(1, len(reads), reads)
        self.assertEqual((BOB, "INBOX", "IMAP", HOST),
                         tuple(reads[0][key] for key in ("user", "mailbox", "protocol", "peer")))

    def test_found_by_each_of_its_names(self):
        there = self.only(ID)
        entry = next(event["entry"] for event in there["events"] if "entry" in event)
        names = (REMOTE.upper(), "bob", NOBODY, f"<{BOB}>", ALICE, f"<{ID}>", there["id"],
                 there["id"].lower(), entry)
        for name in names:
            with self.subTest(name=name):
                self.assertIn(there["id"], [each["id"] for each in self.messages(name)])
        self.assertIn(f"Queued as {there['id']}", self.gateway.log().replace('"', ""))

    def test_what_is_unknown(self):
        self.assertEqual([], self.messages("x@unknown.test"))
        self.assertEqual([], self.messages(BOB, "--since", "2199-01-01"))
        self.assertEqual("nothing is known of it\n", self.trace("x@unknown.test").stdout)
        self.assertRegex(self.trace(BOB, "--limit", "0", status=2).stderr, "1 (to|-) 10000")

    def test_text_holds_no_control_characters(self):
        text = self.trace(REMOTE).stdout
        self.assertNotRegex(text, r"[\x00-\x09\x0b-\x1f\x7f]")
        self.assertIn(TAMED, text)
        self.assertRegex(text, rf"  accepted   from <{ALICE}> to <{BOB}>, <{REMOTE}> by {HOST}")
        self.assertRegex(text, rf"  read       by {BOB} INBOX with IMAP")

    def test_a_refused_message_has_a_timeline(self):
        self.gateway.run(["swaks", "--server", HOST, "--port", str(self.gateway.port["smtp"]),
                          "--from", "spam@elsewhere.test", "--to", NOBODY, "--quit-after", "RCPT"],
                         status=None)
        there = self.only("spam@elsewhere.test")
        self.assertEqual(["refused"], [event["event"] for event in there["events"]])

    def test_pop3_reads_too(self):
        self.gateway.send(message("by POP3"))
        pop3 = self.gateway.pop3()
        count = len(pop3.list()[1])
        pop3.retr(count)
        pop3.retr(count)
        pop3.quit()
        events = self.only("by.POP3@example.test")["events"]
        self.assertEqual(["POP3"], [event["protocol"] for event in events
                                    if event["event"] == "read"])


class Administration(unittest.TestCase):
    def test_over_restarts_and_damage(self):
        with Gateway() as gateway:
            Trace.gateway = gateway
            for number in range(5):
                gateway.send(message(f"number {number}"))
            gateway.stop()
            for name in glob.glob(gateway.path("data/timeline/*.log")):
                with open(name, "r+b") as file:
                    data = file.read()
                    file.seek(0)
                    file.write(data.replace(b"number.2@", b"Number.2@") + b"PTL1 torn")
            gateway.start()
            gateway.send(message("number 5"))
            found = json.loads(Trace.trace("--json", ALICE).stdout)
            ids = "".join(event.get("message_id", "") for each in found["messages"]
                          for event in each["events"])
            self.assertEqual(set("01345"), set(re.findall(r"<number\.(\d)@", ids)))
            self.assertGreaterEqual(found["damaged"], 1)
            self.assertIn("damaged places were passed over", Trace.trace(ALICE).stdout)
            self.assertEqual(2, len(Trace.messages(BOB, "--limit", "2")))

    def test_switched_off(self):
        with Gateway(["timeline.days=0"]) as gateway:
            Trace.gateway = gateway
            gateway.send(message("unseen"))
            self.assertIn("timeline.days is 0", Trace.trace(BOB, status=1).stderr)
            self.assertFalse(os.path.exists(gateway.path("data/timeline")))


if __name__ == "__main__":
    need("swaks")
    main()
