"""The appliance in an emulated machine: first boot by seed file under BIOS, mail by real clients
from outside, a power cut in the middle of deliveries, the next boot under UEFI with Secure Boot,
a power-off by the button, and a slot that cannot be loaded.

    image/build amd64 && python3 tests/image/image_test.py

POSTERN_IMAGE names the image, else the newest of build-image/. The cases build on each other and
run in the order of their names; one machine at a time. Skipped without QEMU or an image.
"""
import email
import glob
import os
import re
import shutil
import smtplib
import subprocess
import sys
import tempfile
import threading
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "clients"))
import harness  # noqa: E402
import machine  # noqa: E402

ACCOUNT = "alice@example.test"
SEED = f"""# by tests/image
host_name = mail.example.test
domain = example.test
account = {ACCOUNT}
account_name = Alice
account_password = {harness.PASSWORD}
admin_password = {harness.PASSWORD}
"""
BOOT_S = 400
SENDERS = 4
ACKNOWLEDGED_MIN = 60
DATA_START = 298 * machine.MIB


def find_image():
    named = os.environ.get("POSTERN_IMAGE")
    if named:
        return named
    images = sorted(glob.glob(os.path.join(harness.ROOT, "build-image", "*-amd64.img")),
                    key=os.path.getmtime)
    return images[-1] if images else None


class Sender(threading.Thread):
    """Sends messages through one session until the machine is gone; keeps what was acknowledged."""

    def __init__(self, number, port, acknowledged, enough):
        super().__init__(daemon=True)
        self.number, self.port = number, port
        self.acknowledged, self.enough = acknowledged, enough
        self.problem = None

    def run(self):
        try:
            with smtplib.SMTP(harness.HOST, self.port, timeout=60) as smtp:
                smtp.starttls(context=harness.unverified())
                smtp.login(ACCOUNT, harness.PASSWORD)
                for count in range(10_000):
                    subject = f"cut {self.number} {count}"
                    text = harness.message(subject, sender=ACCOUNT, to=ACCOUNT,
                                           body="line\r\n" * (1 + 37 * (count % 20)))
                    smtp.sendmail(ACCOUNT, [ACCOUNT], text)
                    self.acknowledged[subject] = text
                    if len(self.acknowledged) >= ACKNOWLEDGED_MIN:
                        self.enough.set()
        except (OSError, smtplib.SMTPException) as error:
            self.problem = error
            if len(self.acknowledged) < ACKNOWLEDGED_MIN:
                self.enough.set()


class ImageTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.directory = tempfile.mkdtemp(prefix="postern-image-")
        cls.addClassCleanup(shutil.rmtree, cls.directory, True)
        cls.disk = machine.make_disk(find_image(), cls.directory, seed=SEED)
        cls.machine = machine.Machine(cls.disk)
        cls.addClassCleanup(cls.machine.cut_power)
        cls.acknowledged = {}

    def run(self, result=None):
        before = len(result.failures) + len(result.errors)
        if before:
            result.addSkip(self, "an earlier case failed")
            return result
        super().run(result)
        if len(result.failures) + len(result.errors) > before:
            self.machine.print_lines()
        return result

    def boot(self, firmware):
        self.machine.boot(firmware)
        for pattern, what in ((r"Linux version", "kernel"), (r"postern: version", "PID 1"),
                              (r"postern: healthy", "healthy")):
            seconds, _ = self.machine.wait_for(pattern, BOOT_S)
            print(f"{firmware}: {what} after {seconds:.1f} s", flush=True)

    def inbox(self):
        """Subject -> message, of all that is there by IMAP."""
        port = self.machine.port["imaps"]
        with harness.imaplib.IMAP4_SSL(harness.HOST, port, ssl_context=harness.unverified(),
                                       timeout=60) as imap:
            imap.login(ACCOUNT, harness.PASSWORD)
            status, answer = imap.select("INBOX", readonly=True)
            self.assertEqual("OK", status, answer)
            if int(answer[0]) == 0:
                return {}
            _, data = imap.fetch("1:*", "(BODY.PEEK[])")
        texts = [part[1] for part in data if isinstance(part, tuple)]
        return {email.message_from_bytes(text)["Subject"]: text for text in texts}

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
        senders = [Sender(number, self.machine.port["submission"], self.acknowledged, enough)
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
        there = self.inbox()
        lost = [subject for subject in self.acknowledged if subject not in there]
        self.assertEqual([], lost)
        for subject, text in self.acknowledged.items():
            self.assertTrue(there[subject].endswith(text.encode()), f"{subject} is damaged")
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
    harness.need("qemu-system-x86_64", "mcopy", "swaks", "curl", "dumpe2fs")
    if find_image() is None:
        print("there is no image: image/build amd64")
        sys.exit(harness.SKIPPED)
    harness.main()
