"""The appliance's scripts that need no appliance: read-seed and bootenv, in this machine's sh.

Malformed seeds first: each mistake is named with its line, and one is enough to refuse it all.
"""
import os
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
BLOCK_BYTES = 1024


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

    def test_the_example_says_what_is_true(self):
        with open(os.path.join(HERE, "..", "..", "image", "seed-example.txt"),
                  encoding="utf-8") as file:
            text = file.read()
        status, printed, _ = self.read(text.replace("\n#address", "\naddress").replace(
            "\n#gateway", "\ngateway").replace("\n#name_servers", "\nname_servers").replace(
                "\n#time_servers", "\ntime_servers"))
        self.assertEqual((0, ""), (status, printed))


class EnvironmentTest(unittest.TestCase):
    def setUp(self):
        self.file = tempfile.NamedTemporaryFile()
        self.addCleanup(self.file.close)
        self.write(b"# GRUB Environment Block\ncur=a\nleft=2\nother_ok=0\n")

    def write(self, head):
        self.file.seek(0)
        self.file.write(head.ljust(BLOCK_BYTES, b"#"))
        self.file.truncate()
        self.file.flush()

    def content(self):
        with open(self.file.name, "rb") as file:
            return file.read()

    def test_what_is_no_block_is_left_alone(self):
        self.write(b"something else\n")
        before = self.content()
        self.assertEqual(1, run("bootenv", self.file.name, "set", "left=3").returncode)
        self.assertEqual(before, self.content())

    def test_too_much_is_refused(self):
        before = self.content()
        done = run("bootenv", self.file.name, "set", "cur=" + "x" * BLOCK_BYTES)
        self.assertEqual(1, done.returncode)
        self.assertEqual(before, self.content())

    def test_a_variable_is_set_and_the_others_stay(self):
        done = run("bootenv", self.file.name, "set", "left=3", "rolled=b")
        self.assertEqual(0, done.returncode, done.stderr)
        after = self.content()
        self.assertEqual(BLOCK_BYTES, len(after))
        lines = after.rstrip(b"#").split(b"\n")
        self.assertEqual([b"# GRUB Environment Block", b"cur=a", b"other_ok=0", b"left=3",
                          b"rolled=b", b""], lines)
        self.assertEqual("3\n", run("bootenv", self.file.name, "get", "left").stdout)


if __name__ == "__main__":
    unittest.main(verbosity=2)
