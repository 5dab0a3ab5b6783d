"""SMTP beside Postfix, Exim and OpenSMTPD: what is measured, how, and in which order.

A row is some mail for postern-bench to send. Each row is run in rounds, the servers in turns, and a
round ends when its last message has arrived: in a Maildir, or at the sink that mail is relayed to.
What counts is the CPU time that the server has used by then, for one message; the ratio is that of
the medians. On a disk with a slow flush it is messages a second. System calls and flushes are
counted in a round by itself, as counting them takes time.
"""
import contextlib
import json
import os
import shutil
import subprocess
import tempfile
import threading
import time
from dataclasses import dataclass, field

import hosts
import results
from groups import SystemCalls, disk_flushes, group_cpu_s
from harness import HOST, free_port
from peers import BENCH, PosternPeer, directory_for_both
from slow_disk import SlowDisk
from smtp_peers import ALL, DOMAIN, RELAY_DOMAIN, make_certificate

ROUNDS, ROUNDS_QUICK = 5, 2
QUICK = 25  # so much less mail
USERS = 16
ARRIVAL_TIMEOUT_S = 60
SETTLE_S = 1.5  # the queue tells its journal within a second what has left
CPU, RATE = "server CPU, ms a message", "messages a second"


@dataclass
class Row:
    name: str
    bar: float              # of Postfix's median and Postern's; 0: none
    words: tuple            # for postern-bench
    count: int              # messages of a round
    sessions: int = 16
    relays: bool = False
    copies: int = 1         # that arrive of each
    measure: str = CPU
    samples: dict = field(default_factory=dict)  # measure -> peer -> values
    calls: dict = field(default_factory=dict)    # peer -> system calls a message
    flushes: dict = field(default_factory=dict)  # peer -> flushes of the disk a message


def rows():
    single = ("--messages-per-session", "1")
    return [
        Row("4 KB, 16 sessions, many messages each", 7, (), 8000),
        Row("the same, 64 sessions", 7, (), 8000, sessions=64),
        Row("4 KB, 16 sessions, one message a connection", 7, single, 4000),
        Row("the same with STARTTLS", 8, (*single, "--tls", "starttls"), 2000),
        Row("64 KB, 16 sessions", 8, ("--size", "64k"), 3000),
        Row("1 MB, 16 sessions", 3.5, ("--size", "1M"), 400),
        Row("a mix of sizes, as an office has it", 0, ("--size", "mix"), 3000),
        Row("4 KB to 10 recipients", 0, ("--recipients", "10"), 1500, copies=10),
        Row("4 KB, accepted, queued, relayed to a sink", 7,
            ("--to", f"user%d@{RELAY_DOMAIN}"), 4000, relays=True),
        Row("the same, 64 sessions", 7,
            ("--to", f"user%d@{RELAY_DOMAIN}"), 4000, relays=True, sessions=64),
    ]


def slow_rows():
    return [Row("4 KB, 64 sessions, a flush takes 10 ms", 5, (), 6000,
                sessions=64, measure=RATE),
            Row("the same, relayed to a sink", 0,
                ("--to", f"user%d@{RELAY_DOMAIN}"), 3000, sessions=64,
                relays=True, measure=RATE)]


class Sink:
    """smtp-sink of Debian's Postfix: takes everything and counts."""

    def __init__(self):
        self.port = free_port()
        self.count = 0
        self.process = subprocess.Popen(
            ["smtp-sink", "-u", "nobody", "-c", f"{HOST}:{self.port}", "200"],
            stdout=subprocess.PIPE)
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        rest = b""
        while piece := os.read(self.process.stdout.fileno(), 65536):
            *reports, rest = (rest + piece).split(b"\r")
            if reports and b"mesg=" in reports[-1]:
                self.count = int(reports[-1].split(b"mesg=")[1])

    def stop(self):
        self.process.terminate()
        self.process.wait(10)


class PosternMx(PosternPeer):
    """As a gateway in front of another server it relays for that server's domain."""
    words = ()
    sessions_max = 1000

    def __init__(self, directory, sink):
        super().__init__(directory, (
            f'smtp.relay_domains=["{RELAY_DOMAIN}"]', "smtp.relay_take_unverified=true",
            "outbound.allow_loopback=true", "outbound.mta_sts=false",
            f'route=[{{domain="{RELAY_DOMAIN}", host="{HOST}", port={sink}}}]'))
        self.maildirs = [self.maildir(f"user{number}") for number in range(USERS)]

    def __enter__(self):
        super().__enter__()
        self.add_accounts([f"user{number}" for number in range(USERS)])
        return self


