#!/usr/bin/env python3
"""Composes the slot: kernel, initial RAM disk and root file system in one squashfs file.

  compose.py --arch ARCH --packages DIR --programs DIR [--plain-programs DIR] --version V
             --keys FILE --out DIR

Runs in the build root. Takes files from the unpacked packages (DIR/root, see fetch-packages), the
programs and the overlay image/root; follows the shared libraries that programs name. Nothing of
ARCH is executed. Writes DIR/slot.img (verity.py has its layout) and DIR/packages, the Debian
packages of which something is inside. Every time stamp is SOURCE_DATE_EPOCH; the order of files
is that of their names; so the same input gives the same bytes. Status 1 and a sentence when
something is missing.
"""
import argparse
import fnmatch
import functools
import glob
import hashlib
import os
import re
import shutil
import subprocess
import sys

import trim_icu
import verity
from make_update import MINIMUM_VERSION

HERE = os.path.dirname(os.path.abspath(__file__))
# From the packages into the slot: programs, whose libraries follow, and trees.
PROGRAMS = ["usr/bin/busybox", "usr/sbin/sfdisk", "usr/bin/partx", "usr/sbin/mke2fs",
            "usr/sbin/e2fsck", "usr/sbin/resize2fs", "usr/sbin/fsck.fat", "usr/sbin/chronyd"]
OWN_PROGRAMS = ["app/posternd", "app/postern", "update/postern-fetch"]
# Of these there are two for arm64: one for any processor, in usr/bin, and one that wants the
# cryptographic extension, which "boot" puts in its place.
PLAIN_PROGRAMS = ["app/posternd", "app/postern"]
FAST_FOLDER = "usr/lib/postern/armv8-crypto"
FAST_INSTRUCTION = re.compile(r"\t(aes(e|d|mc|imc)|sha(1|256|512)\w+|eor3|bcax|"
                              r"pmull2?\t\w+\.1q.*)\b")
VERITY_PROGRAM = "update/open-verity"  # of the initial RAM disk
TREES = ["usr/share/zoneinfo", "usr/share/dns"]
LINKS = {"bin": "usr/bin", "sbin": "usr/sbin", "lib": "usr/lib", "lib64": "usr/lib64",
         "usr/sbin": "bin", "var": "run/var", "etc/resolv.conf": "../run/resolv.conf",
         "etc/localtime": "../run/localtime", "etc/mtab": "../proc/self/mounts"}
MOUNT_POINTS = ["proc", "sys", "dev", "run", "tmp", "data", "esp", "root"]
# GRUB reads gzip and xz; xz without the filters for programs, which GRUB lacks.
SQUASHFS_OPTIONS = ["-comp", "xz", "-b", "256K", "-all-root", "-no-xattrs", "-noappend",
                    "-no-progress", "-quiet"]
TRIPLETS = {"amd64": "x86_64-linux-gnu", "arm64": "aarch64-linux-gnu"}


def fail(words):
    sys.exit(f"compose: {words}")


def read_list(name):
    with open(os.path.join(HERE, "lists", name), encoding="utf-8") as file:
        text = re.sub(r"#.*", "", file.read())
    return text.split()


