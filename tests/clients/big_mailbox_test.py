"""mbsync and a mailbox of many messages: the first run fetches all, the second finds nothing to do,
and the gateway's memory stays flat while they run. Then all of them are sorted and put in threads.

POSTERN_BIG_MAILBOX says how many: 20,000 unless it is set. The messages are put into the Maildir by
hand, as another program would; the first SELECT makes them known. What was measured is printed.
"""
import os
import re
import threading
import time

from harness import BOB, PASSWORD, ClientTest, main, message, need
from wire import imap as wire_imap

COUNT = int(os.environ.get("POSTERN_BIG_MAILBOX") or 20_000)
SAMPLE_INTERVAL_S = 0.1
# Index and file name together (the store's aim is 96), with the room a growing table needs.
BYTES_A_MESSAGE_MAX = 400
# What a session may cost beyond the table, however many messages it fetches.
SESSION_BYTES_MAX = 24 * 1024 * 1024


def memory_bytes(pid):
    """What the process alone occupies: anonymous memory, from the kernel's own summary."""
    with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as file:
        return int(re.search(r"^Anonymous: *(\d+) kB", file.read(), re.MULTILINE).group(1)) * 1024


class Sampler:
    """The highest memory use while it runs."""

    def __init__(self, pid):
        self.pid, self.highest = pid, 0
        self.ended = threading.Event()
        self.thread = threading.Thread(target=self._run)

    def _run(self):
        while not self.ended.wait(SAMPLE_INTERVAL_S):
            self.highest = max(self.highest, memory_bytes(self.pid))

    def __enter__(self):
        self.highest = memory_bytes(self.pid)
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.ended.set()
        self.thread.join()


class BigMailbox(ClientTest):
    def timed(self, what, function):
        began = time.monotonic()
        with Sampler(self.gateway.pid) as sampler:
            result = function()
        after = memory_bytes(self.gateway.pid)
        print(f"{what}: {time.monotonic() - began:.1f} s, memory {after >> 10} KiB, "
              f"highest {sampler.highest >> 10} KiB", flush=True)
        self.highest, self.after = sampler.highest, after
        return result

    def fill(self):
        """Messages of about 1 KB in new/ of a folder."""
        with self.gateway.imap() as imap:
            self.assertEqual("OK", imap.create("Big")[0])
        [place] = [os.path.join(root, ".Big", "new")
                   for root, directories, _ in os.walk(self.gateway.path("data"))
                   if ".Big" in directories]
        filling = "a line of text that fills a message up\r\n" * 20
        for number in range(COUNT):
            with open(os.path.join(place, f"{1700000000 + number}.M{number}.other"), "w",
                      encoding="ascii", newline="") as file:
                file.write(message(f"big {number}", filling))

    def config(self):
        local = self.gateway.path("local")
        os.makedirs(local, exist_ok=True)
        return self.gateway.write(
            "mbsyncrc", f"FSync no\nIMAPAccount bob\nHost localhost\n"
            f"Port {self.gateway.port['imaps']}\nUser {BOB}\nPass {PASSWORD}\nSSLType IMAPS\n"
            f"AuthMechs PLAIN\nCertificateFile {self.gateway.certificate()}\n\n"
            "IMAPStore far\nAccount bob\n\n"
            f"MaildirStore near\nPath {local}/\nInbox {local}/INBOX\nSubFolders Verbatim\n\n"
            "Channel big\nFar :far:\nNear :near:\nPatterns Big\nCreate Near\nSync All\n"
            "SyncState *\n")

    def mbsync(self):
        self.gateway.run(["mbsync", "-q", "-c", self.config(), "big"], timeout=1500)

    def select(self):
        with self.gateway.imap() as imap:
            imap.socket().settimeout(600)
            return imap.select("Big", readonly=True)

    def order(self, command):
        with wire_imap(self.gateway, mailbox="Big") as wire:
            wire.socket.settimeout(600)
            status, lines = wire.command(command)
            self.assertEqual("OK", status, lines[-1])
            return lines[-2]

    def local_count(self):
        local = os.path.join(self.gateway.path("local"), "Big")
        return sum(len(os.listdir(os.path.join(local, part))) for part in ("new", "cur"))

    def test_first_and_second_synchronisation(self):
        print(f"\n{COUNT} messages")
        start = memory_bytes(self.gateway.pid)
        self.fill()
        self.assertEqual(("OK", [str(COUNT).encode()]), self.timed("first SELECT", self.select))
        table = start + COUNT * BYTES_A_MESSAGE_MAX
        self.assertLess(self.after, table + SESSION_BYTES_MAX)
        self.timed("first mbsync", self.mbsync)
        self.assertEqual(COUNT, self.local_count())
        self.assertLess(self.highest, table + SESSION_BYTES_MAX)
        first = self.highest
        self.timed("second mbsync", self.mbsync)
        self.assertEqual(COUNT, self.local_count())
        self.assertLess(self.highest, first + SESSION_BYTES_MAX)
        first = self.timed("SORT", lambda: self.order(
            "SORT RETURN (COUNT PARTIAL 1:2) (SUBJECT REVERSE DATE) UTF-8 ALL"))
        self.assertIn(f"COUNT {COUNT}", first)
        threads = self.timed("THREAD", lambda: self.order("THREAD REFERENCES UTF-8 ALL"))
        self.assertEqual(COUNT, len(re.findall(r"\d+", threads)))
        with self.gateway.imap() as imap:
            imap.select("Big")
            imap.store("1", "+FLAGS.SILENT", r"(\Flagged)")
            imap.append("Big", None, None, message("big new").encode())
        self.timed("mbsync of a flag and a message", self.mbsync)
        self.assertEqual(COUNT + 1, self.local_count())


if __name__ == "__main__":
    need("mbsync")
    main()
