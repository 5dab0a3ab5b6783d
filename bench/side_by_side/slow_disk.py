"""A disk whose flush takes as long as one likes (10 ms by default, as an SD card's does): a loop
device over a file of a file system in user space, which does nothing but that file, and whose fsync
sleeps. On the loop device is an ext4 as any other; so what is slow is the device, for everybody and
by whatever way a program asks for it: fsync, fdatasync, or a ring.

    with SlowDisk(directory, flush_ms=10) as disk:   # root; disk.path is the mounted ext4
        ...

The server side (`python3 slow_disk.py BACKING MOUNT_POINT FLUSH_MS`) speaks the kernel's FUSE
protocol 7.31 (include/uapi/linux/fuse.h) over /dev/fuse, in one thread; a flush sleeps in a thread
of its own. As with a real disk without a queue, writes wait while a flush is under way.
"""
import ctypes
import errno
import os
import stat
import struct
import subprocess
import sys
import tempfile
import threading
import time

DISK_BYTES = 2 << 30
WRITE_BYTES_MAX = 1 << 20
FILE_NAME = b"disk"
ROOT_NODE, FILE_NODE = 1, 2
LOOKUP, FORGET, GETATTR, OPEN, READ, WRITE = 1, 2, 3, 14, 15, 16
RELEASE, FSYNC, FLUSH, INIT, INTERRUPT, BATCH_FORGET = 18, 20, 25, 26, 36, 42
BIG_WRITES, MAX_PAGES = 1 << 5, 1 << 22
HEADER = struct.Struct("<IIQQIIIHH")
FOREVER_S = 1 << 20


