"""When the machine is the problem: a disk that fills during DATA and APPEND, a data directory that
is missing or not writable, a bad key in the configuration, a port that is taken.
"""
import os
import re
import shutil
import socket
import subprocess
import tempfile
import unittest

from harness import (ALICE, BOB, BUILD, HOST, SKIPPED, Gateway, main, message)
from wire import imap, smtp_25

DISK_BYTES = 24 * 1024 * 1024
POSTERND = os.path.join(BUILD, "src", "app", "posternd")
END_TIMEOUT_S = 20


class SmallDisk:
    """A tmpfs of a few megabytes; only root may mount one."""

    def __enter__(self):
        self.directory = tempfile.mkdtemp(prefix="postern-disk-")
        done = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={DISK_BYTES}", "tmpfs",
                               self.directory], capture_output=True, text=True)
        if done.returncode != 0:
            os.rmdir(self.directory)
            raise unittest.SkipTest(f"cannot mount a tmpfs: {done.stderr.strip()}")
        return self.directory

    def __exit__(self, *_):
        subprocess.run(["umount", "-l", self.directory], check=False)
        shutil.rmtree(self.directory, ignore_errors=True)


class DiskFull(unittest.TestCase):
    def test_data_and_append_are_refused_and_nothing_is_lost(self):
        with SmallDisk() as disk, Gateway(directory=disk) as gateway:
            kept = message("kept")
            gateway.send(kept)
            before = gateway.inbox()
            big = message("big", body=("x" * 70 + "\r\n") * 500_000)  # 36 MB
            with smtp_25(gateway) as wire:
                wire.ask("MAIL FROM:<x@elsewhere.test>")
                wire.ask(f"RCPT TO:<{BOB}>")
                self.assertEqual(354, wire.ask("DATA")[0])
                wire.send(big + ".\r\n")
                code, text = wire.reply()
                self.assertIn(code, (451, 452), text)
                self.assertEqual(250, wire.ask("NOOP")[0])
            self.assertEqual(before, gateway.inbox())
            with imap(gateway, mailbox="INBOX") as wire:
                wire.send(f"a APPEND INBOX {{{len(big)}+}}\r\n{big}\r\n")
                status, lines = wire.until("a")
                self.assertEqual("NO", status, lines)
                self.assertEqual("OK", wire.command("NOOP")[0])
            self.assertEqual(before, gateway.inbox())
            self.fill_to_the_brim(gateway, before)
            small = message("room again")
            gateway.send(small)
            self.assertTrue(gateway.inbox()[-1].endswith(small.encode()))

    def fill_to_the_brim(self, gateway, before):
        """With no byte left, small mail is refused too, and reading still works."""
        filler = gateway.path("filler")
        with open(filler, "wb", buffering=0) as file:
            try:
                while True:
                    file.write(b"\0" * 4096)
            except OSError:
                pass
        with smtp_25(gateway) as wire:
            wire.ask("MAIL FROM:<x@elsewhere.test>")
            code, text = wire.ask(f"RCPT TO:<{BOB}>")
            if code == 250:
                wire.ask("DATA")
                wire.send(message("no room", body="y" * 900 + "\r\n" + ("z" * 70 + "\r\n") * 200)
                          + ".\r\n")
                code, text = wire.reply()
            self.assertIn(code, (451, 452), text)
        self.assertEqual(before, gateway.inbox())
        os.unlink(filler)


class Start(unittest.TestCase):
    """What the daemon says when it cannot start: it ends with a status and a sentence."""

    def setUp(self):
        self.directory = tempfile.mkdtemp(prefix="postern-test-")
        self.addCleanup(shutil.rmtree, self.directory, ignore_errors=True)

    def start(self, config, as_user=None):
        name = os.path.join(self.directory, "postern.toml")
        with open(name, "w", encoding="utf-8") as file:
            file.write(config)
        os.chmod(self.directory, 0o755)
        done = subprocess.run([POSTERND, "--config", name], capture_output=True, text=True,
                              timeout=END_TIMEOUT_S, user=as_user)
        self.assertNotEqual(0, done.returncode, done.stderr)
        self.assertGreater(done.returncode, 0, "ended by a signal:\n" + done.stderr)
        return done.stdout + done.stderr

    def config(self, data="data", more="", port=0):
        if data == "data":
            os.makedirs(os.path.join(self.directory, data), exist_ok=True)
        if port == 0:
            with socket.socket() as probe:
                probe.bind((HOST, 0))
                port = probe.getsockname()[1]
        return (f'data_directory = "{os.path.join(self.directory, data)}"\n'
                f'control_socket = "{os.path.join(self.directory, "control.sock")}"\n{more}\n'
                f'[[listener]]\nprotocol = "smtp"\naddress = "{HOST}"\nport = {port}\n')

    def test_a_bad_key_is_named_with_its_line(self):
        said = self.start(self.config(more="[limits]\nmesage_bytes_max = 1"))
        self.assertRegex(said, r"postern\.toml:4:1: limits\.mesage_bytes_max: unknown key")

    def test_a_bad_value_and_bad_syntax_are_named_with_their_lines(self):
        said = self.start(self.config(more="shards = \"two\""))
        self.assertRegex(said, r"postern\.toml:3:\d+: shards:")
        said = self.start(self.config(more="shards = = 2"))
        self.assertRegex(said, r"postern\.toml:3:\d+:")

    def test_no_configuration(self):
        done = subprocess.run([POSTERND, "--config", os.path.join(self.directory, "none.toml")],
                              capture_output=True, text=True, timeout=END_TIMEOUT_S)
        self.assertGreater(done.returncode, 0)
        self.assertIn("none.toml", done.stdout + done.stderr)

    def test_data_directory_below_a_file(self):
        with open(os.path.join(self.directory, "file"), "w", encoding="ascii") as file:
            file.write("no directory\n")
        said = self.start(self.config(data="file/data"))
        self.assertIn("file/data", said)

    def test_data_directory_not_writable(self):
        if os.getuid() != 0:
            data = os.path.join(self.directory, "data")
            os.mkdir(data, 0o500)  # config() leaves it alone
            self.assertIn("data", self.start(self.config()))
            return
        os.makedirs(os.path.join(self.directory, "data"), mode=0o755)
        said = self.start(self.config(), as_user="nobody")
        self.assertIn(os.path.join(self.directory, "data"), said)

    def test_port_taken(self):
        with socket.socket() as taken:
            taken.bind((HOST, 0))
            taken.listen()
            port = taken.getsockname()[1]
            said = self.start(self.config(port=port))
        self.assertTrue(re.search(rf"\b{port}\b", said), said)

    def test_listening_twice_on_one_data_directory(self):
        with Gateway() as gateway:
            gateway.send(message("there"), sender=ALICE, recipients=[BOB])
            config = (f'data_directory = "{gateway.path("data")}"\n'
                      f'control_socket = "{os.path.join(self.directory, "control.sock")}"\n'
                      f'[[listener]]\nprotocol = "smtp"\naddress = "{HOST}"\n'
                      f"port = {gateway.port['smtp'] + 7}\n")
            said = self.start(config)
            self.assertIn("data", said)


if __name__ == "__main__":
    if not os.path.exists(POSTERND):
        print(f"not built: {POSTERND}")
        raise SystemExit(SKIPPED)
    main()