class Composer:
    def __init__(self, arguments):
        self.arch = arguments.arch
        self.packages = os.path.join(arguments.packages, "root")
        self.lists = arguments.packages
        self.programs = arguments.programs
        self.plain_programs = arguments.plain_programs
        self.version = arguments.version
        self.keys = arguments.keys
        self.out = arguments.out
        self.tree = os.path.join(arguments.out, "tree")
        self.initrd = os.path.join(arguments.out, "initrd")
        self.epoch = int(os.environ["SOURCE_DATE_EPOCH"])
        self.used = set()  # paths below packages/root
        kernels = glob.glob(os.path.join(self.packages, "usr/lib/modules/*"))
        if len(kernels) != 1:
            fail(f"one kernel is expected, there are {len(kernels)}")
        self.kernel = os.path.basename(kernels[0])
        self.library_folders = [f"usr/lib/{TRIPLETS[self.arch]}", "usr/lib", "usr/lib64"]

    # --- taking files -------------------------------------------------------------------------

    def take(self, path, target):
        """Copies a file of the packages; a link is followed. Its libraries are not taken."""
        source = self.resolve(path)
        copy = os.path.join(target, path)
        if not os.path.exists(copy):
            os.makedirs(os.path.dirname(copy), exist_ok=True)
            shutil.copyfile(source, copy)
            shutil.copymode(source, copy)
            os.chmod(copy, os.stat(copy).st_mode & 0o755)  # set-uid bits serve nobody here
        self.used.update((path, os.path.relpath(source, self.packages)))
        return copy

    def resolve(self, path):
        """The file behind a path below the packages, links taken as they would be there."""
        for _ in range(10):
            full = os.path.join(self.packages, path)
            if not os.path.islink(full):
                break
            target = os.readlink(full)
            path = (target.lstrip("/") if target.startswith("/") else
                    os.path.normpath(os.path.join(os.path.dirname(path), target)))
            path = re.sub(r"^(bin|sbin|lib|lib64)/", r"usr/\1/", path)
        if not os.path.isfile(full):
            fail(f"no package has {path}")
        return full

    def find_library(self, name):
        for folder in self.library_folders:
            if os.path.lexists(os.path.join(self.packages, folder, name)):
                return os.path.join(folder, name)
        fail(f"no package has the library {name}")

    def take_program(self, path, target):
        self.take_libraries(self.take(path, target), target)

    def take_libraries(self, program, target):
        """What a program or library names as needed, and its loader, closed over."""
        waiting = [program]
        while waiting:
            text = subprocess.run(["readelf", "-ldW", waiting.pop()], check=True, text=True,
                                  capture_output=True).stdout
            loader = re.search(r"program interpreter: /(.*)\]", text)
            if loader:
                self.take_loader(loader.group(1), target)
            for name in re.findall(r"\(NEEDED\).*\[(.*)\]", text):
                path = self.find_library(name)
                if not os.path.exists(os.path.join(target, path)):
                    waiting.append(self.take(path, target))

    def take_loader(self, path, target):
        """The kernel looks for it under the name that the program gives."""
        path = path if path.startswith("usr/") else f"usr/{path}"
        self.take(path, target)

    # --- the tree -----------------------------------------------------------------------------

    def make_tree(self):
        shutil.copytree(os.path.join(HERE, "root"), self.tree, symlinks=True)
        make_skeleton(self.tree, MOUNT_POINTS)
        for program in PROGRAMS:
            # usr/sbin is a link to usr/bin in the image.
            copy = self.take(program, self.tree)
            self.take_libraries(copy, self.tree)
        for program in OWN_PROGRAMS:
            self.take_own_program(program, self.tree)
        if self.plain_programs:
            self.take_plain_programs()
        for library in glob.glob(os.path.join(self.tree, "usr/lib/*/libicudata.so.*")):
            trim_icu.trim(library, self.out, self.tool("gcc"))
        link_applets(self.tree, read_list("applets"))
        for tree in TREES:
            self.take_tree(tree)
        self.take_authorities()
        self.write("etc/passwd", password_file())
        self.write("usr/lib/postern/release", f"VERSION={self.version}\nARCH={self.arch}\n"
                   f"KERNEL={self.kernel}\nEPOCH={self.epoch}\nMINIMUM={MINIMUM_VERSION}\n")
        with open(self.keys, encoding="ascii") as file:
            self.write("usr/lib/postern/update-keys", file.read())

    def tool(self, name):
        """Of the compiler for this architecture."""
        triplet = TRIPLETS[self.arch]
        return f"{triplet}-{name}" if shutil.which(f"{triplet}-{name}") else name

    def take_plain_programs(self):
        folder = os.path.join(self.tree, FAST_FOLDER)
        os.makedirs(folder)
        for program in PLAIN_PROGRAMS:
            name = os.path.basename(program)
            os.rename(os.path.join(self.tree, "usr/bin", name), os.path.join(folder, name))
            copy = os.path.join(self.tree, "usr/bin", name)
            subprocess.run([self.tool("strip"), "-o", copy,
                            os.path.join(self.plain_programs, program)], check=True)
            self.expect_plain(copy)

    def expect_plain(self, program):
        with subprocess.Popen([self.tool("objdump"), "-d", "--no-show-raw-insn", program],
                              stdout=subprocess.PIPE, text=True) as listing:
            for line in listing.stdout:
                if FAST_INSTRUCTION.search(line):
                    fail(f"{program} is for any processor, and has:{line.rstrip()}")
        if listing.returncode != 0:
            fail(f"{program} cannot be read")

    def take_own_program(self, program, target):
        copy = os.path.join(target, "usr/bin", os.path.basename(program))
        subprocess.run([self.tool("strip"), "-o", copy, os.path.join(self.programs, program)],
                       check=True)
        self.take_libraries(copy, target)

    def take_tree(self, tree):
        for directory, _, files in sorted(os.walk(os.path.join(self.packages, tree))):
            for file in sorted(files):
                path = os.path.relpath(os.path.join(directory, file), self.packages)
                if os.path.islink(os.path.join(self.packages, path)):
                    copy = os.path.join(self.tree, path)
                    os.makedirs(os.path.dirname(copy), exist_ok=True)
                    os.symlink(os.readlink(os.path.join(self.packages, path)), copy)
                else:
                    self.take(path, self.tree)

    def take_authorities(self):
        folder = "usr/share/ca-certificates/mozilla"
        names = sorted(os.listdir(os.path.join(self.packages, folder)))
        texts = []
        for name in names:
            self.used.add(f"{folder}/{name}")
            with open(os.path.join(self.packages, folder, name), encoding="utf-8") as file:
                texts.append(file.read())
        self.write("etc/ssl/certs/ca-certificates.crt", "".join(texts))

    def write(self, path, text, mode=0o644):
        full = os.path.join(self.tree, path)
        os.makedirs(os.path.dirname(full), exist_ok=True)
        with open(full, "w", encoding="utf-8") as file:
            file.write(text)
        os.chmod(full, mode)

    # --- kernel modules -----------------------------------------------------------------------

    def choose_modules(self, patterns):
        """Paths below the module tree that match, with all they depend on."""
        base = os.path.join(self.packages, "usr/lib/modules", self.kernel)
        needs = {}
        if not os.path.exists(os.path.join(base, "modules.dep")):
            run_depmod(self.packages, self.kernel)
        with open(os.path.join(base, "modules.dep"), encoding="utf-8") as file:
            for line in file:
                module, _, rest = line.partition(":")
                needs[module] = rest.split()
        chosen = set()
        waiting = [module for module in needs
                   if any(matches(module, pattern) for pattern in patterns)]
        while waiting:
            module = waiting.pop()
            if module not in chosen:
                chosen.add(module)
                waiting += needs[module]
        return sorted(chosen)

    def take_modules(self, target, patterns):
        """Unpacked: together they take less room than each by itself."""
        folder = f"usr/lib/modules/{self.kernel}"
        for module in self.choose_modules(patterns):
            copy = self.take(f"{folder}/{module}", target)
            if copy.endswith(".xz"):
                subprocess.run(["xz", "-d", copy], check=True)
        for name in ("modules.order", "modules.builtin", "modules.builtin.modinfo"):
            self.take(f"{folder}/{name}", target)
        run_depmod(target, self.kernel)
        self.take_firmware(target)
        for index in glob.glob(os.path.join(target, folder, "*.bin")):
            os.unlink(index)  # busybox reads the texts

    def take_firmware(self, target):
        """What its modules name, where a package has it, and that package's licence."""
        names = set()
        for module in glob.glob(os.path.join(target, "usr/lib/modules/**/*.ko"), recursive=True):
            with open(module, "rb") as file:
                names.update(re.findall(rb"\0firmware=([!-~]+)", file.read()))
        for name in sorted(names):
            path = f"usr/lib/firmware/{name.decode('ascii')}"
            if os.path.lexists(os.path.join(self.packages, path)):
                self.take(path, target)
                licence = f"usr/share/doc/{self.owners()[path]}/copyright"
                self.take(licence, target)

    # --- kernel and initial RAM disk ------------------------------------------------------------

    def take_kernel(self):
        for path in (f"boot/vmlinuz-{self.kernel}", f"usr/lib/modules/{self.kernel}/vmlinuz"):
            if os.path.exists(os.path.join(self.packages, path)):
                os.makedirs(os.path.join(self.tree, "boot"))
                shutil.copyfile(os.path.join(self.packages, path),
                                os.path.join(self.tree, "boot/vmlinuz"))
                self.used.add(path)
                return
        fail("no package has the kernel")

    def make_initrd(self, build_id):
        make_skeleton(self.initrd, ["proc", "sys", "dev", "run", "slot"])
        self.take_program("usr/bin/busybox", self.initrd)
        self.take_own_program(VERITY_PROGRAM, self.initrd)
        link_applets(self.initrd, read_list("initrd-applets"))
        self.take_modules(self.initrd, read_list("disk-modules") + read_list("initrd-modules"))
        shutil.copyfile(os.path.join(HERE, "initrd/init"), os.path.join(self.initrd, "init"))
        os.chmod(os.path.join(self.initrd, "init"), 0o755)
        with open(os.path.join(self.initrd, "build-id"), "w", encoding="ascii") as file:
            file.write(build_id + "\n")
        set_times(self.initrd, self.epoch)
        image = os.path.join(self.tree, "boot/initrd")
        subprocess.run(
            f"find . -print0 | LC_ALL=C sort -z | cpio --quiet --null -o -H newc --reproducible"
            f" --owner=0:0 | zstd --quiet -19 -T1 -f -o {image}", shell=True, check=True,
            cwd=self.initrd)
        os.chmod(image, 0o644)

    # --- the results --------------------------------------------------------------------------

    @functools.cache
    def owners(self):
        """Path -> package."""
        with open(os.path.join(self.lists, "contents"), encoding="utf-8") as file:
            rows = (line.rstrip("\n").split(" ", 1) for line in file)
            return {path: package for package, path in rows}

    def write_packages(self):
        owners = self.owners()
        names = set()
        for path in self.used:
            owner = owners.get(path) or owners.get(re.sub(r"^usr/", "", path))
            if owner is not None:
                names.add(owner)
        names |= set(read_boot_packages(self.arch))
        with open(os.path.join(self.lists, "versions"), encoding="utf-8") as file:
            lines = sorted(line for line in file if line.split(" ", 1)[0] in names)
        with open(os.path.join(self.out, "packages"), "w", encoding="utf-8") as file:
            file.write("# Debian package, version, source package, sha256 of the .deb\n")
            file.writelines(lines)

    def squash(self):
        set_times(self.tree, self.epoch)
        slot = os.path.join(self.out, "slot.img")
        subprocess.run(["mksquashfs", self.tree, slot, *SQUASHFS_OPTIONS], check=True)
        verity.append_verity(slot)

    def compose(self):
        self.make_tree()
        self.take_kernel()
        self.take_modules(self.tree, read_list("initrd-modules") + read_list("modules"))
        build_id = f"{self.version}-{digest(self.tree)[:16]}"
        self.write("usr/lib/postern/build-id", build_id + "\n")
        self.make_initrd(build_id)
        self.write_packages()
        self.squash()


