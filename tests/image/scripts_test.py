"""The appliance's scripts that need no appliance: read-seed in this machine's sh, make_update.py
with what reads its files, and what the slot is made with.

Malformed seeds first: each mistake is named with its line, and one is enough to refuse it all.
"""
import hashlib
import os
import re
import shutil
import struct
import subprocess
import sys
import tempfile
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
SCRIPTS = os.path.join(HERE, "..", "..", "image", "root", "usr", "lib", "postern")
GOOD = """host_name = mail.example.test
domain = example.test
account = alice@example.test
account_password = pass word = "with" $(signs) # and all
admin_password = long enough
"""
RESTORE = """restore_from = sftp://backup@192.0.2.7/~/mail
restore_secret = a pass phrase = "with" signs
restore_host_key = SHA256:0123456789012345678901234567890123456789+/A
restore_password = of the server
"""
IMAGE = os.path.join(HERE, "..", "..", "image")
sys.path.insert(0, IMAGE)
import make_update  # noqa: E402
import trim_icu  # noqa: E402
import verity  # noqa: E402
from assemble import environment_block  # noqa: E402


def run(script, *words):
    return subprocess.run(["sh", os.path.join(SCRIPTS, script), *words], capture_output=True,
                          text=True, timeout=60)


class SeedTest(unittest.TestCase):
    def setUp(self):
        self.directory = tempfile.TemporaryDirectory()
        self.addCleanup(self.directory.cleanup)

    def read(self, text):
        """Status, what was printed, and the settings."""
        seed = os.path.join(self.directory.name, "seed.txt")
        into = os.path.join(self.directory.name, "into")
        with open(seed, "w", encoding="utf-8", newline="") as file:
            file.write(text)
        done = run("read-seed", seed, into)
        self.assertEqual("", done.stderr)
        settings = {}
        for name in os.listdir(into):
            with open(os.path.join(into, name), encoding="utf-8") as file:
                settings[name] = file.read()
        return done.returncode, done.stdout, settings

    def refused(self, text, words):
        status, printed, _ = self.read(text)
        self.assertEqual(1, status)
        self.assertEqual(words, printed.splitlines()[0])

    def test_bad_lines_are_named(self):
        self.refused("\n# a comment\nno sign\n" + GOOD, "3: not as key = value")
        for line, words in (("colour = blue", "colour: unknown key"),
                            ("../x = 1", "../x: unknown key"),
                            ("domain = example.test", "domain: given twice")):
            self.setUp()
            self.refused(f"{GOOD}{line}\n", f"6: {words}")

    def test_bad_values_are_named(self):
        for line, words in (
                ("host_name = mail", "host_name: not a full name, as mail.example.org"),
                ("host_name = -a.example", "host_name: not a full name, as mail.example.org"),
                ("host_name = a..example", "host_name: not a full name, as mail.example.org"),
                ("account = alice", "account: not an address"),
                ("account_password = short", "account_password: from 8 to 200 characters"),
                ("address = 192.0.2.256/24", "address: not as 192.0.2.10/24"),
                ("address = 192.0.2.1/33", "address: not as 192.0.2.10/24"),
                ("gateway = 192.0.2", "gateway: not as 192.0.2.1"),
                ("gateway = $(reboot)", "gateway: not as 192.0.2.1"),
                ("name_servers = one", "name_servers: one to three addresses"),
                ("time_servers = a b", "time_servers: one to four names"),
                *((f"log_servers = {value}",
                   "log_servers: one to four, as udp:loghost.example.org:514")
                  for value in ("loghost", "udp:loghost", "udp:loghost:0", "udp:loghost:65536",
                                "tls:loghost:6514", "udp:$(reboot):514", 'udp:a"b:514',
                                "tcp:2001:db8::1:601", "udp:a:514, udp:b:514", "none",
                                "udp:a:514  udp:a:514", "udp:a:1 udp:b:1 udp:c:1 udp:d:1 udp:e:1")),
                ("time_zone = ../../etc/passwd", "time_zone: unknown, as in Europe/Lisbon"),
                ("time_zone = Nowhere/Land", "time_zone: unknown, as in Europe/Lisbon")):
            self.refused(line + "\n", f"1: {words}")
            self.setUp()

    def test_what_is_missing_is_named(self):
        self.refused("", "0: host_name is missing")
        self.setUp()
        self.refused(GOOD + "address = 192.0.2.1/24\n", "0: gateway is missing: address is given")
        self.setUp()
        self.refused(GOOD.replace("domain = example.test", "domain = example.org"),
                     "0: account: is not in the domain")

    def test_a_good_seed(self):
        status, printed, settings = self.read(GOOD)
        self.assertEqual((0, ""), (status, printed))
        self.assertEqual("mail.example.test\n", settings["host_name"])
        self.assertEqual('pass word = "with" $(signs) # and all\n', settings["account_password"])

    def test_a_file_made_on_windows(self):
        status, _, settings = self.read(GOOD.replace("\n", "\r\n").rstrip() + "\t ")
        self.assertEqual(0, status)
        self.assertEqual("long enough\n", settings["admin_password"])

    def test_bad_restores_are_named(self):
        for line, words in (
                ("restore_from = /mnt/disk", "restore_from: not usb, usb:NAME or sftp://"),
                ("restore_from = usb:a/b", "restore_from: not usb, usb:NAME or sftp://"),
                ("restore_from = sftp://host/path", "restore_from: not usb, usb:NAME or sftp://"),
                ("restore_host_key = MD5:00", "restore_host_key: not as ssh-keygen -l shows it"),
                ("restore_key = ../key", "restore_key: not the name of a file beside the seed"),
                ("restore_number = latest", "restore_number: not a number"),
                ("restore_secret =", "restore_secret: from 1 to 1000 characters")):
            status, printed, _ = self.read(line + "\n")
            self.assertEqual(1, status)
            self.assertTrue(printed.startswith(f"1: {words}"), printed)
            self.setUp()

    def test_a_restore_asks_for_nothing_else(self):
        for line in ("domain = example.test", "account = a@example.test", "account_name = A",
                     "account_password = long enough", "admin_password = long enough"):
            key = line.split(" ")[0]
            self.refused(f"# a comment\n{line}\n{RESTORE}",
                         f"2: {key}: comes with the backup (restore_from)")
            self.setUp()
        for key, words in (
                ("restore_secret", "restore_secret is missing"),
                ("restore_host_key", "restore_host_key is missing: restore_from is a server"),
                ("restore_password",
                 "restore_password or restore_key is missing: restore_from is a server")):
            self.refused(re.sub(f"(?m)^{key}.*\n", "", RESTORE), f"0: {words}")
            self.setUp()
        self.refused(RESTORE + "restore_key = key\n",
                     "0: restore_key: there is no such file beside the seed")
        self.setUp()
        self.refused(GOOD + "restore_secret = x\n",
                     "0: restore_from is missing: restore_secret is given")

    def test_good_restores(self):
        with open(os.path.join(self.directory.name, "key"), "w", encoding="ascii"):
            pass
        network = "address = 192.0.2.1/24\ngateway = 192.0.2.2\nname_servers = 192.0.2.3\n"
        for text in (RESTORE, RESTORE + "restore_key = key\n" + network,
                     "restore_from = usb\nrestore_secret = x\nhost_name = mail.example.test\n",
                     "restore_from = usb:SAFE 1\nrestore_secret = x\nrestore_number = 12\n"):
            status, printed, settings = self.read(text)
            self.assertEqual((0, ""), (status, printed))
            self.assertEqual(text.count("=") - text.count('= "'), len(settings))
            shutil.rmtree(os.path.join(self.directory.name, "into"))

    def test_the_example_says_what_is_true(self):
        with open(os.path.join(HERE, "..", "..", "image", "seed-example.txt"),
                  encoding="utf-8") as file:
            text = file.read()
        status, printed, _ = self.read(text.replace("\n#address", "\naddress").replace(
            "\n#gateway", "\ngateway").replace("\n#name_servers", "\nname_servers").replace(
                "\n#time_servers", "\ntime_servers").replace("\n#log_servers", "\nlog_servers"))
        self.assertEqual((0, ""), (status, printed))
        lines = [line[1:] for line in text.split("\n") if line.startswith("#restore_")]
        status, printed, _ = self.read("\n".join(lines) + "\n")
        self.assertEqual((0, ""), (status, printed))


