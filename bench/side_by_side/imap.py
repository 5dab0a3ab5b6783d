"""IMAP and POP3 beside Dovecot: what is measured, how, and in which order.

A row is some work for postern-bench. Each row is run in rounds, Dovecot and Postern in turns, and
what counts is the CPU time of the server for one operation; the ratio is that of the medians.
"""
import json
import os
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass, field

import results
from groups import group_cpu_s
from harness import HOST, PASSWORD
from peers import BENCH, DOMAIN, DovecotPeer, PosternPeer, directory_for_both

ROUNDS, ROUNDS_QUICK = 5, 2
CLIENTS = 16
BIG, BIG_QUICK = 10_000, 1_000
THOUSAND, THOUSAND_QUICK = 1_000, 200
SMALL = 100
LARGE, LARGE_QUICK = 100, 10  # messages of 1 MB
DRAINED = 4            # mailboxes that are drained in a round
SETTLE_S = 3           # what is tidied up after a drain or an APPEND belongs to it


@dataclass
class Row:
    name: str
    bar: float
    port: str
    words: tuple            # for postern-bench
    user: str
    count: int              # operations of a round
    users: int = 1
    is_cold: bool = False
    settles: bool = False   # what the server does a moment later counts too
    is_drain: bool = False  # each round has mailboxes of its own, as it leaves them empty
    per: str = "operation"  # or "item": a message
    samples: dict = field(default_factory=dict)  # peer -> CPU ms


def rows():
    envelopes = ("imap", "--profile", "envelopes")
    bodies = ("imap", "--profile", "bodies")
    drain = {"words": ("pop3", "--profile", "drain", "--delete"), "count": DRAINED,
             "users": DRAINED, "per": "item", "is_drain": True}
    many = {"user": "user%d", "users": CLIENTS}
    return [
        Row("FETCH 10,000 × (UID FLAGS ENVELOPE BODYSTRUCTURE), no cache", 10, "imap", envelopes,
            "big", 1, is_cold=True),
        Row("the same, warm", 3, "imap", envelopes, "big", 8),
        Row("LOGIN, SELECT, LOGOUT, 16 clients", 8, "imap", ("imap", "--profile", "session"),
            count=1600, **many),
        Row("the same over TLS", 3, "imaps", ("imap", "--profile", "session", "--tls", "tls"),
            count=800, **many),
        Row("STORE of one flag, 16 clients", 8, "imap", ("imap", "--profile", "store"),
            count=4_000, **many),
        Row("NOOP, 16 clients", 8, "imap", ("imap", "--profile", "noop"), count=8_000, **many),
        Row("STATUS, 16 clients", 8, "imap", ("imap", "--profile", "status"), count=8_000,
            **many),
        Row("FETCH BODY[] of 1,000 × 4 KB", 2, "imap", bodies, "thousand", 20),
        Row("the same over TLS", 4, "imaps", bodies + ("--tls", "tls"), "thousand", 20),
        Row("FETCH BODY[] of 100 × 1 MB", 2, "imap", bodies, "large", 10),
        Row("the same over TLS", 4, "imaps", bodies + ("--tls", "tls"), "large", 10),
        Row("LOGIN, SELECT of 10,000 with index, LOGOUT", 4, "imap",
            ("imap", "--profile", "session"), "big", 200),
        Row("SEARCH TEXT in 10,000 × 4 KB, no index", 2, "imap", ("imap", "--profile", "search"),
            "big", 2),
        Row("APPEND of 4 KB, 16 clients", 6, "imap", ("imap", "--profile", "append"), count=1_600,
            settles=True, **many),
        Row("drain of 1,000 × 4 KB (RETR, DELE, QUIT), a message", 4, "pop3", user="plain",
            **drain),
        Row("the same over TLS", 4, "pop3s", user="tls",
            **{**drain, "words": drain["words"] + ("--tls", "tls")}),
    ]


def load(peer, words, port, user, users, count):
    """What postern-bench says of a run, `user` a pattern."""
    command = [BENCH, *words, "--host", HOST, "--port", str(peer.ports[port]), "--user",
               f"{user}@{DOMAIN}", "--users", str(users), "--password", PASSWORD,
               "--sessions", str(users), "--count", str(count), "--server-cgroup", peer.group,
               "--json"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=600)
    if done.returncode != 0:
        raise SystemExit(f"{' '.join(command)}\n{done.stdout[-2000:]}{done.stderr}")
    return json.loads(done.stdout)["repetitions"][0]


