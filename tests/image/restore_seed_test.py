"""take-seed, restore-seed and what else a seed with restore_from runs, in this machine's sh: on an
appliance made of files, from boot to boot, with the power cut, and stubs for what they call.
"""
import os
import shutil
import subprocess
import tempfile
import unittest

from scripts_test import RESTORE, SCRIPTS

# What the scripts call, each in words; the gateway of these tests has a domain once it was started
# again with what was restored. "fails" and "cut" make them end as a mistake or the power would.
POSTERN = """#!/bin/sh
echo "postern $*" >>{root}/asked
case "$*" in
*"domain list") echo NAME; cat {root}/domain 2>/dev/null ;;
*"--finish"*)
    if [ -e {root}/fails ]; then
        cat {root}/fails >&2
        exit 1
    fi
    rm -r {root}/data/postern/restored
    echo restored.example.test >{root}/data/config/host_name
    ;;
*" restore "*)
    [ ! -e {root}/cut ] || kill -9 $PPID
    if [ -e {root}/fails ]; then
        cat {root}/fails
        exit 1
    fi
    echo '{{"step":"restoring","percent":100}}'
    echo '{{"ok":true}}'
    : >{root}/restored
    ;;
esac
exit 0
"""
KILL = """kill() {{
    if [ "$*" = "-TERM 1" ]; then
        echo 2 >{root}/run/appliance/gateway.child
        [ ! -e {root}/restored ] || echo example.test >{root}/domain
    fi
    [ ! -e {root}/cut-at-restart ] || command kill -9 $$
}}
hostname() {{ echo "$1" >{root}/hostname; }}
mount() {{ :; }}
"""


