"""Updates of the appliance in an emulated machine: what is refused, one that never becomes healthy,
one whose power is cut in twenty places, mail over the change to the new version, back and forth,
a slot that has rotted, and the factory reset.

    image/build amd64 && python3 tests/image/update_test.py

Updates come on sticks and are installed unattended. The new version is the image's own slot under
another version number, signed with the key that POSTERN_UPDATE_KEY names, else with the key for
development that image/build made. The cases build on each other (appliance.py).
"""
import os
import re
import subprocess
import threading
import unittest

import appliance
import machine
from appliance import BOOT_S, SEED, Sender

import make_update
import verity

KEY = os.environ.get("POSTERN_UPDATE_KEY") or os.path.join(
    os.environ.get("XDG_CONFIG_HOME") or os.path.expanduser("~/.config"), "postern",
    "update-key.pem")
GOOD, BAD = "0.1.1", "0.1.2"
NEVER_HEALTHY = "#!/bin/sh\necho this system is never healthy\nexit 1\n"
MARK = "postern-update-now"
UPDATE_S = 400
# POSTERN_CUTS_STEP=5: only every fifth of the places before the slot is armed. POSTERN_BRIEF=1: one
# of them and one after it, and none of the cases behind that.
CUTS_STEP = int(os.environ.get("POSTERN_CUTS_STEP", "1"))
BRIEF = os.environ.get("POSTERN_BRIEF") == "1"
SLOT_B_START = 170 * machine.MIB
# Where the power goes: the serial line says this (while senders deliver mail). Until the slot is
# armed the next boot finds the stick again and begins anew.
BEFORE_IT_IS_ARMED = [r"postern: healthy: slot a", r"update: checking: 5\d %",
                      r"update: writing: \d %",
                      *(rf"update: writing: {tenth}\d %" for tenth in range(1, 10)),
                      *(rf"update: reading back: {tenth}\d %" for tenth in (1, 5, 9))]
AFTER_IT_IS_ARMED = [r"update: version 0.1.1 is installed", r"Linux version",
                     r"postern: version 0.1.1", r"postern: healthy: slot b",
                     r"postern: healthy: slot b"]


class Slots:
    """Slots made of the image's: its tree, changed and squashed again."""

    def __init__(self, image, directory):
        self.directory = directory
        self.tree = os.path.join(directory, "tree")
        with open(image, "rb") as disk:
            disk.seek(SLOT_B_START - 128 * machine.MIB)
            slot = self.path("slot-a")
            with open(slot, "wb") as file:
                file.write(disk.read(128 * machine.MIB))
        subprocess.run(["unsquashfs", "-q", "-n", "-d", self.tree, slot], check=True)

    def path(self, name):
        return os.path.join(self.directory, name)

    def make(self, version, **changes):
        """An update file; `changes`: name of a script -> its text."""
        for name, text in changes.items():
            with open(os.path.join(self.tree, "usr/lib/postern", name), "w",
                      encoding="utf-8") as file:
                file.write(text)
        release = os.path.join(self.tree, "usr/lib/postern/release")
        with open(release, encoding="utf-8") as file:
            text = re.sub(r"(?m)^VERSION=.*", f"VERSION={version}", file.read())
        with open(release, "w", encoding="utf-8") as file:
            file.write(text)
        slot = self.path(f"slot-{version}")
        subprocess.run(["mksquashfs", self.tree, slot, "-comp", "gzip", "-b", "256K",
                        "-Xcompression-level", "1", "-all-root", "-no-xattrs", "-noappend",
                        "-no-progress", "-quiet"], check=True)
        verity.append_verity(slot)
        return self.sign(slot, version)

    def sign(self, slot, version, arch="amd64", key=KEY, minimum=make_update.MINIMUM_VERSION):
        out = self.path(f"postern-{version}-{arch}-{minimum}.update")
        make_update.make_update(slot, version, arch, key, out, minimum)
        return out

    def stick(self, name, update, *more):
        """A volume with the update under a proper name, and whatever else, empty."""
        files = {f"postern-{name}-amd64.update": update, **dict.fromkeys(more)}
        return machine.make_stick(self.path(f"stick-{name}"), files)