def messages_in(maildirs):
    count = 0
    for maildir in maildirs:
        for part in ("new", "cur"):
            with contextlib.suppress(FileNotFoundError):
                count += len(os.listdir(os.path.join(maildir, part)))
    return count


class Bench:
    def __init__(self, peers, sink):
        self.peers = peers
        self.sink = sink

    def arrived(self, row, peer):
        return self.sink.count if row.relays else messages_in(peer.maildirs)

    def send(self, row, peer, count):
        """Sends, and waits for the last message; seconds from the first."""
        wanted = self.arrived(row, peer) + count * row.copies
        command = [BENCH, "smtp", "--host", HOST, "--port", str(peer.ports["smtp"]), "--user",
                   f"user%d@{DOMAIN}", "--users", str(USERS), *row.words, *peer.words,
                   "--sessions", str(min(row.sessions, peer.sessions_max)), "--count", str(count),
                   "--json"]
        begin = time.monotonic()
        done = subprocess.run(command, capture_output=True, text=True, timeout=600, check=False)
        if done.returncode != 0:
            said = json.loads(done.stdout or "{}")
            raise SystemExit(f"{peer.name}: {' '.join(command)}\n{said.get('trouble')}\n"
                             f"{said.get('troubles')}\n{done.stderr}")
        end = begin + ARRIVAL_TIMEOUT_S
        while self.arrived(row, peer) < wanted:
            if time.monotonic() > end:
                raise SystemExit(f"{peer.name}: {row.name}: of {wanted} messages "
                                 f"{self.arrived(row, peer)} have arrived\n{peer.log()}")
            time.sleep(0.02)
        seconds = time.monotonic() - begin
        time.sleep(SETTLE_S)  # what is tidied up afterwards belongs to the message
        return seconds

    def sample(self, row, peer, count):
        before = group_cpu_s(peer.group)
        seconds = self.send(row, peer, count)
        used = group_cpu_s(peer.group) - before
        for measure, value in ((CPU, used / count * 1000), (RATE, count / seconds)):
            row.samples.setdefault(measure, {}).setdefault(peer.name, []).append(value)

    def count_calls(self, row, peer, count):
        before = disk_flushes(peer.directory)
        with SystemCalls(peer.group) as calls:
            self.send(row, peer, count)
        if calls.count is not None:
            row.calls[peer.name] = calls.count / count
        if before is not None:
            row.flushes[peer.name] = (disk_flushes(peer.directory) - before) / count

    def measure(self, row, rounds, scale):
        count = max(32, row.count // scale)
        for peer in self.peers:  # what a first client finds slow, all have behind them
            self.send(row, peer, max(32, count // 10))
        for _ in range(rounds):
            for peer in self.peers:
                self.sample(row, peer, count)
        for peer in self.peers:
            self.count_calls(row, peer, max(32, count // 4))
        results.say_smtp_row(row)


def start_peers(stack, chosen, directory, sink):
    certificate, key = make_certificate(directory)
    peers = [stack.enter_context(kind(USERS, sink.port, certificate, key)) for kind in chosen]
    peers.append(stack.enter_context(PosternMx(directory, sink.port)))
    return peers


def run(arguments):
    is_slow = arguments.what == "slow-disk"
    wanted = arguments.peers.split(",") if arguments.peers else [kind.name for kind in ALL]
    chosen = [kind for kind in ALL if kind.is_there() and kind.name in wanted]
    if os.getuid() != 0 or not chosen or shutil.which("smtp-sink") is None:
        raise SystemExit("this needs root, and Postfix, Exim or OpenSMTPD: tools/setup --test")
    hosts.enter(*(name for kind in chosen for name in kind.files()))
    rounds = arguments.rounds or (ROUNDS_QUICK if arguments.quick else ROUNDS)
    picked = [row for row in (slow_rows() if is_slow else rows()) if arguments.only in row.name]
    directory = directory_for_both(arguments.dir or "/tmp")
    with contextlib.ExitStack() as stack:
        stack.callback(shutil.rmtree, directory, ignore_errors=True)
        flush_ms = None
        if is_slow:
            disk = stack.enter_context(SlowDisk(directory))
            flush_ms = disk.measured_flush_ms()
            directory = disk.path
        tempfile.tempdir = directory
        sink = Sink()
        stack.callback(sink.stop)
        peers = start_peers(stack, chosen, directory, sink)
        names = ", ".join(f"{peer.name} {peer.version()}" for peer in peers)
        print(f"{os.uname().nodename}: {names}; medians of {rounds}", flush=True)
        bench = Bench(peers, sink)
        for row in picked:
            bench.measure(row, rounds, QUICK if arguments.quick else 1)
        if not arguments.quick and not arguments.only:
            results.write_smtp(picked, peers, rounds, directory, flush_ms)
    return 0
