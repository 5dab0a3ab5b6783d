"""A machine in QEMU that boots the appliance: no KVM needed, no network besides forwarded ports.

    with Machine(disk) as machine:
        machine.boot("bios")
        machine.wait_for("healthy", 120)
        machine.port["imaps"]          # on 127.0.0.1
        machine.serve_serial_line()    # a socket, for one program

One at a time; it is killed by its own pid when the block is left, whatever happened. What the
serial line said is kept with the seconds since power-on, and printed when a test fails, or as it
comes with POSTERN_SERIAL=1.
"""
import ctypes
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time

from harness import HOST, ROOT, free_port, wait_until

sys.path.insert(0, os.path.join(ROOT, "image"))
from assemble import environment_block  # noqa: E402

MIB = 1024 * 1024
ESP_OFFSET = 2 * MIB
FORWARDED = {"smtp": 25, "submission": 587, "submissions": 465, "imap": 143, "imaps": 993,
             "pop3": 110, "pop3s": 995}
# Code and variables of the firmware; "secure" has Microsoft's keys enrolled and enforces them.
FIRMWARE = {"uefi": ("OVMF/OVMF_CODE_4M.fd", "OVMF/OVMF_VARS_4M.fd"),
            "secure": ("OVMF/OVMF_CODE_4M.secboot.fd", "OVMF/OVMF_VARS_4M.ms.fd"),
            "arm64": ("AAVMF/AAVMF_CODE.fd", "AAVMF/AAVMF_VARS.fd")}
# The board "raspi": a Raspberry Pi 3, which has four processors and 1 GiB; its card wants a size
# that is a power of two.
PI_TREE = "bcm2837-rpi-3-b.dtb"
MEMORY_MIB = 256
CPUS = os.environ.get("POSTERN_CPUS", "1")
# POSTERN_ACCEL=kvm: several times as fast, where KVM can run a BIOS.
ACCELERATOR = os.environ.get("POSTERN_ACCEL", "tcg")
END_S = 180
SHOWN = os.environ.get("POSTERN_SERIAL") == "1"


def make_disk(image, directory, size_mib=1024, seed=None, name="disk.img"):
    """A disk flashed with the image, as large as asked for; `seed` is put where a user would."""
    disk = os.path.join(directory, name)
    subprocess.run(["cp", "--sparse=always", image, disk], check=True)
    os.truncate(disk, size_mib * MIB)
    # On a busy host the emulated timer is late, and the kernel takes it for broken.
    set_boot_variables(disk, "extra=no_timer_check")
    if seed is not None:
        write_to_esp(disk, "postern-seed.txt", seed)
    return disk


def write_to_esp(disk, name, content):
    with tempfile.NamedTemporaryFile() as file:
        file.write(content.encode() if isinstance(content, str) else content)
        file.flush()
        subprocess.run(["mcopy", "-o", "-i", f"{disk}@@{ESP_OFFSET}", file.name, f"::/{name}"],
                       check=True)