def cpu_of(peer, row, count):
    """CPU milliseconds of the server for one operation (or item)."""
    if row.settles:
        return cpu_until_settled(peer, row, row.user, count) / count
    run = load(peer, row.words, row.port, row.user, row.users, count)
    return run["server"][f"cpu_s_per_1000_{row.per}s"]  # seconds a thousand are milliseconds each


def cpu_until_settled(peer, row, user, count):
    """CPU milliseconds of the server for all of them, until all is tidied up."""
    before = group_cpu_s(peer.group)
    load(peer, row.words, row.port, user, row.users, count)
    time.sleep(SETTLE_S)
    return (group_cpu_s(peer.group) - before) * 1000


def measure_drain(row, peers, rounds, messages):
    for peer in peers:  # everybody has looked at the mailboxes before, as mail programs do
        for number in range(rounds):
            load(peer, ("pop3", "--profile", "check"), "pop3", f"{row.user}{number}-%d",
                 row.users, row.users)
    time.sleep(SETTLE_S)
    for number in range(rounds):
        for peer in peers:
            used = cpu_until_settled(peer, row, f"{row.user}{number}-%d", row.users)
            row.samples.setdefault(peer.name, []).append(used / (messages * row.users))


def measure(row, peers, rounds, arguments):
    count = max(1, row.count // (10 if arguments.quick else 1))
    if row.is_drain:
        measure_drain(row, peers, rounds, THOUSAND_QUICK if arguments.quick else THOUSAND)
        results.say_row(row)
        return
    if not row.is_cold:
        for peer in peers:  # what a first client finds slow, both have behind them
            cpu_of(peer, row, max(row.users * 4, count // 10))
    for _ in range(rounds):
        for peer in peers:
            if row.is_cold:
                peer.forget(row.user)
            row.samples.setdefault(peer.name, []).append(cpu_of(peer, row, count))
    results.say_row(row)


def fill(postern, dovecot, chosen, rounds, is_quick):
    """The same messages for both, delivered to Postern and copied from there."""
    thousand = THOUSAND_QUICK if is_quick else THOUSAND
    names = []

    def deliver(pattern, users, messages, size="4k"):
        more = [pattern.replace("%d", str(number)) for number in range(users)]
        postern.add_accounts(more)
        postern.deliver(pattern, users, messages, size)
        names.extend(more)

    if any(not row.is_drain for row in chosen):
        deliver("big", 1, BIG_QUICK if is_quick else BIG)
        deliver("thousand", 1, thousand)
        deliver("user%d", CLIENTS, SMALL)
        deliver("large", 1, LARGE_QUICK if is_quick else LARGE, "1M")
    for row in chosen:
        for number in range(rounds if row.is_drain else 0):
            deliver(f"{row.user}{number}-%d", row.users, thousand)
    for name in names:
        dovecot.take_over(name, postern.maildir(name))


def run(arguments):
    if os.getuid() != 0 or shutil.which("dovecot") is None:
        raise SystemExit("this needs root, and Dovecot: tools/setup --test")
    chosen = [row for row in rows() if row.port.startswith(arguments.what)
              and arguments.only in row.name]
    rounds = arguments.rounds or (ROUNDS_QUICK if arguments.quick else ROUNDS)
    directory = directory_for_both(arguments.dir)
    try:
        with PosternPeer(directory) as postern:
            dovecot = DovecotPeer(directory)
            if not dovecot.version().startswith("2.3."):
                raise SystemExit(f"Dovecot {dovecot.version()}: the settings here are for 2.3")
            fill(postern, dovecot, chosen, rounds, arguments.quick)
            with dovecot:
                print(f"{os.uname().nodename}: Dovecot {dovecot.version()}, Postern "
                      f"{postern.version()}; CPU ms of the server, median of {rounds}", flush=True)
                for row in chosen:
                    measure(row, (dovecot, postern), rounds, arguments)
                if not arguments.quick and not arguments.only:
                    results.write_mailbox_rows(arguments.what, chosen, (dovecot, postern), rounds,
                                               directory)
    finally:
        shutil.rmtree(directory, ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit("bench/compare imap runs this")
