"""`postern network` with the appliance's own scripts, on a card of a network namespace: what is set
is in force at once, stays when it is confirmed, and goes by itself when it is not. The program that
asked may be gone by then. And what DHCP servers say is believed only as far as it makes sense.
"""
import json
import os
import shutil
import signal
import subprocess
import time
import unittest

import hosts
from harness import BUILD, ROOT, main, wait_until

POSTERN = os.path.join(BUILD, "src", "app", "postern")
SCRIPTS = os.path.join(ROOT, "image", "root", "usr", "lib", "postern")
FIXED = ["--address", "192.0.2.10/24", "--gateway", "192.0.2.1", "--name-servers", "192.0.2.53"]
CONFIG, RUN = "/run/config", "/run/appliance"


def adapt(name, *replaced):
    """A script of the image with other places in it."""
    with open(os.path.join(SCRIPTS, name), encoding="utf-8") as file:
        text = file.read()
    for old, new in replaced:
        assert old in text, (name, old)
        text = text.replace(old, new)
    path = f"/usr/lib/postern/{name}"
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    os.chmod(path, 0o755)


class Network(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        for path in ("/usr/lib/postern", CONFIG, RUN):
            os.makedirs(path, exist_ok=True)
        for name in ("network", "apply-network", "dhcp", "supervise"):
            shutil.copy2(os.path.join(SCRIPTS, name), "/usr/lib/postern/" + name)
        adapt("common", ("config=/data/config", f"config={CONFIG}"),
              ("export PATH=/usr/bin", "export PATH=/usr/bin:/usr/sbin:/bin:/sbin"),
              (">/dev/kmsg", ">>/run/said"))
        with open("/usr/bin/udhcpc", "w", encoding="utf-8") as file:
            file.write("#!/bin/sh\nip addr replace 198.51.100.7/24 dev card\nexec sleep 600\n")
        os.chmod("/usr/bin/udhcpc", 0o755)
        hosts.run("ip", "link", "add", "card", "type", "veth", "peer", "name", "wire")
        hosts.run("ip", "addr", "add", "192.0.2.1/24", "dev", "wire")
        hosts.run("ip", "link", "set", "wire", "up")
        # The places of the appliance, below the directory that POSTERN_ROOT names.
        os.makedirs("/run/cards/card/device")
        os.makedirs("/run/root/data")
        os.makedirs("/run/root/run")
        os.makedirs("/run/root/usr/lib")
        os.symlink(CONFIG, "/run/root/data/config")
        os.symlink(RUN, "/run/root/run/appliance")
        os.symlink("/usr/lib/postern", "/run/root/usr/lib/postern")
        # A shell cannot trap what was ignored when it began, as under nohup.
        signal.signal(signal.SIGHUP, signal.SIG_DFL)
        environment = {**os.environ, "POSTERN_CARDS": "/run/cards/card/device"}
        cls.network = subprocess.Popen(["sh", "/usr/lib/postern/supervise", "network",
                                        "/usr/lib/postern/network"], env=environment)
        cls.addClassCleanup(cls.network.kill)
        wait_until(lambda: os.path.exists(f"{RUN}/network.done"))

    def command(self, *words, status=0):
        done = subprocess.run([POSTERN, "network", *words, "--json"], capture_output=True,
                              text=True, timeout=60, check=False,
                              env={**os.environ, "POSTERN_ROOT": "/run/root"})
        self.assertEqual(status, done.returncode, done.stdout + done.stderr)
        return json.loads(done.stdout)

    def addresses(self):
        done = subprocess.run(["ip", "-4", "-o", "addr", "show", "dev", "card"],
                              capture_output=True, text=True, check=True)
        return [line.split()[3] for line in done.stdout.splitlines()]

    def wait_for(self, *addresses):
        wait_until(lambda: self.addresses() == list(addresses))

    def test_a_change(self):
        self.wait_for("198.51.100.7/24")
        self.assertTrue(self.command("show")["managed"])

        # Refused: nothing has changed.
        answer = self.command("set", "--address", "192.0.2.10/24", "--gateway", "10.0.0.1",
                              "--name-servers", "nine", status=1)
        self.assertEqual(["gateway", "name_servers"],
                         [each["field"] for each in answer["problems"]])
        self.assertEqual(["198.51.100.7/24"], self.addresses())

        # Not confirmed: back to DHCP, though nobody asks any more.
        self.command("set", *FIXED, "--within", "3")
        self.assertEqual(["192.0.2.10/24"], self.addresses())
        self.assertEqual("dhcp", self.command("show")["settings"]["address"])
        self.wait_for("198.51.100.7/24")
        self.assertTrue(self.command("show")["rolled_back"])
        self.command("confirm", status=1)

        # Confirmed: it stays, and the way out is right.
        self.command("set", *FIXED, "--within", "5")
        self.command("confirm")
        time.sleep(5.5)
        self.assertEqual(["192.0.2.10/24"], self.addresses())
        shown = self.command("show")
        self.assertEqual(("192.0.2.10/24", None, False),
                         (shown["settings"]["address"], shown["pending"], shown["rolled_back"]))
        with open("/run/resolv.conf", encoding="utf-8") as file:
            self.assertEqual("nameserver 192.0.2.53\n", file.read())
        route = subprocess.run(["ip", "route", "show", "default"], capture_output=True, text=True,
                               check=True).stdout
        self.assertIn("via 192.0.2.1 dev card", route)

        # Reverted at once.
        self.command("set", "--address", "192.0.2.11/24", "--within", "60")
        self.assertEqual(["192.0.2.11/24"], self.addresses())
        self.command("revert")
        self.assertEqual(["192.0.2.10/24"], self.addresses())


    def say_by_dhcp(self, **said):
        """What udhcpc makes of an offer; the status."""
        return subprocess.run(["sh", "/usr/lib/postern/dhcp", "bound"], timeout=60, check=False,
                              env={**os.environ, "interface": "card", **said}).returncode

    def test_dhcp_that_gives_rubbish(self):
        before = self.addresses()
        for address in ("", "192.0.2", "192.0.2.7.9", "300.0.2.7", "1.2..3", "192.0.2.7/8",
                        "$(touch /run/run-by-dhcp)", "; touch /run/run-by-dhcp", "0.0.0.0",
                        "127.0.0.1", "224.0.0.1", "255.255.255.255", "192.0.2.7\n192.0.2.8"):
            self.assertEqual(1, self.say_by_dhcp(ip=address, mask="24"), address)
        for mask in ("", "0", "33", "-1", "24; touch /run/run-by-dhcp", "ff", "9" * 40):
            self.assertEqual(1, self.say_by_dhcp(ip="192.0.2.7", mask=mask), mask)
        self.assertEqual(before, self.addresses())
        with open("/run/said", encoding="utf-8") as file:
            self.assertIn("card: DHCP gave no usable address", file.read())

        # What is usable of an offer is taken, the rest is left.
        rubbish = "$(touch /run/run-by-dhcp) ;reboot 999.1.1.1 ::1"
        self.assertEqual(0, self.say_by_dhcp(
            ip="192.0.2.7", mask="24", router=f"{rubbish} 203.0.113.9 192.0.2.1",
            dns=f"{rubbish} 192.0.2.53", ntpsrv=f"{rubbish} pool.example 192.0.2.123"))
        self.assertEqual(["192.0.2.7/24"], self.addresses())
        route = subprocess.run(["ip", "route", "show", "default"], capture_output=True, text=True,
                               check=True).stdout
        self.assertIn("via 192.0.2.1 dev card", route)
        with open("/run/resolv.conf", encoding="utf-8") as file:
            self.assertIn("nameserver 192.0.2.53\n", file.read())
        with open(f"{RUN}/time-servers", encoding="utf-8") as file:
            self.assertEqual("192.0.2.123\n", file.read())
        self.assertFalse(os.path.exists("/run/run-by-dhcp"))


if __name__ == "__main__":
    hosts.enter()
    main()