def make_stick(path, files):
    """A FAT volume without partitions; `files`: name -> path of what is copied, or None: empty."""
    size = sum(os.path.getsize(source) for source in files.values() if source)
    with open(path, "wb") as file:
        file.truncate((size // MIB + 40) * MIB)
    subprocess.run(["mformat", "-i", path, "-F", "::"], check=True)
    for name, source in files.items():
        subprocess.run(["mcopy", "-i", path, source or "/dev/null", f"::/{name}"], check=True)
    return path


def set_boot_variables(disk, *assignments):
    """In GRUB's environment."""
    variables = boot_variables(disk)
    variables.update(word.split("=", 1) for word in assignments)
    write_to_esp(disk, "postern/grubenv", environment_block(**variables))


def boot_variables(disk):
    text = subprocess.run(["mtype", "-i", f"{disk}@@{ESP_OFFSET}", "::/postern/grubenv"],
                          check=True, capture_output=True, text=True).stdout
    return dict(line.split("=", 1) for line in text.split("\n") if "=" in line)


def names_on_esp(disk):
    listing = subprocess.run(["mdir", "-b", "-i", f"{disk}@@{ESP_OFFSET}", "::/"], check=True,
                             capture_output=True, text=True).stdout
    return [line.rsplit("/", 1)[-1] for line in listing.split("\n") if line]


LIBC = ctypes.CDLL(None)


def end_with_parent():
    """However the test ends, killed included, its machine does too."""
    pr_set_pdeathsig = 1
    LIBC.prctl(pr_set_pdeathsig, signal.SIGKILL)


class Machine:
    def __init__(self, disk, memory_mib=MEMORY_MIB):
        self.disk = disk
        # Of the next boot: the path of a FAT volume, and whether it may be written to; of a disk
        # besides its own; the year that a clock with an empty battery shows; whether it has a
        # network card.
        self.stick = None
        self.may_write_to_stick = False
        self.second_disk = None
        self.clock_year = None
        self.has_network = True
        self.memory_mib = memory_mib
        self.directory = tempfile.mkdtemp(prefix="postern-machine-")
        self.port = {}
        self.process = None
        self.reader = None
        self.lines = []  # (seconds since power-on, text)
        self.news = threading.Condition()
        self.user = None  # the connection of a program that has the serial line

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        self.cut_power()
        if kind is not None:
            self.print_lines()
        shutil.rmtree(self.directory, ignore_errors=True)

    def print_lines(self):
        print("--- the end of the serial line ---", file=sys.stderr)
        for seconds, text in self.lines[-150:]:
            print(f"{seconds:7.2f} {text}", file=sys.stderr)

    # --- power --------------------------------------------------------------------------------

    def boot(self, firmware):
        assert self.process is None, "it runs already"
        self.port = {name: free_port() for name in FORWARDED}
        forwards = "".join(f",hostfwd=tcp:{HOST}:{self.port[name]}-:{port}"
                           for name, port in FORWARDED.items())
        network = f"user,id=cable,restrict=on{forwards}"
        command = [*(self.raspberry_pi(network) if firmware == "raspi" else
                     self.computer(firmware, network)),
                   "-display", "none", "-serial", "stdio", "-monitor", "none",
                   "-qmp", f"unix:{self.directory}/qmp,server=on,wait=off"]
        if self.second_disk:
            command += ["-drive", f"file={self.second_disk},format=raw,if=virtio"]
        if self.clock_year:
            command += ["-rtc", f"base={self.clock_year}-01-01"]
        if self.stick:
            command += ["-device", "usb-storage,drive=stick",
                        "-drive", "id=stick,if=none,format=raw,"
                        f"readonly={'off' if self.may_write_to_stick else 'on'},file={self.stick}"]
        self.lines.clear()
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.STDOUT, preexec_fn=end_with_parent)
        self.reader = threading.Thread(target=self._read, args=(self.process, time.monotonic()),
                                       daemon=True)
        self.reader.start()

    def computer(self, firmware, network):
        return [*self.board(firmware), "-smp", CPUS, "-m", str(self.memory_mib),
                "-drive", f"file={self.disk},format=raw,if=virtio,cache=writeback",
                "-nic", f"{network},model=virtio-net-pci" if self.has_network else "none",
                "-device", "virtio-rng-pci", *self.firmware_options(firmware),
                "-device", "qemu-xhci"]

    def raspberry_pi(self, network):
        """QEMU takes the part of its firmware, which it does not run: it starts the U-Boot of the
        card with the device tree of the card. The second serial line is the board's pins."""
        for name in ("u-boot.bin", PI_TREE):
            subprocess.run(["mcopy", "-o", "-i", f"{self.disk}@@{ESP_OFFSET}", f"::/{name}",
                            os.path.join(self.directory, name)], check=True)
        command = ["qemu-system-aarch64", "-M", "raspi3b", "-serial", "null",
                   "-kernel", os.path.join(self.directory, "u-boot.bin"),
                   "-dtb", os.path.join(self.directory, PI_TREE),
                   "-drive", f"file={self.disk},format=raw,if=sd,cache=writeback"]
        return [*command, "-netdev", network]

    def plug_network_card(self):
        """Into the Raspberry Pi, whose kernel does not see what its U-Boot has used in QEMU."""
        answer = self.qmp("device_add", driver="usb-net", netdev="cable")
        assert "error" not in answer, answer

    @staticmethod
    def board(firmware):
        if firmware == "arm64":
            return ["qemu-system-aarch64", "-M", "virt", "-cpu", "cortex-a72"]
        accelerator = "tcg,tb-size=256" if ACCELERATOR == "tcg" else ACCELERATOR
        board = "q35,smm=on" if firmware == "secure" else "q35"
        return ["qemu-system-x86_64", "-M", board, "-accel", accelerator, "-cpu", "max"]

    def firmware_options(self, firmware):
        if firmware == "bios":
            return []
        code, variables = FIRMWARE[firmware]
        own = os.path.join(self.directory, os.path.basename(variables))
        shutil.copyfile(os.path.join("/usr/share", variables), own)
        options = ["-global", "driver=cfi.pflash01,property=secure,value=on"]
        return [*(options if firmware == "secure" else []), "-drive",
                f"if=pflash,format=raw,unit=0,readonly=on,file=/usr/share/{code}",
                "-drive", f"if=pflash,format=raw,unit=1,file={own}"]

    def cut_power(self):
        """kill -9: nothing of the machine gets to do anything."""
        if self.process is not None:
            self.process.kill()
            self._ended()

    def press_power_button(self):
        """Status of the machine once it has powered itself off."""
        self.qmp("system_powerdown")
        try:
            self.process.wait(END_S)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"no power-off within {END_S} s") from None
        return self._ended()

    def _ended(self):
        status = self.process.wait()
        self.reader.join()
        self.process.stdout.close()
        self.process.stdin.close()
        self.process = None
        return status

    def plug(self, path, name="plugged"):
        """A stick, while the machine runs."""
        self.qmp("blockdev-add", **{"node-name": name, "driver": "raw", "read-only": True,
                                    "file": {"driver": "file", "filename": path}})
        self.qmp("device_add", driver="usb-storage", id=name, drive=name)

    def unplug(self, name="plugged"):
        self.qmp("device_del", id=name)
        deadline = time.monotonic() + END_S
        while "error" in self.qmp("blockdev-del", **{"node-name": name}):
            assert time.monotonic() < deadline, "the stick stays in use"
            time.sleep(0.2)

    def set_cable(self, is_plugged):
        """That of the network."""
        answer = self.qmp("set_link", name="cable", up=is_plugged)
        assert "error" not in answer, answer

    def qmp(self, command, **arguments):
        """The answer; "error" is in it when it was refused."""
        path = os.path.join(self.directory, "qmp")
        wait_until(lambda: os.path.exists(path), END_S)
        with socket.socket(socket.AF_UNIX) as connection:
            connection.connect(path)
            with connection.makefile("rw", encoding="utf-8") as stream:
                stream.readline()
                for word, more in (("qmp_capabilities", {}), (command, arguments)):
                    stream.write(json.dumps({"execute": word, "arguments": more}) + "\n")
                    stream.flush()
                    answer = json.loads(stream.readline())
                    while "event" in answer:
                        answer = json.loads(stream.readline())
        return answer

    # --- the serial line ----------------------------------------------------------------------

    def _read(self, process, began):
        rest = b""
        while piece := os.read(process.stdout.fileno(), 65536):
            self._hand_on(piece)
            *lines, rest = (rest + piece).split(b"\n")
            seconds = time.monotonic() - began
            with self.news:
                for line in lines:
                    text = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]|[\x00-\x08\x0b-\x1f]", "",
                                  line.decode(errors="replace")).rstrip()
                    self.lines.append((seconds, text))
                    if SHOWN:
                        print(f"{seconds:7.2f} {text}", flush=True)
                self.news.notify_all()
        with self.news:
            self.news.notify_all()

    def _hand_on(self, piece):
        if self.user is not None:
            try:
                self.user.sendall(piece)
            except OSError:
                self.user = None

    def serve_serial_line(self):
        """For one program that then has the serial line, both ways; the name of a socket."""
        path = os.path.join(self.directory, "serial")
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(path)
        listener.listen(1)

        def serve():
            self.user, _ = listener.accept()
            listener.close()
            os.unlink(path)
            try:
                with self.user as user:
                    while keys := user.recv(4096):
                        self.process.stdin.write(keys)
                        self.process.stdin.flush()
            except (OSError, AttributeError, ValueError):
                pass  # the machine or the program has ended
            self.user = None
        threading.Thread(target=serve, daemon=True).start()
        return path

    def take_picture(self, path, kind="ppm"):
        """Of what the screen shows."""
        answer = self.qmp("screendump", filename=path, format=kind)
        assert "error" not in answer, answer

    def find(self, pattern):
        """Seconds and text of the first line in which the pattern is found, or None."""
        found = self.find_all(pattern)
        return found[0] if found else None

    def find_all(self, pattern):
        return [line for line in list(self.lines) if re.search(pattern, line[1])]

    def wait_for(self, pattern, timeout_s):
        deadline = time.monotonic() + timeout_s
        with self.news:
            while (found := self.find(pattern)) is None:
                if self.process.poll() is not None:
                    raise AssertionError(f"QEMU ended with {self.process.returncode}")
                left = deadline - time.monotonic()
                if left <= 0:
                    raise AssertionError(f"not within {timeout_s} s on the serial line: {pattern}")
                self.news.wait(min(left, 1))
        return found