class LogSettingsTest(unittest.TestCase):
    """What becomes of a configuration of the gateway."""

    def put(self, servers, text):
        done = subprocess.run(["sh", os.path.join(SCRIPTS, "log-settings"), servers], input=text,
                              capture_output=True, text=True, timeout=60)
        self.assertEqual((0, ""), (done.returncode, done.stderr))
        return done.stdout

    def test_the_section_is_added_at_the_end(self):
        text = 'host_name = "a"\nservers = 1\n[dns]\nservers = []\n[[listener]]\nport = 25\n'
        self.assertEqual(text + '\n[log]\nservers = ["udp:a:514", "tcp:[::1]:601"]\n'
                         'kernel = true\n', self.put("udp:a:514 tcp:[::1]:601", text))

    def test_only_its_two_keys_change(self):
        text = ("[dns]\nservers = []\n[log] # of this machine\n# words\nservers = [1]\n"
                "kernel = false\n[route]\nservers = 7\nkernel = false\n")
        changed = self.put("udp:a:514", text)
        self.assertEqual(text.replace("[1]", '["udp:a:514"]').replace("false", "true", 1), changed)
        self.assertEqual(changed, self.put("udp:a:514", changed))
        self.assertEqual(changed.replace('["udp:a:514"]', "[]"), self.put("", changed))

    def test_keys_that_are_missing_come_at_the_sections_end(self):
        self.assertEqual("[log]\n\nservers = []\nkernel = true\n[dns]\nkernel = 1\n",
                         self.put("", "[log]\n\n[dns]\nkernel = 1\n"))

    def test_brackets_name_no_files(self):
        with tempfile.TemporaryDirectory() as directory:
            open(os.path.join(directory, "tcp::"), "w", encoding="ascii").close()
            done = subprocess.run(["sh", os.path.join(os.path.abspath(SCRIPTS), "log-settings"),
                                   "tcp:[::1]"], input="", capture_output=True, text=True,
                                  cwd=directory, timeout=60)
        self.assertIn('["tcp:[::1]"]', done.stdout)

    def test_the_gateway_takes_it(self):
        program = os.environ.get("POSTERN_DAEMON")
        if program is None:
            self.skipTest("POSTERN_DAEMON names no program")
        default = subprocess.run([program, "--print-default-config"], capture_output=True,
                                 text=True, check=True, timeout=60).stdout
        for servers in ("", "udp:loghost.example.org:514 tcp:[2001:db8::1]:601"):
            with tempfile.NamedTemporaryFile("w", suffix=".toml") as file:
                changed = self.put(servers, default)
                self.assertEqual(default.count("\n"), changed.count("\n"))
                file.write(changed)
                file.flush()
                done = subprocess.run([program, "--config", file.name, "--check-config"],
                                      capture_output=True, text=True, timeout=60)
                self.assertEqual((0, ""), (done.returncode, done.stderr))