def matches(module, pattern):
    name = re.sub(r"\.ko(\.xz|\.zst)?$", "", module)
    return fnmatch.fnmatchcase(name, f"kernel/{pattern}")


def make_skeleton(tree, folders):
    for folder in (*folders, "usr/bin", "usr/lib", "usr/lib64", "etc"):
        os.makedirs(os.path.join(tree, folder), exist_ok=True)
    for link, target in LINKS.items():
        path = os.path.join(tree, link)
        if not os.path.lexists(path):
            os.symlink(target, path)


def link_applets(tree, names):
    for name in names:
        path = os.path.join(tree, "usr/bin", name)
        if not os.path.lexists(path):
            os.symlink("busybox", path)


def password_file():
    """Nobody logs in: these are names for user numbers, fixed as the data partition keeps them."""
    rows = [("root", 0, "/root"), ("postern", 200, "/data/postern"), ("_chrony", 201, "/run")]
    return "".join(f"{name}:*:{number}:{number}::{home}:/bin/false\n"
                   for name, number, home in rows)


def read_boot_packages(arch):
    """Packages that assemble.py takes the boot loaders from, whole."""
    names = {"amd64": ["shim-signed", "grub-pc-bin", "grub-efi-amd64-signed"],
             "arm64": ["shim-signed", "grub-efi-arm64-signed", "u-boot-rpi", "raspi-firmware"]}
    return names[arch]