class UpdateTest(appliance.ApplianceTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.slots = Slots(appliance.find_image(), cls.directory)
        cls.good = cls.slots.make(GOOD)
        cls.senders = 0

    def begin_delivery(self, count_max=10_000):
        """Mail from now on, until the power goes if there is so much of it."""
        type(self).senders += 1
        sender = Sender(self.senders, self.machine.port["submission"], self.acknowledged, 0,
                        threading.Event(), count_max)
        sender.start()
        return sender

    def deliver(self, count):
        before = len(self.acknowledged)
        sender = self.begin_delivery(count)
        sender.join(300)
        self.assertEqual(before + count, len(self.acknowledged), str(sender.problem))

    def cut_at(self, pattern, wants_mail):
        self.machine.boot("bios")
        sender = None
        if wants_mail:
            self.machine.wait_for("postern: healthy", BOOT_S)
            sender = self.begin_delivery()
        seconds, _ = self.machine.wait_for(pattern, UPDATE_S)
        self.machine.cut_power()
        if sender:
            sender.join(120)
        print(f"power cut after {seconds:.1f} s at: {pattern};"
              f" {len(self.acknowledged)} messages acknowledged so far", flush=True)

    def test_1_first_boot(self):
        self.boot("bios")
        self.assertIsNone(self.machine.find("ALARM"))
        self.deliver(10)

    def test_2_what_must_not_be_installed_is_refused(self):
        slot = self.slots.path("small")
        with open(slot, "wb") as file:
            file.write(b"x" * 100_000)
        other_key = self.slots.path("other.pem")
        make_update.make_key(other_key)
        unsigned, cut = self.slots.path("unsigned"), self.slots.path("cut")
        with open(self.good, "rb") as file:
            whole = file.read()
        with open(unsigned, "wb") as file:
            file.write(re.sub(rb"\nsignature .*\n", b"\n", whole[:4096]) + whole[4096:100_000])
        with open(cut, "wb") as file:
            file.write(whole[:len(whole) // 2])
        before = machine.boot_variables(self.disk)
        # Nobody has asked for this one.
        self.machine.plug(self.slots.stick("8.0.0", self.good), "unmarked")
        for name, update, words in (
                ("9.0.1", unsigned, "the update is not signed"),
                ("9.0.2", self.slots.sign(slot, "9.0.2", key=other_key),
                 "not signed with a key that this machine trusts"),
                ("9.0.3", self.slots.sign(slot, "9.0.3", arch="arm64"), "is for arm64"),
                ("0.0.1", self.slots.sign(slot, "0.0.1", minimum="0.0.1"),
                 "0.0.1 is older than 0.1.0"),
                ("9.0.4", self.slots.sign(slot, "9.0.4", minimum="9.0.0"),
                 "wants 9.0.0 to be installed first"),
                ("9.0.5", cut, "the file is cut off")):
            self.machine.plug(self.slots.stick(name, update, MARK))
            self.machine.wait_for(f"update: .*{words}", UPDATE_S)
            self.machine.unplug()
        self.assertIsNone(self.machine.find("update: writing"))
        self.machine.unplug("unmarked")
        self.assertEqual(before, machine.boot_variables(self.disk))

    def test_3_an_update_that_is_never_healthy_is_rolled_back(self):
        with open(os.path.join(self.slots.tree, "usr/lib/postern/health"),
                  encoding="utf-8") as file:
            health = file.read()
        bad = self.slots.make(BAD, health=NEVER_HEALTHY)
        self.slots.make(GOOD, health=health)
        self.machine.plug(self.slots.stick(BAD, bad, MARK))
        self.machine.wait_for(f"update: version {BAD} is installed", UPDATE_S)
        self.machine.wait_for("ALARM rolled: slot b", 3 * BOOT_S)
        self.machine.wait_for("healthy: slot a", BOOT_S)
        self.assertEqual(3, len(self.machine.find_all(f"postern: version {BAD}")))
        self.assertEqual(3, len(self.machine.find_all("not healthy: starting again")))
        self.expect_all_acknowledged()
        self.machine.cut_power()
        there = machine.boot_variables(self.disk)
        self.assertEqual(("a", "b", "0"),
                         tuple(there[key] for key in ("cur", "rolled", "other_ok")))

    def test_4_power_cuts_in_twenty_places(self):
        self.machine.cut_power()
        self.machine.stick = self.slots.stick(GOOD, self.good, MARK)
        before, after = BEFORE_IT_IS_ARMED[::CUTS_STEP], AFTER_IT_IS_ARMED
        if BRIEF:
            before, after = before[-1:], after[:1]
        for place in before:
            self.cut_at(place, place != BEFORE_IT_IS_ARMED[0])
            self.assertEqual("a", machine.boot_variables(self.disk)["cur"])
        for place in after:
            self.cut_at(place, False)
            self.assertEqual("b", machine.boot_variables(self.disk)["cur"])
        self.assertEqual(20, len(BEFORE_IT_IS_ARMED) + len(AFTER_IT_IS_ARMED))
        self.machine.stick = None
        self.boot("secure")
        self.assertIsNotNone(self.machine.find("healthy: slot b"))
        self.assertIsNone(self.machine.find("ALARM"))
        there = self.expect_all_acknowledged()
        self.assertIn(f"Postern {GOOD} runs", there)

    @unittest.skipIf(BRIEF, "brief")
    def test_5_mail_over_the_change_back_and_forth(self):
        for slot in ("a", "b"):
            self.deliver(10)
            self.machine.cut_power()
            machine.set_boot_variables(self.disk, f"cur={slot}", "left=3", "other_ok=1")
            self.boot("bios")
            self.assertIsNotNone(self.machine.find(f"healthy: slot {slot}"))
            self.expect_all_acknowledged()

    @unittest.skipIf(BRIEF, "brief")
    def test_6_a_slot_that_has_rotted_is_left(self):
        self.machine.cut_power()
        with open(self.disk, "r+b") as file:
            file.seek(SLOT_B_START + 30 * machine.MIB)
            file.write(os.urandom(4096))
        self.machine.boot("bios")
        self.machine.wait_for("healthy: slot a", 4 * BOOT_S)
        self.assertIsNotNone(self.machine.find("ALARM rolled: slot b"))
        self.expect_all_acknowledged()

    @unittest.skipIf(BRIEF, "brief")
    def test_7_factory_reset(self):
        self.machine.cut_power()
        machine.set_boot_variables(self.disk, "reset=1")
        machine.write_to_esp(self.disk, "postern-seed.txt", SEED)
        self.boot("bios")
        self.assertIsNotNone(self.machine.find("factory reset: erasing"))
        self.assertEqual({}, self.inbox())
        self.assertEqual(0, self.machine.press_power_button())
        self.assertEqual("0", machine.boot_variables(self.disk)["reset"])


if __name__ == "__main__":
    appliance.main("mksquashfs", "unsquashfs")
