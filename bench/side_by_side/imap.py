"""IMAP and POP3 beside Dovecot: what is measured, how, and in which order.

A row is some work for postern-bench. Each row is run in rounds, Dovecot and Postern in turns, and
what counts is the CPU time of the server for one operation; the ratio is that of the medians.
"""
import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass, field

import results
from harness import HOST, PASSWORD
from peers import BENCH, DOMAIN, DovecotPeer, PosternPeer, directory_for_both

ROUNDS, ROUNDS_QUICK = 5, 2
CLIENTS = 16
BIG, BIG_QUICK = 10_000, 1_000
THOUSAND, THOUSAND_QUICK = 1_000, 200
SMALL = 100


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
    per: str = "operation"  # or "item": a message
    samples: dict = field(default_factory=dict)  # peer -> CPU ms


def rows():
    envelopes = ("imap", "--profile", "envelopes")
    bodies = ("imap", "--profile", "bodies")
    drain = ("pop3", "--profile", "drain")
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
        Row("SEARCH TEXT in 10,000 × 4 KB, no index", 2, "imap", ("imap", "--profile", "search"),
            "big", 2),
        Row("drain of 1,000 × 4 KB, a message", 4, "pop3", drain, "thousand", 10,
            per="item"),
        Row("the same over TLS", 4, "pop3s", drain + ("--tls", "tls"), "thousand", 10,
            per="item"),
    ]


def load(peer, row, count):
    """CPU milliseconds of the server for one operation (or item)."""
    command = [BENCH, *row.words, "--host", HOST, "--port", str(peer.ports[row.port]), "--user",
               f"{row.user}@{DOMAIN}", "--users", str(row.users), "--password", PASSWORD,
               "--sessions", str(row.users), "--count", str(count), "--server-cgroup", peer.group,
               "--json"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=600)
    if done.returncode != 0:
        raise SystemExit(f"{' '.join(command)}\n{done.stdout[-2000:]}{done.stderr}")
    server = json.loads(done.stdout)["repetitions"][0]["server"]
    return server[f"cpu_s_per_1000_{row.per}s"]  # seconds a thousand are milliseconds each


def measure(row, peers, rounds, scale):
    count = max(1, row.count // scale)
    if not row.is_cold:
        for peer in peers:  # what a first client finds slow, both have behind them
            load(peer, row, max(row.users * 4, count // 10))
    for _ in range(rounds):
        for peer in peers:
            if row.is_cold:
                peer.forget(row.user)
            row.samples.setdefault(peer.name, []).append(load(peer, row, count))
    results.say_row(row)


def fill(postern, dovecot, arguments):
    """The same messages for both, delivered to Postern and copied from there."""
    users = [f"user{number}" for number in range(CLIENTS)]
    postern.add_accounts(["big", "thousand", *users])
    postern.deliver("big", 1, BIG_QUICK if arguments.quick else BIG)
    postern.deliver("thousand", 1, THOUSAND_QUICK if arguments.quick else THOUSAND)
    postern.deliver("user%d", CLIENTS, SMALL)
    for name in ["big", "thousand", *users]:
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
            fill(postern, dovecot, arguments)
            with dovecot:
                print(f"{os.uname().nodename}: Dovecot {dovecot.version()}, Postern "
                      f"{postern.version()}; CPU ms of the server, median of {rounds}", flush=True)
                for row in chosen:
                    measure(row, (dovecot, postern), rounds, 10 if arguments.quick else 1)
                if not arguments.quick and not arguments.only:
                    results.write_mailbox_rows(arguments.what, chosen, (dovecot, postern), rounds,
                                               directory)
    finally:
        shutil.rmtree(directory, ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit("bench/compare imap runs this")
