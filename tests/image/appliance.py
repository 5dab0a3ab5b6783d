"""What the tests of the appliance share: an installed machine with an account, mail in and out.

POSTERN_IMAGE names the image, else the newest of build-image/. The cases of a class build on each
other and run in the order of their names; one machine at a time. Skipped without QEMU or an image.
"""
import email
import glob
import os
import shutil
import smtplib
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


def find_image(arch="amd64"):
    named = os.environ.get("POSTERN_IMAGE")
    if named and arch == "amd64":
        return named
    images = sorted(glob.glob(os.path.join(harness.ROOT, "build-image", f"*-{arch}.img")),
                    key=os.path.getmtime)
    return images[-1] if images else None


class Sender(threading.Thread):
    """Sends messages through one session, until the machine is gone if `count_max` allows; keeps
    what was acknowledged."""

    def __init__(self, number, port, acknowledged, enough_count, enough, count_max=10_000):
        super().__init__(daemon=True)
        self.count_max = count_max
        self.number, self.port = number, port
        self.acknowledged, self.enough_count, self.enough = acknowledged, enough_count, enough
        self.problem = None

    def run(self):
        try:
            with smtplib.SMTP(harness.HOST, self.port, timeout=60) as smtp:
                smtp.starttls(context=harness.unverified())
                smtp.login(ACCOUNT, harness.PASSWORD)
                for count in range(self.count_max):
                    subject = f"cut {self.number} {count}"
                    text = harness.message(subject, sender=ACCOUNT, to=ACCOUNT,
                                           body="line\r\n" * (1 + 37 * (count % 20)))
                    smtp.sendmail(ACCOUNT, [ACCOUNT], text)
                    self.acknowledged[subject] = text
                    if len(self.acknowledged) >= self.enough_count:
                        self.enough.set()
        except (OSError, smtplib.SMTPException) as error:
            self.problem = error
            if len(self.acknowledged) < self.enough_count:
                self.enough.set()


class ApplianceTest(unittest.TestCase):
    arch = "amd64"
    seed = SEED
    size_mib = 1024

    @classmethod
    def setUpClass(cls):
        cls.directory = tempfile.mkdtemp(prefix="postern-image-")
        cls.addClassCleanup(shutil.rmtree, cls.directory, True)
        cls.disk = machine.make_disk(find_image(cls.arch), cls.directory, cls.size_mib,
                                     cls.seed)
        cls.machine = machine.Machine(cls.disk)
        cls.addClassCleanup(cls.machine.cut_power)
        cls.acknowledged = {}  # subject -> message

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

    def expect_all_acknowledged(self):
        """And nothing of it damaged; the whole inbox is returned."""
        there = self.inbox()
        lost = [subject for subject in self.acknowledged if subject not in there]
        self.assertEqual([], lost)
        for subject, text in self.acknowledged.items():
            self.assertTrue(there[subject].endswith(text.encode()), f"{subject} is damaged")
        return there


def main(*commands, arch="amd64"):
    emulator = {"amd64": "qemu-system-x86_64", "arm64": "qemu-system-aarch64"}[arch]
    harness.need(emulator, "mcopy", *commands)
    if find_image(arch) is None:
        print(f"there is no image: image/build {arch}")
        sys.exit(harness.SKIPPED)
    harness.main()
