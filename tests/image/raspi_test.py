"""The appliance for arm64 on an emulated Raspberry Pi 3: first boot by seed file through U-Boot and
GRUB, mail in and out over the USB network card, and after a power cut the next boot.

    image/build arm64 && python3 tests/image/raspi_test.py

Real boards lack the cryptographic extension, which the emulated one has: so the first boot is told
to use the programs for processors without it, the second uses the others. The cases build on each
other (appliance.py).
"""
import struct
import threading
import unittest

import appliance
import machine
from appliance import Sender

COUNT = 20
NETWORK_S = 120
# Once armed, QEMU's watchdog of the board does not wait for its time.
NO_WATCHDOG = "initcall_blacklist=bcm2835_wdt_driver_init"
MBR_TABLE, SECTOR, FAT32 = 446, 512, 0x0c


class RaspberryPiTest(appliance.ApplianceTest):
    arch = "arm64"

    def boot(self, firmware="raspi"):
        super().boot(firmware)
        self.machine.plug_network_card()
        seconds, _ = self.machine.wait_for(r"Addresses .*10\.0\.2\.15", NETWORK_S)
        print(f"{firmware}: address after {seconds:.1f} s", flush=True)

    def expect_mbr_table(self):
        """Its first partition is the EFI partition, which the ROM of the Raspberry Pi 3 reads."""
        with open(self.disk, "rb") as disk:
            disk.seek(MBR_TABLE)
            kind, start = struct.unpack("<4xB3xI4x", disk.read(16))
        self.assertEqual((FAT32, machine.ESP_OFFSET // SECTOR), (kind, start))

    def test_1_first_boot_by_seed_through_u_boot(self):
        self.expect_mbr_table()
        machine.set_boot_variables(self.disk, f"extra=postern.plain {NO_WATCHDOG}")
        self.boot()
        self.assertIsNotNone(self.machine.find("Booting: mmc"))
        self.assertIsNotNone(self.machine.find("cryptographic instructions: none"))
        self.assertIsNotNone(self.machine.find("seed: used"))
        self.assertIsNone(self.machine.find("ALARM"))

    def test_2_mail(self):
        sender = Sender(1, self.machine.port["submission"], self.acknowledged, COUNT,
                        threading.Event(), COUNT)
        sender.start()
        sender.join(300)
        self.assertEqual(COUNT, len(self.acknowledged), str(sender.problem))
        self.expect_all_acknowledged()

    def test_3_a_power_cut_and_the_next_boot(self):
        self.machine.cut_power()
        self.expect_mbr_table()
        machine.set_boot_variables(self.disk, f"extra={NO_WATCHDOG}")
        self.boot()
        self.assertIsNotNone(self.machine.find("cryptographic instructions: used"))
        self.expect_all_acknowledged()


if __name__ == "__main__":
    appliance.main(arch="arm64")
