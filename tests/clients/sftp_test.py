"""Backups on a server: a real OpenSSH sshd with a configuration of its own, on loopback, as whoever
runs this. By password file or key; the host's key is remembered and another one refused; a fresh
machine becomes the one that lies there.
"""
import getpass
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import unittest

from harness import BOB, BUILD, HOST, Gateway, main, message, need, wait_until
from terminal import Terminal

POSTERN = os.path.join(BUILD, "src", "app", "postern")
SSHD = "/usr/sbin/sshd"
CONFIGURATION = """
Port {port}
ListenAddress {host}
HostKey {directory}/host
PidFile none
UsePAM no
StrictModes no
PermitRootLogin yes
PasswordAuthentication no
AuthorizedKeysFile {directory}/user.pub
Subsystem sftp internal-sftp
"""


class Sftp(unittest.TestCase):
    def setUp(self):
        need(SSHD, "ssh-keygen")
        self.gateway = self.enterContext(Gateway())
        self.directory = self.gateway.path("ssh")
        os.mkdir(self.directory)
        if os.getuid() == 0:
            os.makedirs("/run/sshd", exist_ok=True)
        for name in ("host", "user", "stranger"):
            self.make_key(name)
        with socket.socket() as free:
            free.bind((HOST, 0))
            self.port = free.getsockname()[1]
        self.server = None
        self.start_server()
        self.addCleanup(self.stop_server)
        self.gateway.write("passphrase", "a passphrase to test with\n")
        self.target = f"sftp://{getpass.getuser()}@{HOST}:{self.port}{self.directory}/backups"

    def make_key(self, name):
        path = os.path.join(self.directory, name)
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", path], check=True)

    def start_server(self):
        path = os.path.join(self.directory, "config")
        with open(path, "w", encoding="ascii") as file:
            file.write(CONFIGURATION.format(port=self.port, host=HOST, directory=self.directory))
        self.server = subprocess.Popen([SSHD, "-D", "-e", "-f", path], stderr=subprocess.DEVNULL)

        def answers():
            with socket.socket() as probe:
                return probe.connect_ex((HOST, self.port)) == 0
        wait_until(answers)

    def stop_server(self):
        self.server.send_signal(signal.SIGTERM)
        self.server.wait()

    def backup(self, *words, status=0):
        done = self.gateway.postern("--json", "backup", "--config",
                                    self.gateway.path("postern.toml"), *words, status=status)
        return json.loads(done.stdout.splitlines()[-1])

    def set_target(self, *words, key="user", status=0):
        return self.backup("set", self.target, "--passphrase-file",
                           self.gateway.path("passphrase"), "--sftp-key-file",
                           os.path.join(self.directory, key), *words, status=status)

    def test_whom_nobody_lets_in(self):
        answer = self.set_target(key="stranger", status=1)
        self.assertIn("does not let", answer["error"])
        self.assertFalse(os.path.exists(os.path.join(self.directory, "backups")))
        self.assertIsNone(self.backup("show")["target"])
        self.stop_server()
        self.assertEqual("io", self.set_target(status=1)["reason"])
        self.start_server()

    def test_backups_on_a_server(self):
        for number in range(30):
            self.gateway.send(message(f"number {number}"))
        begun = self.set_target()
        self.assertTrue(begun["new"])
        shown = subprocess.run(["ssh-keygen", "-l", "-f", os.path.join(self.directory, "host")],
                               capture_output=True, text=True, check=True).stdout
        self.assertIn(begun["host_key"] + " ", shown)
        os.unlink(os.path.join(self.directory, "user"))  # its copy is used from now on
        first = self.backup("run")
        self.assertGreaterEqual(first["new_messages"], 30)
        self.gateway.send(message("one more"))
        self.assertEqual(1, self.backup("run")["new_messages"])
        verified = self.backup("verify", "--all")
        self.assertEqual([], verified["problems"])
        self.assertEqual(2, len(self.backup("list")["backups"]))
        self.backup("set", "--keep-days", "0", "--keep-months", "0")
        self.assertEqual(1, self.backup("prune")["backups"])
        self.assertEqual([], self.backup("verify", "--all")["problems"])
        with self.gateway.imap(BOB) as bob:
            bob.select()
            bob.store("1:5", "+FLAGS", r"(\Deleted)")
            bob.expunge()
        done = self.gateway.postern("--json", "restore", "--config",
                                    self.gateway.path("postern.toml"), "--account", BOB, "--yes")
        self.assertEqual(5, json.loads(done.stdout.splitlines()[-1])["restored"])

    def test_a_host_with_another_key_is_refused(self):
        self.set_target()
        self.stop_server()
        os.unlink(os.path.join(self.directory, "host"))
        self.make_key("host")
        self.start_server()
        answer = self.backup("run", status=1)
        self.assertEqual("refused", answer["reason"])
        self.assertIn("shows another key", answer["error"])
        self.assertEqual(["postern-backup"],
                         os.listdir(os.path.join(self.directory, "backups")))
        self.set_target(status=1)
        self.set_target("--new-host-key")
        self.backup("run")

    def fresh_machine(self):
        """Its gateway, which has accounts of its own as long as nothing was restored."""
        fresh = self.enterContext(Gateway())
        return fresh, ["--config", fresh.path("postern.toml")]

    def test_a_fresh_machine_by_the_command_of_a_seed(self):
        self.gateway.send(message("kept"))
        host_key = self.set_target()["host_key"]
        self.backup("run")
        fresh, config = self.fresh_machine()
        words = ["--json", "restore", self.target, *config, "--yes", "--at-next-start", "--go-on",
                 "--passphrase-file", self.gateway.path("passphrase"), "--sftp-key-file",
                 os.path.join(self.directory, "user"), "--sftp-host-key"]
        done = fresh.postern(*words, "SHA256:" + "A" * 43, status=1)
        answer = json.loads(done.stdout)
        self.assertEqual("refused", answer["reason"])
        self.assertIn("shows another key", answer["error"])
        fresh.postern(*words, host_key)
        fresh.stop()
        fresh.postern("restore", "--finish", *config)
        fresh.start()
        self.assertEqual(1, sum(b"kept" in text for text in fresh.inbox()))
        shown = json.loads(fresh.postern("--json", "backup", "show", *config).stdout)
        self.assertEqual((self.target, host_key), (shown["target"], shown["host_key"]))
        # Without the files of the seed: what opens the server was kept.
        done = fresh.postern("--json", "backup", "run", *config)
        self.assertEqual(2, json.loads(done.stdout.splitlines()[-1])["number"])

    def test_a_fresh_machine_from_the_console(self):
        self.gateway.send(message("kept"))
        host_key = self.set_target()["host_key"]
        self.backup("run")
        fresh, config = self.fresh_machine()
        for name in ("alice", "bob"):
            fresh.postern("account", "remove", name)
        fresh.postern("domain", "remove", "example.test")
        fresh.postern("admin", "password", text="console-secret\n")
        terminal = self.enterContext(Terminal(
            fresh, [POSTERN, "--socket", fresh.control_socket], {"POSTERN_CONFIG": config[1]}, 24,
            110))
        terminal.expect("Enter Set up this gateway").type("\r").expect("Administrator password")
        terminal.type("console-secret\r").expect("Begin with").type("\r\x1b[C")
        terminal.expect(r"\[a backup\]").type("\r").expect("This machine becomes the one")
        terminal.type(f"{self.target}\ra passphrase to test with\rsecret\r")
        terminal.type(f"{self.directory}/stranger\r").expect("does not let")
        path = f"{self.directory}/user"
        terminal.type("\x7f" * len(f"{self.directory}/stranger") + f"{path}\r")
        terminal.expect(re.escape(host_key)).expect(r" 1 +20\d\d-").type("\r")
        terminal.expect("comes with").type("y").expect("The restore is ready")
        fresh.stop()
        fresh.postern("restore", "--finish", *config)
        fresh.start()
        self.assertEqual(1, sum(b"kept" in text for text in fresh.inbox()))
        fresh.postern("backup", "run", *config)

    def test_a_directory_that_is_gone_is_said(self):
        self.set_target()
        shutil.rmtree(os.path.join(self.directory, "backups"))
        self.assertEqual("not_found", self.backup("run", status=1)["reason"])


if __name__ == "__main__":
    main()
