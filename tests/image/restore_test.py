"""A fresh appliance that becomes the one of a backup on a stick, in an emulated machine: by the
seed, by the seed with the power cut in the middle, and from the console's first set-up.

    image/build amd64 && python3 tests/image/restore_test.py

The backup is made from the console of a machine that has mail. The cases build on each other
(appliance.py).
"""
import os
import smtplib
import ssl
import unittest

import appliance
import harness
import machine
from appliance import ACCOUNT, BOOT_S
from serial_screen import SerialScreen

PASSPHRASE = "a passphrase to test with"
RESTORE_SEED = f"restore_from = usb\nrestore_secret = {PASSPHRASE}\n"
WRONG_SEED = RESTORE_SEED.replace("to test", "that is wrong")
MESSAGES = 30
ANOTHER_PASSWORD = "of the fresh machine"


class RestoreTest(appliance.ApplianceTest):
    seed = appliance.SEED + "time_zone = Europe/Lisbon\n"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.stick = machine.make_stick(os.path.join(cls.directory, "stick.img"), {})
        cls.machine.stick, cls.machine.may_write_to_stick = cls.stick, True
        cls.certificate = None

    def send_all(self):
        with smtplib.SMTP(harness.HOST, self.machine.port["submission"], timeout=300) as smtp:
            smtp.starttls(context=harness.unverified())
            smtp.login(ACCOUNT, harness.PASSWORD)
            for number in range(MESSAGES):
                text = harness.message(f"kept {number}", sender=ACCOUNT, to=ACCOUNT,
                                       body="line\r\n" * (1 + 97 * number))
                smtp.sendmail(ACCOUNT, [ACCOUNT], text)
                self.acknowledged[f"kept {number}"] = text

    def shown_certificate(self):
        return ssl.get_server_certificate((harness.HOST, self.machine.port["imaps"]))

    def fresh_disk(self, name, seed):
        """Another machine, into which the stick is put, write-protected."""
        self.machine.may_write_to_stick = False
        self.machine.disk = machine.make_disk(appliance.find_image(), self.directory,
                                              self.size_mib, seed, name)

    def log_in(self, screen):
        screen.expect("Enter Log in").press("Enter").expect("Administrator password")
        return screen.type(harness.PASSWORD).press("Enter").expect("9  Backups")

    def expect_the_other_machine(self):
        """Mail, passwords, certificate, name, time zone and where backups go are its."""
        self.expect_all_acknowledged()
        self.assertEqual(self.certificate, self.shown_certificate())
        with SerialScreen(self.machine) as screen:
            self.log_in(screen).press("9").expect(r"Target +usb:").press("Escape")
            screen.expect("8  This machine").press("8").expect("4  Name and time zone").press("4")
            screen.expect("mail.example.test(?s:.)*Europe/Lisbon").press("Escape")
            screen.expect("4  Name").press("Escape").expect("9  Backups").press("Escape")
            screen.expect("mail.example.test(?s:.)*Enter Log in")

    def test_1_a_backup_is_made(self):
        self.boot("bios")
        self.send_all()
        type(self).certificate = self.shown_certificate()
        with SerialScreen(self.machine) as screen:
            self.log_in(screen).press("9").expect("4  Change target").press("4")
            screen.expect("Backups are encrypted").type("usb:").press("Enter")
            screen.type(PASSPHRASE).press("Enter").type(PASSPHRASE).press("Enter", "Enter", "Enter")
            screen.expect(r"4  Change target(?s:.)*Target +usb:").press("1")
            screen.expect("well: backup 1")
            screen.press("Escape").expect("9  Backups").press("Escape").expect("Enter Log in")
        self.assertEqual(0, self.machine.press_power_button())

    def test_2_a_seed_with_a_wrong_passphrase(self):
        self.fresh_disk("restored.img", WRONG_SEED)
        self.boot("bios")
        self.assertIsNotNone(self.machine.find(
            "ALARM seed: the passphrase does not open this backup"))
        self.assertEqual(0, self.machine.press_power_button())
        self.assertIn("postern-seed.txt", machine.names_on_esp(self.machine.disk))

    def test_3_the_power_goes_while_it_is_restored(self):
        machine.write_to_esp(self.machine.disk, "postern-seed.txt", RESTORE_SEED)
        self.machine.boot("bios")
        self.machine.wait_for("seed: restoring from usb", BOOT_S)
        self.machine.cut_power()
        self.boot("bios")
        self.assertIsNotNone(self.machine.find("seed: used; what usb held is back"))
        self.assertIsNone(self.machine.find("ALARM"))
        self.expect_the_other_machine()
        self.assertEqual(0, self.machine.press_power_button())
        names = machine.names_on_esp(self.machine.disk)
        self.assertNotIn("postern-seed.txt", names)
        self.assertNotIn("postern-seed-errors.txt", names)

    def test_4_it_goes_on_without_the_stick(self):
        self.machine.stick = None
        self.boot("bios")
        self.assertIsNone(self.machine.find("ALARM|seed:"))
        self.expect_all_acknowledged()
        self.assertEqual(0, self.machine.press_power_button())
        self.machine.stick = self.stick

    def test_5_in_place_of_the_first_set_up(self):
        self.fresh_disk("by-console.img", None)
        self.boot("bios")
        with SerialScreen(self.machine) as screen:
            screen.expect("Enter Set up this gateway").press("Enter")
            screen.expect("Choose the administrator's password")
            screen.type(ANOTHER_PASSWORD).press("Enter").type(ANOTHER_PASSWORD).press("Enter")
            screen.expect("A few questions").press("Enter", "Right").expect(r"\[a backup\]")
            screen.press("Enter").expect("This machine becomes the one").press("Enter")
            screen.type(PASSPHRASE).press("Enter", "Enter", "Enter").expect(r" 1 +20\d\d-")
            screen.press("Enter")
            screen.expect(f"{ACCOUNT}: comes with").expect("/data/config/host_name").press("y")
            screen.expect("The restore is ready").press("Escape")
            # The gateway starts again with it.
            screen.expect(r"mail.example.test(?s:.)*imaps \*:993 +open(?s:.)*Enter Log in")
        self.expect_the_other_machine()
        self.assertEqual(0, self.machine.press_power_button())


if __name__ == "__main__":
    appliance.main("tmux", "socat")