class SetMachineTest(unittest.TestCase):
    """set-machine with files of its own in place of the appliance's."""

    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.root = directory.name
        for name in ("config", "state", "run", "bin"):
            os.mkdir(self.path(name))
        for script in ("set-machine", "checks", "common", "log-settings"):
            with open(os.path.join(SCRIPTS, script), encoding="utf-8") as file:
                text = file.read()
            for was, now in (("/usr/lib/postern", self.root), ("/data/", f"{self.root}/"),
                             ("/run/appliance", self.path("run")),
                             ("PATH=/usr/bin", f"PATH={self.path('bin')}:/usr/bin:/bin")):
                text = text.replace(was, now)
            self.write(script, text)
            os.chmod(self.path(script), 0o755)
        # A daemon that dislikes one server, and notes the signal.
        self.write("bin/posternd", '#!/bin/sh\nif grep -q "::::" "$2"; then\n'
                   'echo "posternd: $2:2:1: log.servers: must be a list" >&2\nexit 2\nfi\n')
        os.chmod(self.path("bin/posternd"), 0o755)
        self.write("config/postern.toml", 'host_name = "a"\n')
        self.gateway = subprocess.Popen(["sleep", "60"])
        self.addCleanup(self.gateway.wait)
        self.addCleanup(self.gateway.kill)
        self.write("run/gateway.child", f"{self.gateway.pid}\n")

    def path(self, name):
        return os.path.join(self.root, name)

    def write(self, name, text):
        with open(self.path(name), "w", encoding="utf-8") as file:
            file.write(text)

    def read(self, name):
        with open(self.path(name), encoding="utf-8") as file:
            return file.read()

    def set(self, *words):
        done = subprocess.run(["sh", self.path("set-machine"), *words], capture_output=True,
                              text=True, timeout=60)
        self.assertEqual("", done.stderr)
        return done.returncode, done.stdout

    def test_log_servers_are_carried_to_the_gateway(self):
        self.assertEqual((0, ""), self.set("log_servers", "udp:a:514 tcp:[::1]:601"))
        self.assertEqual("udp:a:514 tcp:[::1]:601\n", self.read("config/log_servers"))
        self.assertIn('servers = ["udp:a:514", "tcp:[::1]:601"]\nkernel = true\n',
                      self.read("config/postern.toml"))
        self.assertEqual(-1, self.gateway.wait(10), "it was told by SIGHUP")
        self.assertEqual((0, ""), self.set("log_servers", "none"))
        self.assertEqual("\n", self.read("config/log_servers"))
        self.assertIn("servers = []\n", self.read("config/postern.toml"))

    def test_what_is_refused_has_changed_nothing(self):
        self.set("log_servers", "udp:a:514")
        before = self.read("config/postern.toml")
        for value, words in (("loghost",
                              "log_servers: one to four, as udp:loghost.example.org:514"),
                             ("udp:[::::]:514", "log_servers: must be a list"),
                             ("udp:a:514\nudp:b:514", "log_servers: more than a line")):
            self.assertEqual((1, words + "\n"), self.set("log_servers", value))
        self.assertEqual("udp:a:514\n", self.read("config/log_servers"))
        self.assertEqual(before, self.read("config/postern.toml"))
        self.assertEqual(["log_servers", "postern.toml"], sorted(os.listdir(self.path("config"))))