def run_depmod(base, kernel):
    subprocess.run(["depmod", "-b", base, kernel], check=True)


def set_times(tree, epoch):
    for directory, folders, files in os.walk(tree):
        for name in (*folders, *files):
            os.utime(os.path.join(directory, name), (epoch, epoch), follow_symlinks=False)
    os.utime(tree, (epoch, epoch))


def digest(tree):
    """One hash over the names and contents of a tree."""
    total = hashlib.sha256()
    for directory, folders, files in os.walk(tree):
        folders.sort()
        for name in sorted(files):
            path = os.path.join(directory, name)
            total.update(os.path.relpath(path, tree).encode() + b"\0")
            if os.path.islink(path):
                total.update(os.readlink(path).encode())
            else:
                with open(path, "rb") as file:
                    total.update(hashlib.file_digest(file, "sha256").digest())
    return total.hexdigest()


def main():
    parser = argparse.ArgumentParser()
    for name in ("arch", "packages", "programs", "version", "keys", "out"):
        parser.add_argument(f"--{name}", required=True)
    parser.add_argument("--plain-programs")
    arguments = parser.parse_args()
    os.umask(0o022)
    shutil.rmtree(arguments.out, ignore_errors=True)
    os.makedirs(arguments.out)
    Composer(arguments).compose()


if __name__ == "__main__":
    main()
