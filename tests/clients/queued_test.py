"""A gateway that starts with many messages in its queue: how soon the first is delivered, how soon
all are known, and how much memory it takes. What was measured is printed; memory has a limit.

POSTERN_QUEUED says how many entries: 100,000 unless it is set, of 250 destinations. One message is
queued as it should be, and its entries are copied under other names, as they were before anything
was attempted.
"""
import glob
import itertools
import json
import os
import re
import shutil
import time
import unittest

from harness import ALICE, Gateway, main, message, wait_until
from sink import Sink

COUNT = int(os.environ.get("POSTERN_QUEUED") or 100_000)
DESTINATIONS = 250
MEMORY_BYTES_MAX = 100 * 1024 * 1024
LINKS_MAX = 30_000  # of one file
LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
# Of /proc/PID/stat, behind the name: time in user space and in the kernel; when it started.
CPU_FIELDS, STARTED_FIELDS = (11, 12), (19,)


def entry_id(number):
    """13 digits of five bits; the first digit of the hexadecimal form names the directory."""
    number = number * 0x9E3779B97F4A7C15 % 2**64
    name = "".join(LETTERS[number >> shift & 31] for shift in range(60, -5, -5))
    return f"{number >> 60:x}", name


def seconds_of(pid, numbers):
    with open(f"/proc/{pid}/stat", encoding="ascii") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return sum(int(fields[number]) for number in numbers) / os.sysconf("SC_CLK_TCK")


def highest_memory_bytes(pid):
    with open(f"/proc/{pid}/status", encoding="ascii") as file:
        return int(re.search(r"^VmHWM:\s*(\d+) kB", file.read(), re.MULTILINE).group(1)) * 1024


class Queued(unittest.TestCase):
    def setUp(self):
        self.sink = self.enterContext(Sink(["451 4.3.0 not now"], address=""))
        routes = ", ".join(f'{{domain="d{i}.test", host="127.0.1.{i}", port={self.sink.port}}}'
                           for i in range(1, DESTINATIONS + 1))
        self.gateway = self.enterContext(Gateway([f"route=[{routes}]"]))

    def known(self):
        """How many entries the gateway knows."""
        shown = self.gateway.postern("queue", "destinations", "--json").stdout
        return sum(each["entries"] for each in json.loads(shown)["destinations"])

    def fill(self):
        self.gateway.send(message("waiting"), ALICE,
                          [f"carol@d{i}.test" for i in range(1, DESTINATIONS + 1)])
        wait_until(lambda: self.known() == DESTINATIONS)
        self.gateway.stop()
        (queue,) = [self.gateway.path(os.path.join(directory, "queue"))
                    for directory in ("data", "") if os.path.isdir(
                        self.gateway.path(os.path.join(directory, "queue")))]
        models = []
        for path in glob.glob(os.path.join(queue, "?", "*.env")):
            with open(path, "rb") as file:
                lines = [line for line in file
                         if line.split(b" ")[1] in (b"postern-queue-1", b"to")]
            models.append(b"".join(lines))
        self.assertEqual(DESTINATIONS, len(models))
        content = os.path.join(os.path.dirname(queue), "content")
        shutil.copy(glob.glob(os.path.join(queue, "?", "*.msg"))[0], content)
        for path in glob.glob(os.path.join(queue, "?", "*")) + glob.glob(
                os.path.join(queue, "destinations.*")):
            os.unlink(path)
        for number, model in zip(range(1, COUNT + 1), itertools.cycle(models)):
            if number % LINKS_MAX == 0:
                shutil.copy(content, content + ".new")
                os.replace(content + ".new", content)
            directory, name = entry_id(number)
            base = os.path.join(queue, directory, name)
            with open(base + ".env", "wb") as file:
                file.write(model)
            os.link(content, base + ".msg")

    def test_a_start(self):
        self.fill()
        self.sink.answers, self.sink.first_at = ["250 2.0.0 taken"], None
        before = len(self.sink.messages)
        self.gateway.start()
        wait_until(lambda: self.sink.first_at is not None)
        began = seconds_of(self.gateway.pid, STARTED_FIELDS)
        known_at = None
        while known_at is None:
            if self.known() + len(self.sink.messages) - before >= COUNT:
                known_at = time.clock_gettime(time.CLOCK_BOOTTIME)
                used = seconds_of(self.gateway.pid, CPU_FIELDS)
            time.sleep(0.2)
        wait_until(lambda: len(self.sink.messages) - before >= min(COUNT, 1_000))
        highest = highest_memory_bytes(self.gateway.pid)
        print(f"{COUNT} entries: first delivery {self.sink.first_at - began:.2f} s after the start,"
              f" all known after {known_at - began:.1f} s, of which the gateway used"
              f" {used:.1f} s of CPU; {highest / 2**20:.0f} MiB at most", flush=True)
        self.assertLessEqual(highest, MEMORY_BYTES_MAX)
        self.assertNotRegex(self.gateway.log(), "level=(warning|error)")


if __name__ == "__main__":
    main()
