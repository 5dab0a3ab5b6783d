#!/usr/bin/env python3
"""Assembles the disk image: partition table, boot loaders, EFI system partition, slot A.

  assemble.py --arch ARCH --packages DIR --slot FILE --out FILE

Runs in the build root. The disk, in order (1 MiB aligned, GPT):

  MBR    GRUB's first sector, for a BIOS
  bios     1 MiB  GRUB's core for a BIOS
  esp     40 MiB  FAT32: shim and GRUB signed by Debian, postern/grub.cfg, postern/grubenv; arm64:
                  what a Raspberry Pi 3 or 4 starts from
  slot-a 128 MiB  squashfs, written here
  slot-b 128 MiB  empty until the first update

The data partition is not in the image: the first boot makes it in the rest of the disk and gives
all partitions new GUIDs. Those here are fixed, so the same input gives the same bytes.
"""
import argparse
import glob
import os
import shutil
import struct
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
SECTOR = 512
MIB = 1024 * 1024
ESP_MIB, SLOT_MIB = 40, 128
DISK_GUID = "d5e1b1b0-7c1e-4c55-9a6b-706f73746572"
# label, MiB, type, last digits of the GUID
PARTITIONS = [("bios", 1, "ef02", "01"), ("esp", ESP_MIB, "ef00", "02"),
              ("slot-a", SLOT_MIB, "8300", "03"), ("slot-b", SLOT_MIB, "8300", "04")]
FAT_SERIAL = "504f5354"
BIOS_MODULES = ("part_gpt fat squash4 gzio xzio linux normal loadenv test search regexp echo "
                "configfile probe halt reboot sleep serial terminal minicmd biosdisk").split()
# How GRUB is called in the packages and where UEFI looks for the first program.
EFI_NAMES = {"amd64": ("shimx64.efi.signed", "x86_64-efi-signed/grubx64.efi.signed", "BOOTX64.EFI",
                       "grubx64.efi"),
             "arm64": ("shimaa64.efi.signed", "arm64-efi-signed/grubaa64.efi.signed",
                       "BOOTAA64.EFI", "grubaa64.efi")}
GRUBENV_BYTES = 1024
# Of the Raspberry Pi: its firmware, which looks in the root directory, and its licence; U-Boot.
PI_FILES = {name: f"usr/lib/raspi-firmware/{name}" for name in
            ("bootcode.bin", "start.elf", "fixup.dat", "start4.elf", "fixup4.dat")}
PI_FILES |= {"raspi-firmware.txt": "usr/share/doc/raspi-firmware/copyright",
             "u-boot.bin": "usr/lib/u-boot/rpi_arm64/u-boot.bin"}
PI_TREES = ("bcm2837-rpi-*.dtb", "bcm2711-rpi-*.dtb")
MBR_TABLE = 446
FAT32, PROTECTIVE = 0x0c, 0xee  # kinds of partitions there


def run(*words):
    subprocess.run(words, check=True)


def partition_guid(digits):
    return DISK_GUID[:-2] + digits


def make_table(path):
    size_mib = 1 + sum(size for _, size, _, _ in PARTITIONS) + 1
    with open(path, "wb") as file:
        file.truncate(size_mib * MIB)
    words = ["sgdisk", "-a", "2048", "-U", DISK_GUID]
    for number, (label, size, kind, digits) in enumerate(PARTITIONS, 1):
        words += ["-n", f"{number}:{'2048' if number == 1 else '0'}:+{size}M",
                  "-t", f"{number}:{kind}", "-c", f"{number}:{label}",
                  "-u", f"{number}:{partition_guid(digits)}"]
    subprocess.run([*words, path], check=True, stdout=subprocess.DEVNULL)


def offset_of(label):
    """Bytes from the start of the disk to a partition."""
    mib = 1
    for name, size, _, _ in PARTITIONS:
        if name == label:
            return mib * MIB
        mib += size
    raise KeyError(label)


def write_at(path, offset, data):
    with open(path, "r+b") as file:
        file.seek(offset)
        file.write(data)


def install_bios_loader(path, packages, work):
    """GRUB for a BIOS without a device: the sectors that grub-bios-setup would write."""
    folder = os.path.join(packages, "usr/lib/grub/i386-pc")
    core_name = os.path.join(work, "core.img")
    run("grub-mkimage", "-d", folder, "-O", "i386-pc", "-p", "(,gpt2)/postern", "-o", core_name,
        *BIOS_MODULES)
    with open(os.path.join(folder, "boot.img"), "rb") as file:
        boot = bytearray(file.read()[:440])
    with open(core_name, "rb") as file:
        core = bytearray(file.read())
    core_sector = offset_of("bios") // SECTOR
    if len(core) > MIB:
        sys.exit("assemble: GRUB's core does not fit its partition")
    struct.pack_into("<Q", boot, 0x5c, core_sector)  # where the core begins
    boot[0x64] = 0xff                                # on the drive that the BIOS booted
    boot[0x66:0x68] = b"\x90\x90"                    # whose number it is trusted to give
    struct.pack_into("<Q", core, 0x1f4, core_sector + 1)  # where the rest of the core is
    write_at(path, 0, boot)
    write_at(path, core_sector * SECTOR, core)


