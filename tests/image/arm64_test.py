"""The appliance for arm64 in an emulated machine: first boot by seed file under UEFI, mail in and
out, the power button, and the next boot.

    image/build arm64 && python3 tests/image/arm64_test.py

The cases build on each other (appliance.py).
"""
import threading
import unittest

import appliance
from appliance import Sender

COUNT = 20


class Arm64Test(appliance.ApplianceTest):
    arch = "arm64"

    def test_1_first_boot_by_seed_under_uefi(self):
        self.boot("arm64")
        self.assertIsNotNone(self.machine.find("seed: used"))
        self.assertIsNone(self.machine.find("ALARM"))

    def test_2_mail(self):
        sender = Sender(1, self.machine.port["submission"], self.acknowledged, COUNT,
                        threading.Event(), COUNT)
        sender.start()
        sender.join(300)
        self.assertEqual(COUNT, len(self.acknowledged), str(sender.problem))
        self.expect_all_acknowledged()

    def test_3_the_power_button_and_the_next_boot(self):
        self.assertEqual(0, self.machine.press_power_button())
        self.assertIsNotNone(self.machine.find("postern: ended"))
        self.boot("arm64")
        self.expect_all_acknowledged()


if __name__ == "__main__":
    appliance.main(arch="arm64")
