"""`postern queue` on a running gateway: what waits is listed, shown, held, released, tried again,
returned, deleted, by id, sender, recipient and domain; destinations are suspended over a restart.
"""
import json
import unittest

from harness import ALICE, BOB, Gateway, main, message, wait_until
from sink import Sink

CAROL, DAN, EVE = "carol@remote.test", "dan@remote.test", "eve@other.test"
LATER = "451 4.3.0 not now"
TAKEN = "250 2.0.0 taken"


class Queue(unittest.TestCase):
    def setUp(self):
        self.sink = self.enterContext(Sink([LATER]))
        self.destination = f"host:127.0.0.1:{self.sink.port}"
        self.gateway = self.enterContext(
            Gateway([self.sink.route("*"), "queue.first_retry_s=3600"]))
        for subject, sender, recipients in (("one", ALICE, [CAROL, DAN]), ("two", BOB, [EVE])):
            self.gateway.send(message(subject, sender=sender), sender, recipients)
        wait_until(lambda: len(self.sink.messages) == 2)
        wait_until(lambda: all(entry["attempts"] == 1 for entry in self.list()))

    def queue(self, *words, status=0):
        return self.gateway.postern("queue", *words, status=status)

    def list(self, *words):
        return json.loads(self.queue("list", "--json", *words).stdout)["entries"]

    def do(self, *words):
        """How many entries were dealt with."""
        answer = json.loads(self.queue(*words, "--json").stdout)
        self.assertEqual(0, answer["failed"])
        return answer["matched"]

    def events(self, what):
        found = json.loads(self.gateway.postern("trace", "--json", what).stdout)["messages"]
        return [event["event"] for each in found for event in each["events"]]

    def test_what_waits(self):
        one, two = sorted(self.list(), key=lambda entry: entry["from"])  # of the same second
        self.assertEqual([ALICE, BOB], [one["from"], two["from"]])
        self.assertEqual([CAROL, DAN], [each["address"] for each in one["recipients"]])
        self.assertEqual(LATER, one["recipients"][0]["reply"])
        self.assertEqual(self.destination, one["destination"])
        for words in (["--from", ALICE.upper()], ["--to", DAN], ["--domain", "Remote.Test"],
                      [one["id"]], [one["id"].lower()]):
            with self.subTest(words=words):
                self.assertEqual([one["id"]], [entry["id"] for entry in self.list(*words)])
        self.assertEqual([], self.list("--to", "nobody@remote.test"))
        text = self.queue("list").stdout
        self.assertRegex(text, rf"{one['id']}  waiting .*{ALICE}  {CAROL} \+1  {LATER}")
        shown = self.queue("show", one["id"]).stdout
        self.assertRegex(shown, rf"{DAN} +pending +4\.3\.0 +127\.0\.0\.1 +{LATER}")
        self.assertEqual("no such entry\n", self.queue("show", "0000000000000").stdout)

    def test_mistakes_are_told(self):
        self.assertIn("say which", self.queue("delete", status=1).stderr)
        self.assertIn("bad field", self.queue("retry", "not-an-id", status=1).stderr)
        self.assertIn("must be a domain or a route",
                      self.queue("suspend", "host:nowhere", status=1).stderr)
        self.assertEqual(2, len(self.list()))

    def test_held_released_and_delivered(self):
        self.sink.answers = [TAKEN]
        self.assertEqual(1, self.do("hold", "--to", CAROL, "--reason", "looks odd"))
        self.assertEqual(2, self.do("retry", "--all"))
        wait_until(lambda: len(self.list()) == 1)
        (held,) = self.list()
        self.assertEqual(("held", "looks odd"), (held["state"], held["reason"]))
        self.assertEqual(3, len(self.sink.messages))
        self.assertEqual(1, self.do("release", held["id"]))
        wait_until(lambda: not self.list())
        self.assertEqual(["accepted", "queued", "deferred", "deferred", "held", "released",
                          "delivered", "delivered"], self.events(CAROL))
        self.assertEqual("nothing\n", self.queue("list").stdout)

    def test_returned_to_the_sender_now(self):
        self.gateway.empty(ALICE)
        self.assertEqual(1, self.do("bounce", "--from", ALICE))
        wait_until(lambda: len(self.list()) == 1)
        (report,) = self.gateway.inbox(ALICE)
        for words in (b"multipart/report", CAROL.encode(), DAN.encode(), LATER.encode(),
                      b"The administrator has returned it."):
            self.assertIn(words, report)
        events = self.events(CAROL)
        self.assertEqual(["reported", "failed", "failed"], events[-3:], events)

    def test_deleted_without_a_word(self):
        self.assertEqual(1, self.do("delete", "--domain", "other.test"))
        self.assertEqual([ALICE], [entry["from"] for entry in self.list()])
        self.assertEqual("deleted", self.events(EVE)[-1])
        self.assertFalse(any(b"multipart/report" in each for each in self.gateway.inbox(BOB)))

    def test_a_suspension_outlives_the_daemon(self):
        self.sink.answers = [TAKEN]
        self.queue("suspend", self.destination)
        self.assertEqual(2, self.do("retry", "--all"))
        self.gateway.stop()
        self.gateway.start()
        wait_until(lambda: len(self.list()) == 2)
        shown = json.loads(self.queue("destinations", "--json").stdout)["destinations"]
        self.assertEqual([(self.destination, True)],
                         [(each["destination"], each["suspended"]) for each in shown])
        self.assertEqual(2, self.do("retry", "--all"))
        self.assertEqual(2, len(self.list()))
        self.assertEqual(2, len(self.sink.messages))
        self.queue("resume", self.destination)
        self.do("retry", "--all")
        wait_until(lambda: not self.list())
        self.assertEqual(4, len(self.sink.messages))


if __name__ == "__main__":
    main()
