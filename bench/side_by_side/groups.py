"""Control groups: what a server and all its processes have used, also those that have ended."""
import contextlib
import glob
import os
import secrets
import shutil
import subprocess
import time

GROUP_ROOTS = ("/sys/fs/cgroup", "/sys/fs/cgroup/unified")


def make_group(name):
    """The directory of a new control group of version 2, or of version 1's cpuacct."""
    for root in GROUP_ROOTS + ("/sys/fs/cgroup/cpuacct",):
        path = os.path.join(root, f"postern-bench-{secrets.token_hex(4)}-{name}")
        with contextlib.suppress(OSError):
            os.mkdir(path)
            for file in ("cpu.stat", "cpuacct.usage"):
                if os.path.exists(os.path.join(path, file)):
                    return path
            os.rmdir(path)
    raise SystemExit("no control group can be made: root on Linux with /sys/fs/cgroup is needed")


def put_into_group(path, pid):
    """A process and all that it has started; what they start later follows them."""
    with open(os.path.join(path, "cgroup.procs"), "w", encoding="ascii") as file:
        file.write(str(pid))
    for children in glob.glob(f"/proc/{pid}/task/*/children"):
        with open(children, encoding="ascii") as file:
            for child in file.read().split():
                with contextlib.suppress(OSError):
                    put_into_group(path, int(child))


def remove_group(path):
    for _ in range(50):
        with contextlib.suppress(OSError):
            os.rmdir(path)
            return
        time.sleep(0.1)  # its last process is being buried


def group_cpu_s(path):
    with contextlib.suppress(OSError):
        with open(os.path.join(path, "cpu.stat"), encoding="ascii") as file:
            return int(dict(line.split() for line in file)["usage_usec"]) / 1e6
    with open(os.path.join(path, "cpuacct.usage"), encoding="ascii") as file:
        return int(file.read()) / 1e9


class SystemCalls:
    """Counts those of a control group while the block runs, by perf: `count` is None without it.
    Every system call of the machine is a little slower meanwhile.
    """

    def __init__(self, group):
        self.group = group.removeprefix("/sys/fs/cgroup/unified").removeprefix("/sys/fs/cgroup")
        self.count = None

    def __enter__(self):
        self.process = None
        if shutil.which("perf") is not None:
            self.process = subprocess.Popen(
                ["perf", "stat", "-a", "-x", ",", "-e", "raw_syscalls:sys_enter", "-G",
                 self.group.lstrip("/"), "--", "cat"], stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
            time.sleep(0.3)  # until it counts
        return self

    def __exit__(self, *_):
        if self.process is not None:
            _, said = self.process.communicate("")
            for line in said.splitlines():
                if "sys_enter" in line and line.split(",")[0].isdigit():
                    self.count = int(line.split(",")[0])


def disk_flushes(path):
    """Of the device that the path lies on, whoever asked for them; None: no such device."""
    device = os.stat(path).st_dev
    name = os.path.realpath(f"/sys/dev/block/{os.major(device)}:{os.minor(device)}")
    if os.path.exists(os.path.join(name, "partition")):
        name = os.path.dirname(name)
    with contextlib.suppress(OSError, IndexError):
        with open(os.path.join(name, "stat"), encoding="ascii") as file:
            return int(file.read().split()[15])
    return None