class UpdateFileTest(unittest.TestCase):
    """What make_update.py signs, `postern update` takes, on an appliance made of files."""

    def setUp(self):
        if "POSTERN_COMMAND" not in os.environ:
            self.skipTest("POSTERN_COMMAND names no program")
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.root = directory.name
        self.key = self.path("key.pem")
        make_update.make_key(self.key)
        self.write("run/appliance/boot", f"slot=a disk=vda other_device={self.path('slot-b')}\n")
        self.write("run/appliance/healthy", "")
        self.write("usr/lib/postern/release", "VERSION=0.1.0\nARCH=amd64\nMINIMUM=0.1.0\n")
        self.write("usr/lib/postern/update-keys", make_update.public_key_line(self.key) + "\n")
        self.write("esp/postern/grubenv", environment_block(
            cur="a", left="3", other_ok="0", rolled="0").decode())
        self.write("slot-b", "b" * 50_000)
        self.write("slot", "n" * 40_000)

    def path(self, name):
        return os.path.join(self.root, name)

    def write(self, name, text):
        os.makedirs(os.path.dirname(self.path(name)), exist_ok=True)
        with open(self.path(name), "w", encoding="ascii") as file:
            file.write(text)

    def install(self, version, key):
        make_update.make_update(self.path("slot"), version, "amd64", key, self.path("update"))
        return subprocess.run(
            [os.environ["POSTERN_COMMAND"], "update", "--no-reboot", self.path("update")],
            env={**os.environ, "POSTERN_ROOT": self.root}, capture_output=True, text=True,
            timeout=60)

    def test_another_key_is_not_trusted(self):
        other = self.path("other.pem")
        make_update.make_key(other)
        self.assertEqual(0o600, os.stat(other).st_mode & 0o777)
        done = self.install("0.1.1", other)
        self.assertEqual(1, done.returncode, done.stdout)
        self.assertIn("not signed with a key that this machine trusts", done.stderr)

    def test_what_is_signed_is_installed(self):
        done = self.install("0.1.1", self.key)
        self.assertEqual(0, done.returncode, done.stderr)
        with open(self.path("slot-b"), "rb") as file:
            self.assertEqual(b"n" * 40_000 + b"b" * 10_000, file.read())

    def test_a_public_key_gives_the_same_line(self):
        public = self.path("public.pem")
        subprocess.run(["openssl", "pkey", "-in", self.key, "-pubout", "-out", public], check=True)
        self.assertEqual(make_update.public_key_line(self.key).split()[0],
                         make_update.public_key_line(public).split()[0])


