"""A small internet for one test program: a host is a network namespace, joined to this program's
own by a pair of veth interfaces; this program routes between them, and is a client on each wire.

enter() is the first thing such a program does. It runs itself again as root of namespaces of its
own (network, mounts, process ids) with copies of /etc, /usr and /var that it may change: whatever
it makes or starts is gone with it, however it ends. Servers that Debian does not install beside
each other are laid over /usr there, from where tools/setup has unpacked them.
"""
import os
import shutil
import subprocess
import sys
import tempfile

from harness import ROOT, skip

MARK = "POSTERN_TEST_HOSTS"
PEERS = os.path.join(ROOT, ".deps", "peers", "usr")
SCRATCH = "/mnt"


def enter(*files):
    """`files`: programs of the unpacked servers, and their directories, below /usr."""
    if MARK in os.environ:
        set_up(files)
        return
    if os.geteuid() != 0:
        skip("hosts are network namespaces, which only root can make")
    missing = [name for name in files if not os.path.exists(f"{PEERS}/{name}")]
    if missing:
        skip(f"not unpacked by tools/setup --test: {' '.join(missing)}")
    command = ["unshare", "--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc"]
    tried = subprocess.run([*command, "mount", "-t", "tmpfs", "tmpfs", SCRATCH],
                           capture_output=True, text=True, check=False)
    if tried.returncode != 0:
        skip(f"this machine gives no namespaces: {tried.stderr.strip()}")
    os.execvpe("unshare", [*command, sys.executable, *sys.argv], {**os.environ, MARK: "inside"})


def run(*words):
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(words)}: {done.stderr.strip()}")


def set_up(files):
    run("mount", "-t", "tmpfs", "tmpfs", SCRATCH)
    os.chmod(SCRATCH, 0o755)
    tempfile.tempdir = SCRATCH
    for name in ("etc", "usr", "var"):
        upper, work = f"{SCRATCH}/over/{name}/upper", f"{SCRATCH}/over/{name}/work"
        os.makedirs(upper)
        os.makedirs(work)
        run("mount", "-t", "overlay", "overlay", "-o",
            f"lowerdir=/{name},upperdir={upper},workdir={work}", f"/{name}")
    run("mount", "-t", "tmpfs", "tmpfs", "/run")
    for name in files:
        copy = shutil.copytree if os.path.isdir(f"{PEERS}/{name}") else shutil.copy2
        copy(f"{PEERS}/{name}", f"/usr/{name}")
    run("ip", "link", "set", "lo", "up")
    for name in ("ipv4/ip_forward", "ipv6/conf/all/forwarding"):
        write(f"/proc/sys/net/{name}", "1\n")


def write(path, text):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)


def make_user(name):
    """A system user of that name, in this program's copy of /etc."""
    done = subprocess.run(["getent", "passwd", name], capture_output=True, check=False)
    if done.returncode == 0:
        return
    with open("/etc/passwd", encoding="utf-8") as file:
        number = 900 + sum(1 for _ in file)
    for path, line in (("/etc/passwd", f"{name}:x:{number}:{number}::/nonexistent:/bin/false"),
                       ("/etc/group", f"{name}:x:{number}:")):
        with open(path, "a", encoding="utf-8") as file:
            file.write(line + "\n")


class Host:
    """`number`: of its wire. This program is `client` there, the host `address` and `address6`."""

    def __init__(self, name, number):
        self.name = name
        self.client, self.address = f"10.77.{number}.1", f"10.77.{number}.2"
        self.address6 = f"fd77:{number}::2"
        wire, client6 = f"to-{name}", f"fd77:{number}::1"
        run("ip", "netns", "add", name)
        run("ip", "link", "add", wire, "type", "veth", "peer", "name", "eth0", "netns", name)
        for place, device, address, address6 in (((), wire, self.client, client6),
                                                 (("-n", name), "eth0", self.address,
                                                  self.address6)):
            run("ip", *place, "address", "add", f"{address}/24", "dev", device)
            run("ip", *place, "address", "add", f"{address6}/64", "dev", device, "nodad")
            run("ip", *place, "link", "set", device, "up")
        run("ip", "-n", name, "link", "set", "lo", "up")
        run("ip", "-n", name, "route", "add", "default", "via", self.client)
        run("ip", "-n", name, "-6", "route", "add", "default", "via", client6)

    def command(self, words):
        """What runs those words on the host."""
        return ["ip", "netns", "exec", self.name, *words]

    def processes(self):
        done = subprocess.run(["ip", "netns", "pids", self.name], capture_output=True, text=True,
                              check=True)
        return done.stdout.split()
