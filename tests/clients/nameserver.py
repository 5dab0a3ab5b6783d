"""A real name server (knot) for tests, on a loopback port or on a host of its own (hosts.py), with
zones that may be signed with DNSSEC.
"""
import os
import socket
import subprocess
import time

from peer import Peer

HOST = "127.0.0.1"
START_TIMEOUT_S = 20


def free_udp_port():
    """Free for TCP too."""
    while True:
        with socket.socket() as tcp, socket.socket(type=socket.SOCK_DGRAM) as udp:
            tcp.bind((HOST, 0))
            try:
                udp.bind((HOST, tcp.getsockname()[1]))
                return tcp.getsockname()[1]
            except OSError:
                continue


class NameServer(Peer):
    """`zones`: name -> lines of its zone file, without SOA and NS. `signed`: the names of those
    that are signed; `anchors` is then a file with their DS records."""

    def __init__(self, zones, signed=(), host=None):
        super().__init__("knot", host)
        self.address = HOST if host is None else host.address
        self.port = free_udp_port() if host is None else 53
        self.zones = zones
        self.signed = set(signed)
        self.anchors = os.path.join(self.directory, "anchors")

    def settings(self, more=()):
        """What the gateway's configuration says of it, and of other zones, "name=address@port"."""
        zones = [f"{zone}={self.address}@{self.port}" for zone in self.zones] + list(more)
        quoted = ", ".join(f'"{zone}"' for zone in zones)
        return [f"dns.private_zones=[{quoted}]", f'dns.trust_anchor="{self.anchors}"']

    def write_zone(self, zone, lines):
        with open(self.path(f"{zone}.zone"), "w", encoding="ascii") as file:
            file.write(f"$ORIGIN {zone}.\n$TTL 5\n"
                       f"@ SOA ns hostmaster {int(time.time())} 3600 900 86400 5\n"
                       "@ NS ns\nns A 127.0.0.1\n" + "\n".join(lines) + "\n")

    def write_config(self):
        lines = ["server:", f"  listen: {self.address}@{self.port}", f"  rundir: {self.directory}",
                 "log:", f"  - target: {self.path('knot.log')}", "    any: info",
                 "database:", f"  storage: {self.path('db')}",
                 # As fast as can be: a test does not wait for the safe way.
                 "policy:", "  - id: quick", "    algorithm: ecdsap256sha256",
                 "    single-type-signing: on", "zone:"]
        for zone in self.zones:
            lines += [f"  - domain: {zone}", f"    file: {self.path(zone + '.zone')}"]
            if zone in self.signed:
                lines += ["    dnssec-signing: on", "    dnssec-policy: quick",
                          "    zonefile-sync: -1", "    zonefile-load: difference-no-serial",
                          "    journal-content: all"]
        with open(self.path("knot.conf"), "w", encoding="ascii") as file:
            file.write("\n".join(lines) + "\n")

    def start(self):
        os.makedirs(self.path("db"), exist_ok=True)
        for zone, lines in self.zones.items():
            self.write_zone(zone, lines)
        self.write_config()
        self.process = subprocess.Popen(self.on_host(["knotd", "-c", self.path("knot.conf")]),
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + START_TIMEOUT_S
        while not all(self.answers(zone) for zone in self.zones):
            if time.monotonic() > deadline or self.process.poll() is not None:
                raise RuntimeError("knotd does not answer:\n" + self.log("knot.log"))
            time.sleep(0.05)
        with open(self.anchors, "w", encoding="ascii") as file:
            for zone in self.signed:
                done = subprocess.run(["keymgr", "-c", self.path("knot.conf"), zone, "ds"],
                                      capture_output=True, text=True, check=True)
                for line in done.stdout.splitlines():
                    words = line.split()
                    if len(words) >= 6 and words[1] == "DS":
                        file.write(" ".join([words[0], "IN", *words[1:]]) + "\n")

    def answers(self, zone):
        """Whether it gives a SOA record, and a signature where there should be one."""
        name = b"".join(bytes([len(label)]) + label.encode() for label in zone.split(".")) + b"\0"
        # Recursion off, one question, EDNS with the DO bit.
        query = (b"\x12\x34\0\0\0\1\0\0\0\0\0\1" + name + b"\0\6\0\1" +
                 b"\0\0\x29\x10\0\0\0\x80\0\0\0")
        with socket.socket(type=socket.SOCK_DGRAM) as udp:
            udp.settimeout(0.5)
            try:
                udp.sendto(query, (self.address, self.port))
                answer = udp.recv(4096)
            except OSError:
                return False
        records = int.from_bytes(answer[6:8], "big")
        return answer[3] & 15 == 0 and records >= (2 if zone in self.signed else 1)