def write_mbr_table(path):
    """The Raspberry Pi 3 knows no GPT: its ROM finds the EFI partition in the table of the MBR.
    All others go by the GPT, which the second entry announces."""
    first = offset_of("esp") // SECTOR
    rows = [(FAT32, first, ESP_MIB * MIB // SECTOR), (PROTECTIVE, 1, first - 1)]
    no_cylinders = b"\xfe\xff\xff"
    table = b"".join(struct.pack("<B3sB3sII", 0, no_cylinders, kind, no_cylinders, start, count)
                     for kind, start, count in rows)
    write_at(path, MBR_TABLE, table.ljust(64, b"\0"))


def files_of_pi(packages):
    """Name in the EFI partition -> path."""
    files = {name: os.path.join(packages, path) for name, path in PI_FILES.items()}
    for pattern in PI_TREES:
        found = glob.glob(os.path.join(packages, "usr/lib/linux-image-*/broadcom", pattern))
        if not found:
            sys.exit(f"assemble: the kernel's package has no {pattern}")
        files |= {os.path.basename(path): path for path in found}
    return files | {"config.txt": os.path.join(HERE, "boot/config.txt")}


def environment_block(**variables):
    """GRUB's: a head line, key=value lines, filled up with '#' to 1,024 bytes."""
    text = "# GRUB Environment Block\n"
    text += "".join(f"{key}={value}\n" for key, value in variables.items())
    return text.ljust(GRUBENV_BYTES, "#").encode("ascii")


def make_esp(packages, arch, work):
    """The EFI system partition as a file; its name is returned."""
    shim, grub, first, second = EFI_NAMES[arch]
    tree = os.path.join(work, "esp")
    for folder in ("EFI/BOOT", "EFI/debian", "postern"):
        os.makedirs(os.path.join(tree, folder))
    copies = {f"EFI/BOOT/{first}": os.path.join(packages, "usr/lib/shim", shim),
              f"EFI/BOOT/{second}": os.path.join(packages, "usr/lib/grub", grub),
              "EFI/debian/grub.cfg": os.path.join(HERE, "boot/uefi.cfg"),
              "postern/grub.cfg": os.path.join(HERE, "boot/grub.cfg"),
              "postern-seed-example.txt": os.path.join(HERE, "seed-example.txt")}
    if arch == "arm64":
        copies |= files_of_pi(packages)
    for target, source in copies.items():
        shutil.copyfile(source, os.path.join(tree, target))
    with open(os.path.join(tree, "postern/grubenv"), "wb") as file:
        file.write(environment_block(cur="a", left="3", other_ok="0", rolled="0"))
    epoch = int(os.environ["SOURCE_DATE_EPOCH"])
    image = os.path.join(work, "esp.fat")
    with open(image, "wb") as file:
        file.truncate(ESP_MIB * MIB)
    run("mformat", "-i", image, "-F", "-c", "1", "-N", FAT_SERIAL, "-v", "POSTERN", "::")
    for directory, folders, files in os.walk(tree):
        folders.sort()
        here = os.path.relpath(directory, tree)
        if here != ".":
            run("mmd", "-i", image, f"::/{here}")
        for name in sorted(files):
            os.utime(os.path.join(directory, name), (epoch, epoch))
            run("mcopy", "-m", "-i", image, os.path.join(directory, name),
                os.path.normpath(f"::/{here}/{name}"))
    return image


def copy_into(path, offset, source, bytes_max):
    """Writes a file into the disk, leaving holes where it has only zeros."""
    if os.stat(source).st_size > bytes_max:
        sys.exit(f"assemble: {source} does not fit: {os.stat(source).st_size} bytes")
    with open(source, "rb") as file, open(path, "r+b") as disk:
        position = offset
        while block := file.read(MIB):
            if block.strip(b"\0"):
                disk.seek(position)
                disk.write(block)
            position += len(block)


def main():
    parser = argparse.ArgumentParser()
    for name in ("arch", "packages", "slot", "out"):
        parser.add_argument(f"--{name}", required=True)
    arguments = parser.parse_args()
    packages = os.path.join(arguments.packages, "root")
    work = tempfile.mkdtemp(prefix="assemble-")
    try:
        make_table(arguments.out)
        if arguments.arch == "amd64":
            install_bios_loader(arguments.out, packages, work)
        else:
            write_mbr_table(arguments.out)
        copy_into(arguments.out, offset_of("esp"), make_esp(packages, arguments.arch, work),
                  ESP_MIB * MIB)
        copy_into(arguments.out, offset_of("slot-a"), arguments.slot, SLOT_MIB * MIB)
    finally:
        shutil.rmtree(work)


if __name__ == "__main__":
    main()
