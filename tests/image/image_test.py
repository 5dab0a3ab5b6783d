"""The appliance in an emulated machine: first boot by seed file under BIOS, mail by real clients
from outside, a power cut in the middle of deliveries, the next boot under UEFI with Secure Boot,
a power-off by the button, and a slot that cannot be loaded.

    image/build amd64 && python3 tests/image/image_test.py

The cases build on each other (appliance.py).
"""
import os
import re
import subprocess
import threading
import unittest

import appliance
import harness
import machine
from appliance import ACCOUNT, Sender

SENDERS = 4
ACKNOWLEDGED_MIN = 60
DATA_START = 298 * machine.MIB


class ImageTest(appliance.ApplianceTest):
    def run_client(self, *command):
        done = subprocess.run(command, capture_output=True, text=True, timeout=120)
        self.assertEqual(0, done.returncode, f"{command}\n{done.stdout}\n{done.stderr}")
        return done.stdout

    def test_1_first_boot_by_seed_under_bios(self):
        self.boot("bios")
        self.assertIsNotNone(self.machine.find(f"seed: used; {re.escape(ACCOUNT)} can log in"))
        self.assertIsNone(self.machine.find("ALARM"))

    def test_2_clients_send_and_read_from_outside(self):
        port = self.machine.port
        self.run_client("swaks", "--server", harness.HOST, "--port", str(port["submission"]),
                        "--tls", "--auth", "PLAIN", "--auth-user", ACCOUNT, "--auth-password",
                        harness.PASSWORD, "--from", ACCOUNT, "--to", ACCOUNT,
                        "--h-Subject", "by swaks", "--body", "Hello from outside.")
        read = self.run_client("curl", "--silent", "--show-error", "--insecure", "--user",
                               f"{ACCOUNT}:{harness.PASSWORD}", "--max-time", "60",
                               f"imaps://{harness.HOST}:{port['imaps']}/INBOX;MAILINDEX=1")
        self.assertIn("Hello from outside.", read)
        self.assertIn("by swaks", self.inbox())
        pop3 = harness.poplib.POP3_SSL(harness.HOST, port["pop3s"],
                                       context=harness.unverified(), timeout=60)
        pop3.user(ACCOUNT)
        pop3.pass_(harness.PASSWORD)
        self.assertEqual(1, pop3.stat()[0])
        pop3.quit()

    def test_3_power_cut_in_the_middle_of_deliveries(self):
        enough = threading.Event()
        senders = [Sender(number, self.machine.port["submission"], self.acknowledged,
                          ACKNOWLEDGED_MIN, enough)
                   for number in range(SENDERS)]
        for sender in senders:
            sender.start()
        self.assertTrue(enough.wait(300), "too few messages were acknowledged")
        self.machine.cut_power()
        for sender in senders:
            sender.join(120)
        self.assertGreaterEqual(len(self.acknowledged), ACKNOWLEDGED_MIN,
                                [str(sender.problem) for sender in senders])
        print(f"power cut with {len(self.acknowledged)} messages acknowledged", flush=True)

    def test_4_everything_acknowledged_is_there_after_secure_boot(self):
        self.assertNotIn("postern-seed.txt", machine.names_on_esp(self.disk))
        self.boot("secure")
        self.assertIsNone(self.machine.find("ALARM"))
        there = self.expect_all_acknowledged()
        self.assertIn("by swaks", there)

    def test_5_the_power_button_ends_in_good_order(self):
        self.assertEqual(0, self.machine.press_power_button())
        self.assertIsNotNone(self.machine.find("postern: ended"))
        self.assertIsNone(self.machine.find("stays in use|did not end"))
        state = subprocess.run(["dumpe2fs", "-h", f"{self.disk}?offset={DATA_START}"], text=True,
                               capture_output=True, timeout=60).stdout
        self.assertIn("clean", re.search(r"Filesystem state: *(.*)", state).group(1))
        self.assertNotIn("needs_recovery", state)

    def test_6_a_slot_that_cannot_be_loaded_is_given_up(self):
        """As after an update that went wrong: three tries, then the slot that was good."""
        machine.set_boot_variables(self.disk, "cur=b", "left=3", "other_ok=1")
        self.boot("bios")
        self.assertEqual(3, len(self.machine.find_all("slot b cannot be loaded")))
        self.assertIsNotNone(self.machine.find("healthy: slot a"))
        self.assertIsNotNone(self.machine.find("ALARM rolled: slot b"))
        self.assertIn("by swaks", self.inbox())
        self.assertEqual(0, self.machine.press_power_button())
        there = machine.boot_variables(self.disk)
        self.assertEqual(("a", "3", "b", "0"),
                         tuple(there[key] for key in ("cur", "left", "rolled", "other_ok")))


if __name__ == "__main__":
    appliance.main("swaks", "curl", "dumpe2fs")