class Server:
    def __init__(self, backing, flush_s):
        self.flush_s = flush_s
        self.file = os.open(backing, os.O_RDWR)
        self.device = os.open("/dev/fuse", os.O_RDWR | os.O_CLOEXEC)
        self.handlers = {LOOKUP: self.lookup, GETATTR: self.getattr, OPEN: self.open,
                         READ: self.read, WRITE: self.write, INIT: self.init,
                         FLUSH: self.nothing, RELEASE: self.nothing}

    def mount(self, where):
        libc = ctypes.CDLL(None, use_errno=True)
        options = f"fd={self.device},rootmode=40000,user_id=0,group_id=0"
        if libc.mount(b"slow", where.encode(), b"fuse", 0, options.encode()) != 0:
            raise OSError(ctypes.get_errno(), "mount")

    def serve(self):
        while True:
            try:
                request = os.read(self.device, WRITE_BYTES_MAX + 4096)
            except OSError as error:
                if error.errno in (errno.EINTR, errno.ENOENT, errno.EAGAIN):
                    continue
                return  # unmounted
            _, operation, unique, node, *_ = HEADER.unpack_from(request)
            body = request[HEADER.size:]
            if operation in (FORGET, BATCH_FORGET, INTERRUPT):
                continue
            if operation == FSYNC:
                threading.Thread(target=self.flush, args=(unique,), daemon=True).start()
                continue
            handler = self.handlers.get(operation)
            if handler is None:
                self.reply(unique, error=errno.ENOSYS)
                continue
            answer = handler(node, body)
            self.reply(unique, b"" if answer is None else answer,
                       errno.ENOENT if answer is None else 0)

    def reply(self, unique, data=b"", error=0):
        os.write(self.device, struct.pack("<IiQ", 16 + len(data), -error, unique) + data)

    def flush(self, unique):
        time.sleep(self.flush_s)
        self.reply(unique)

    def nothing(self, *_):
        return b""

    def init(self, _, body):
        _, minor, readahead, offered = struct.unpack_from("<IIII", body)
        return struct.pack("<IIIIHHIIHHI28x", 7, min(minor, 31), readahead,
                           offered & (BIG_WRITES | MAX_PAGES), 64, 48, WRITE_BYTES_MAX, 1,
                           WRITE_BYTES_MAX // 4096, 0, 0)

    def attributes(self, node):
        is_root = node == ROOT_NODE
        mode = stat.S_IFDIR | 0o755 if is_root else stat.S_IFREG | 0o600
        size = 0 if is_root else DISK_BYTES
        return struct.pack("<QQQQQQIIIIIIIIII", node, size, size // 512, 0, 0, 0, 0, 0, 0, mode,
                           2 if is_root else 1, 0, 0, 0, 4096, 0)

    def getattr(self, node, _):
        return struct.pack("<QII", FOREVER_S, 0, 0) + self.attributes(node)

    def lookup(self, _, body):
        if body.rstrip(b"\0") != FILE_NAME:
            return None
        return struct.pack("<QQQQII", FILE_NODE, 0, FOREVER_S, FOREVER_S, 0, 0) + \
            self.attributes(FILE_NODE)

    def open(self, *_):
        return struct.pack("<QII", 1, 0, 0)

    def read(self, _, body):
        _, offset, size = struct.unpack_from("<QQI", body)
        return os.pread(self.file, size, offset)

    def write(self, _, body):
        _, offset, size = struct.unpack_from("<QQI", body)
        os.pwrite(self.file, memoryview(body)[40:40 + size], offset)
        return struct.pack("<II", size, 0)


class SlowDisk:
    def __init__(self, directory, flush_ms=10):
        self.flush_ms = flush_ms
        self.base = tempfile.mkdtemp(prefix="slow-disk-", dir=directory)
        self.path = os.path.join(self.base, "mounted")
        self.fuse = os.path.join(self.base, "fuse")
        self.loop = None
        self.process = None

    def __enter__(self):
        try:
            self.start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def start(self):
        backing = os.path.join(self.base, "backing")
        with open(backing, "wb") as file:
            file.truncate(DISK_BYTES)
        for name in (self.path, self.fuse):
            os.mkdir(name)
        self.process = subprocess.Popen(
            [sys.executable, os.path.abspath(__file__), backing, self.fuse, str(self.flush_ms)],
            stdout=subprocess.PIPE, text=True)
        if self.process.stdout.readline().strip() != "ready":
            raise RuntimeError("no file system in user space: /dev/fuse and root are needed")
        disk = os.path.join(self.fuse, FILE_NAME.decode())
        done = subprocess.run(["losetup", "--find", "--show", disk], capture_output=True,
                              text=True, check=True)
        self.loop = done.stdout.strip()
        subprocess.run(["mkfs.ext4", "-q", "-E", "nodiscard,lazy_itable_init=1", self.loop],
                       check=True)
        subprocess.run(["mount", "-o", "noinit_itable", self.loop, self.path], check=True)
        os.chmod(self.path, 0o755)
        os.chmod(self.base, 0o755)

    def __exit__(self, *_):
        for command in (["umount", "--lazy", self.path],
                        ["losetup", "--detach", self.loop or "/none"],
                        ["umount", "--lazy", self.fuse]):
            subprocess.run(command, check=False, stderr=subprocess.DEVNULL)
        if self.process is not None:
            self.process.terminate()
            self.process.wait(10)
        subprocess.run(["rm", "-rf", self.base], check=False)

    def measured_flush_ms(self):
        """Of a file of 4 KB, the middle of five."""
        times = []
        name = os.path.join(self.path, "probe")
        for _ in range(5):
            with open(name, "wb") as file:
                file.write(bytes(4096))
                file.flush()
                begin = time.monotonic()
                os.fsync(file.fileno())
                times.append((time.monotonic() - begin) * 1000)
            os.unlink(name)
        return sorted(times)[2]


def main():
    backing, where, flush_ms = sys.argv[1:]
    server = Server(backing, float(flush_ms) / 1000)
    server.mount(where)
    print("ready", flush=True)
    server.serve()


if __name__ == "__main__":
    main()