class VerityTest(unittest.TestCase):
    def test_the_tree_is_that_of_the_format(self):
        """Three hundred blocks: two levels of a hundred and twenty-eight hashes a block."""
        blocks = 300
        with tempfile.NamedTemporaryFile() as file:
            head = b"hsqs".ljust(verity.BYTES_USED_AT, b"\0")
            content = head + struct.pack("<Q", blocks * verity.BLOCK - 100)
            file.write(content.ljust(blocks * verity.BLOCK, b"d"))
            file.flush()
            verity.append_verity(file.name)
            verity.append_verity(file.name)  # made anew, not made longer
            file.seek(0)
            data = verity.blocks_of(file.read())
        self.assertEqual(blocks + 1 + 1 + 3, len(data))
        lines = dict(line.split(" ") for line in data[blocks].decode().split("\n") if line)
        salt = bytes.fromhex(lines["salt"])
        self.assertEqual("300", lines["data-blocks"])
        for number in range(blocks):
            place = data[blocks + 2 + number // 128][number % 128 * 32:][:32]
            self.assertEqual(hashlib.sha256(salt + data[number]).digest(), place)
        top = data[blocks + 1]
        for number in range(3):
            self.assertEqual(hashlib.sha256(salt + data[blocks + 2 + number]).digest(),
                             top[number * 32:][:32])
        self.assertEqual(lines["root-hash"], hashlib.sha256(salt + top).hexdigest())


class IcuTest(unittest.TestCase):
    def test_items_stay_what_they_are(self):
        header = struct.pack("<H", 32).ljust(32, b"h")
        items = [(b"icudt76l/a.cnv", b"x" * 16), (b"icudt76l/b.res", b"y" * 48),
                 (b"icudt76l/ibm-1388_P100-2024.cnv", b"v" * 16),
                 (b"icudt76l/coll/c.cnv", b"w" * 16), (b"icudt76l/nfkc.nrm", b"z" * 32)]
        data = trim_icu.write_items(header, items)
        self.assertEqual((header, items), trim_icu.read_items(data))
        self.assertEqual([b"icudt76l/a.cnv", b"icudt76l/nfkc.nrm"],
                         [name for name, _ in items if trim_icu.is_kept(name)])


if __name__ == "__main__":
    unittest.main(verbosity=2)
