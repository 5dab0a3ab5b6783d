"""The appliance in trouble, in an emulated machine: a seed with mistakes, no network, a clock that
shows another year, a second disk of the same image, a cable that is out, a data partition that is
full and one that is damaged, a disk that is too small.

    image/build amd64 && python3 tests/image/trouble_test.py

The cases build on each other (appliance.py).
"""
import datetime
import email
import email.utils
import os
import re
import smtplib
import subprocess
import unittest

import appliance
import harness
import machine
from appliance import ACCOUNT, BOOT_S, SEED

DATA_START = 298 * machine.MIB
BAD_SEED = SEED.replace("account_name = Alice", "colour = blue").replace("domain = e", "domain = -")
BIG_MIB = 12
NEVER_AGAIN = "making the data partition|factory reset"


class TroubleTest(appliance.ApplianceTest):
    seed = BAD_SEED
    size_mib = 380  # about 80 of it for data

    def send(self, subject, body="line\r\n"):
        text = harness.message(subject, sender=ACCOUNT, to=ACCOUNT, body=body)
        with smtplib.SMTP(harness.HOST, self.machine.port["submission"], timeout=300) as smtp:
            smtp.starttls(context=harness.unverified())
            smtp.login(ACCOUNT, harness.PASSWORD)
            smtp.sendmail(ACCOUNT, [ACCOUNT], text)
        self.acknowledged[subject] = text

    def data_facts(self):
        """As dumpe2fs tells them."""
        return subprocess.run(["dumpe2fs", f"{self.disk}?offset={DATA_START}"], text=True,
                              capture_output=True, timeout=60).stdout

    def test_1_a_seed_with_mistakes_and_no_network(self):
        self.machine.has_network = False
        self.boot("bios")
        self.machine.has_network = True
        self.assertIsNotNone(self.machine.find("ALARM seed: .* was not used, line 3: domain: "))
        self.assertIsNone(self.machine.find("ALARM (?!seed)"))
        mistakes = subprocess.run(
            ["mtype", "-i", f"{self.disk}@@{machine.ESP_OFFSET}", "::/postern-seed-errors.txt"],
            check=True, capture_output=True, text=True).stdout
        self.assertRegex(mistakes, r"(?m)^3: domain: not a full name(.|\n)*^5: colour: unknown key")
        self.assertEqual(0, self.machine.press_power_button())

    def test_2_a_clock_that_shows_another_year(self):
        machine.write_to_esp(self.disk, "postern-seed.txt", SEED)
        self.machine.clock_year = 2001
        self.boot("bios")
        self.machine.clock_year = None
        self.assertIsNotNone(self.machine.find("seed: used"))
        self.assertNotIn("postern-seed-errors.txt", machine.names_on_esp(self.disk))
        self.send("in time")
        received = email.message_from_bytes(self.inbox()["in time"])["Received"]
        when = email.utils.parsedate_to_datetime(received.rsplit(";", 1)[1].strip())
        built = os.path.getmtime(appliance.find_image()) - 365 * 86400
        self.assertGreater(when, datetime.datetime.fromtimestamp(built, datetime.timezone.utc))
        self.assertEqual(0, self.machine.press_power_button())

    def test_3_a_cable_that_is_plugged_in_later(self):
        self.machine.boot("bios")
        self.machine.set_cable(False)
        self.machine.wait_for("postern: healthy", BOOT_S)
        self.assertIsNone(self.machine.find("by DHCP"))
        self.machine.set_cable(True)
        self.machine.wait_for("eth0: .* by DHCP", BOOT_S)
        self.expect_all_acknowledged()
        self.machine.set_cable(False)
        self.machine.set_cable(True)
        self.send("after the cable was out")
        self.expect_all_acknowledged()
        self.assertEqual(0, self.machine.press_power_button())

    def test_3_two_disks_of_one_image(self):
        self.machine.second_disk = machine.make_disk(
            appliance.find_image(), self.directory, self.size_mib, name="second.img")
        self.boot("uefi")
        self.machine.second_disk = None
        self.assertIsNone(self.machine.find("ALARM"))
        self.expect_all_acknowledged()

    def test_4_a_full_data_partition(self):
        body = ("x" * 70 + "\r\n") * (BIG_MIB * machine.MIB // 72)
        with self.assertRaises((smtplib.SMTPDataError, smtplib.SMTPRecipientsRefused,
                                smtplib.SMTPSenderRefused)) as refused:
            for count in range(self.size_mib // BIG_MIB):
                self.send(f"big {count}", body)
        self.assertRegex(str(refused.exception), r"\(?4[0-9][0-9]\b|: \(4")
        print(f"full after {len(self.acknowledged)} messages: {refused.exception}", flush=True)
        self.expect_all_acknowledged()
        self.assertEqual(0, self.machine.press_power_button())
        self.boot("bios")
        self.expect_all_acknowledged()
        self.assertEqual(0, self.machine.press_power_button())

    def test_5_a_damaged_data_partition_is_not_made_anew(self):
        facts = self.data_facts()
        block_bytes = int(re.search(r"Block size: +(\d+)", facts).group(1))
        place = DATA_START + int(re.search(r"Inode table at (\d+)", facts).group(1)) * block_bytes
        with open(self.disk, "r+b") as disk:
            disk.seek(place)
            good = disk.read(block_bytes)
            disk.seek(place)
            disk.write(os.urandom(block_bytes))
        self.machine.boot("bios")
        self.machine.wait_for("ALARM data: the data partition", BOOT_S)
        self.assertIsNone(self.machine.find(NEVER_AGAIN))
        self.machine.cut_power()
        with open(self.disk, "r+b") as disk:
            disk.seek(place)
            disk.write(good)
        self.boot("bios")
        self.assertIsNone(self.machine.find(NEVER_AGAIN))
        self.expect_all_acknowledged()
        self.machine.cut_power()

    def test_6_a_disk_that_is_too_small(self):
        self.machine.disk = machine.make_disk(appliance.find_image(), self.directory, 330,
                                              name="small.img")
        self.machine.boot("bios")
        self.machine.wait_for("ALARM data: .*the disk is too small: 330 MiB", BOOT_S)
        self.machine.cut_power()


if __name__ == "__main__":
    appliance.main("dumpe2fs", "mtype")