class RestoreSeedTest(unittest.TestCase):
    """take-seed and restore-seed on a machine made of files, from boot to boot."""

    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.root = directory.name
        for name in ("data/config", "data/state", "data/log", "data/postern", "esp", "bin", "lib",
                     "run"):
            os.makedirs(self.path(name))
        self.write("bin/posternd", "#!/bin/sh\necho started\n")
        self.write("bin/postern", POSTERN.format(root=self.root))
        for name in ("common", "checks", "read-seed", "take-seed", "restore-seed", "forget-seed",
                     "gateway", "log-settings"):
            with open(os.path.join(SCRIPTS, name), encoding="utf-8") as file:
                text = file.read()
            for before, after in (("/usr/lib/postern", "lib"), ("/data/", "data/"),
                                  ("/run/appliance", "run/appliance"), ("/run/localtime", "zone"),
                                  ("/esp", "esp"), ("/dev/kmsg", "said")):
                text = text.replace(before, self.path(after))
            text = text.replace("PATH=/usr/bin", f"PATH={self.path('bin')}:/usr/bin:/bin")
            if name == "common":
                text += KILL.format(root=self.root)
            self.write(f"lib/{name}", text.replace("reach_s=120", "reach_s=0"))
        self.write("esp/postern-seed.txt", RESTORE + "restore_key = key\n")
        self.write("esp/key", "the key")

    def path(self, name):
        return os.path.join(self.root, name)

    def write(self, name, text):
        with open(self.path(name), "w", encoding="utf-8") as file:
            file.write(text)
        os.chmod(self.path(name), 0o755)

    def read(self, name):
        with open(self.path(name), encoding="utf-8") as file:
            return file.read()

    def boot(self):
        """Status of the restore and its last line; None: it is not begun."""
        shutil.rmtree(self.path("run"))
        os.makedirs(self.path("run/appliance"))
        self.write("run/appliance/gateway.child", "1\n")
        self.write("asked", "")
        subprocess.run(["sh", self.path("lib/take-seed")], check=True, timeout=60)
        if not os.path.exists(self.path("run/appliance/seed/restore_from")):
            return None
        done = subprocess.run(["sh", self.path("lib/restore-seed")], capture_output=True,
                              text=True, timeout=60)
        self.assertEqual("", done.stderr)
        return done.returncode, done.stdout.strip()

    def assert_done(self):
        self.assertEqual([], os.listdir(self.path("esp")))
        self.assertEqual(["set-up"], os.listdir(self.path("data/state")))
        seed = self.path("run/appliance/seed")
        self.assertEqual([], os.listdir(seed) if os.path.exists(seed) else [])
        self.assertIsNone(self.boot())

    def test_it_is_restored_and_the_seed_removed(self):
        self.assertEqual((0, ""), self.boot())
        self.assertRegex(self.read("asked"), (
            r"(?m)^postern --json restore sftp://backup@192\.0\.2\.7/~/mail --config \S+ "
            r"--passphrase-file \S+/seed/restore_secret --sftp-password-file \S+/restore_password "
            r"--sftp-key-file \S+/seed/key --sftp-host-key SHA256:\S+ --yes --at-next-start "
            r"--go-on$"))
        self.assert_done()

    def test_what_fails_is_said_and_tried_again(self):
        self.write("fails", '{"ok":false,"reason":"passphrase","error":"it does not open"}\n')
        self.assertEqual((1, "it does not open"), self.boot())
        self.write("fails", '{"ok":false,"reason":"io","error":"no route"}\n')
        self.assertEqual((1, "no route"), self.boot())
        self.assertIn("postern-seed.txt", os.listdir(self.path("esp")))
        os.unlink(self.path("fails"))
        self.assertEqual((0, ""), self.boot())
        self.assert_done()

    def test_the_power_goes_at_any_point(self):
        for name in ("cut", "cut-at-restart"):
            self.write(name, "")
            self.assertNotEqual(0, self.boot()[0])
            os.unlink(self.path(name))
            self.assertEqual(["restoring"], os.listdir(self.path("data/state")))
        # The gateway has taken it before it answers in the boot after that.
        self.write("domain", "example.test\n")
        self.assertEqual((0, ""), self.boot())
        self.assertNotIn("--json restore", self.read("asked"))
        self.assert_done()

    def test_a_seed_half_removed_is_removed(self):
        self.write("data/state/forgetting", "key\n")
        self.assertIsNone(self.boot())
        self.assert_done()

    def test_a_machine_that_was_set_up_otherwise_stays_so(self):
        self.write("domain", "example.org\n")
        self.assertEqual(
            (1, "postern-seed.txt was not used: this machine has a domain already"), self.boot())
        self.assertNotIn("--json restore", self.read("asked"))

    def start_gateway(self, by_seed=False):
        """What it writes into the log; whether the machine counts as set up then."""
        shutil.rmtree(self.path("run"))
        os.makedirs(self.path("run/appliance/seed"))
        if by_seed:
            self.write("run/appliance/seed/restore_from", "usb\n")
        self.write("data/config/postern.toml", "")
        subprocess.run(["sh", self.path("lib/gateway")], check=True, timeout=60)
        return self.read("data/log/gateway.log"), os.listdir(self.path("data/state"))

    def test_the_gateway_takes_what_was_restored(self):
        self.assertEqual(("started\n", []), self.start_gateway())
        os.makedirs(self.path("data/postern/restored"))
        self.write("fails", "postern: the disk is full\n")
        self.assertEqual([], self.start_gateway()[1])
        self.assertEqual("postern: the disk is full\n", self.read("run/appliance/alarms/restore"))
        os.unlink(self.path("fails"))
        self.assertEqual([], self.start_gateway(by_seed=True)[1])
        os.makedirs(self.path("data/postern/restored"))
        self.assertEqual(["set-up"], self.start_gateway()[1])
        self.assertEqual("restored.example.test\n", self.read("hostname"))
        self.assertFalse(os.path.exists(self.path("run/appliance/alarms/restore")))

    def test_the_network_of_the_seed_holds(self):
        with open(self.path("esp/postern-seed.txt"), "a", encoding="ascii") as file:
            file.write("address = 192.0.2.1/24\ngateway = 192.0.2.2\nname_servers = 192.0.2.3\n"
                       "host_name = new.example.test\n")
        self.write("cut-at-restart", "")
        self.assertNotEqual(0, self.boot()[0])
        self.assertEqual("new.example.test\n", self.read("data/config/host_name"))
        os.unlink(self.path("cut-at-restart"))
        for name, text in (("network", "address=dhcp\n"), ("address", "198.51.100.1/24\n"),
                           ("host_name", "restored.example.test\n")):
            self.write(f"data/config/{name}", text)
        self.write("domain", "example.test\n")
        self.assertEqual((0, ""), self.boot())
        self.assertEqual("192.0.2.1/24\n", self.read("data/config/address"))
        self.assertFalse(os.path.exists(self.path("data/config/network")))
        self.assertEqual("restored.example.test\n", self.read("hostname"))
        self.assert_done()


if __name__ == "__main__":
    unittest.main(verbosity=2)
