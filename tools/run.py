#!/usr/bin/env python3
"""Sets up what is missing, builds, starts the gateway on an embedded default and shows it works.

  tools/run                     data in ./var, ports 2525 2587 2465 2143 2993 2110 2995 on loopback
  tools/run --check             the same, and ends once everything has been shown
  tools/run --standard-ports    ports 25 587 465 143 993 110 995; asks sudo when it is not root
  tools/run --dir DIR           data, sockets and logs there
  tools/run --password PW       the password of both accounts (kept in DIR/passwords otherwise)
  tools/run --port-offset N     adds N to every port; two gateways run side by side
  tools/run --set KEY=VALUE     a key of the configuration, as TOML: limits.connections_max=100
  tools/run --build DIR         starts what is built in DIR, without setup and building
  tools/run --forbid-blocking   for tests: a shard that makes a blocking system call ends the daemon

It makes the domain example.test with alice and bob, sends a message from alice to bob through the
submission port with STARTTLS, reads it back by IMAP and by POP3, prints `ready` and serves until
Ctrl-C or SIGTERM. Status 0 when all that went well, 1 otherwise.
"""
import argparse
import ctypes
import email.utils
import fcntl
import imaplib
import os
import poplib
import pwd
import re
import secrets
import shutil
import signal
import smtplib
import socket
import ssl
import subprocess
import sys
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
DOMAIN = "example.test"
USERS = ("alice", "bob")
HOST = "127.0.0.1"
START_TIMEOUT_S = 60
STOP_TIMEOUT_S = 40
UNIX_PATH_BYTES_MAX = 100
LOG_TAIL_LINES = 15
# Protocol, standard port, port of the embedded default.
LISTENERS = (("smtp", 25, 2525), ("submission", 587, 2587), ("submissions", 465, 2465),
             ("imap", 143, 2143), ("imaps", 993, 2993), ("pop3", 110, 2110), ("pop3s", 995, 2995))
# As a mail client asks: what, protocol of LISTENERS, security.
SETTINGS = (("IMAP", "imaps", "SSL/TLS"), ("IMAP", "imap", "STARTTLS"),
            ("POP3", "pop3s", "SSL/TLS"), ("POP3", "pop3", "STARTTLS"),
            ("SMTP", "submissions", "SSL/TLS"), ("SMTP", "submission", "STARTTLS"))


class Failed(Exception):
    """What went wrong, in words for whoever ran the command."""


def say(words=""):
    print(words, flush=True)


def parse_arguments():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="show that it works, and end")
    parser.add_argument("--dir", default=os.path.join(ROOT, "var"), help="data, sockets and logs")
    parser.add_argument("--password", help="of both accounts")
    parser.add_argument("--port-offset", type=int, default=0, metavar="N")
    parser.add_argument("--standard-ports", action="store_true")
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE")
    parser.add_argument("--build", metavar="DIR", help="start what is built there")
    parser.add_argument("--user", help=argparse.SUPPRESS)  # whom root serves: see become_root
    parser.add_argument("--forbid-blocking", action="store_true", help="see posternd --help")
    return parser.parse_args()


def prepare_programs(arguments):
    """The directory with posternd and postern in it."""
    if arguments.build is not None:
        return os.path.join(os.path.abspath(arguments.build), "src", "app")
    for command in (["tools/setup"], ["tools/build", "src/app/posternd", "src/app/postern"]):
        if subprocess.run(command, cwd=ROOT).returncode != 0:
            raise Failed(f"{command[0]} failed")
    return os.path.join(ROOT, "build", "src", "app")


def become_root(arguments, programs):
    """Only root binds ports below 1024: the same again through sudo, on behalf of this user."""
    if not arguments.standard_ports or os.geteuid() == 0:
        return
    if shutil.which("sudo") is None:
        raise Failed("ports below 1024 need root: sudo tools/run --standard-ports")
    say("ports below 1024 need root: going on through sudo")
    os.execvp("sudo", ["sudo", "--", sys.executable, os.path.abspath(__file__), *sys.argv[1:],
                       "--build", os.path.dirname(os.path.dirname(programs)),
                       "--user", pwd.getpwuid(os.geteuid()).pw_name])


def act_for(user):
    """Files are this user's from here on; root is kept for starting the daemon."""
    entry = pwd.getpwnam(user)
    os.initgroups(user, entry.pw_gid)
    os.setegid(entry.pw_gid)
    os.seteuid(entry.pw_uid)


class Gateway:
    def __init__(self, arguments, programs):
        self.directory = os.path.abspath(arguments.dir)
        self.programs = programs
        self.settings = arguments.set
        self.daemon_options = ["--forbid-blocking"] if arguments.forbid_blocking else []
        self.user = arguments.user
        column = 1 if arguments.standard_ports else 2
        self.ports = {row[0]: row[column] + arguments.port_offset for row in LISTENERS}
        self.process = None
        for part in ("", "run", "data"):
            os.makedirs(os.path.join(self.directory, part), mode=0o700, exist_ok=True)
        self.lock = open(os.path.join(self.directory, "lock"), "w")
        try:
            fcntl.flock(self.lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise Failed(f"another tools/run works in {self.directory}") from None
        self.control_socket = os.path.join(self.directory, "run", "control.sock")
        if len(self.control_socket.encode()) > UNIX_PATH_BYTES_MAX:
            self.control_socket = os.path.join(tempfile.mkdtemp(prefix="postern-"), "control.sock")
        self.passwords, self.password_is_new = self._passwords(arguments.password)

    def _path(self, name):
        return os.path.join(self.directory, name)

    def _passwords(self, given):
        """Address -> password: the given one, or what the file remembers, or new ones."""
        known = {}
        if os.path.exists(self._path("passwords")):
            with open(self._path("passwords"), encoding="utf-8") as file:
                known = dict(line.rstrip("\n").split(" ", 1) for line in file if " " in line)
        wanted = {}
        for user in USERS:
            address = f"{user}@{DOMAIN}"
            wanted[address] = given or known.get(address) or secrets.token_urlsafe(12)
        with open(self._path("passwords"), "w", encoding="utf-8",
                  opener=lambda path, flags: os.open(path, flags, 0o600)) as file:
            file.writelines(f"{address} {password}\n" for address, password in wanted.items())
        return wanted, wanted != known

    def write_config(self):
        lines = [f'host_name = "mail.{DOMAIN}"',
                 f'data_directory = "{self._path("data")}"',
                 f'control_socket = "{self.control_socket}"']
        if self.user is not None:
            lines.append(f'user = "{self.user}"')
        sections = {}
        for setting in self.settings:
            key, _, value = setting.partition("=")
            section, _, name = key.strip().rpartition(".")
            sections.setdefault(section, []).append(f"{name} = {value.strip()}")
        lines += sections.pop("", [])
        for section, entries in sections.items():
            lines += ["", f"[{section}]", *entries]
        for protocol, port in self.ports.items():
            lines += ["", "[[listener]]", f'protocol = "{protocol}"', f'address = "{HOST}"',
                      f"port = {port}"]
        with open(self._path("postern.toml"), "w", encoding="utf-8") as file:
            file.write("\n".join(lines) + "\n")

    def start(self):
        program = os.path.join(self.programs, "posternd")
        if not os.path.exists(program):
            raise Failed(f"{program} is not there")
        libc = ctypes.CDLL(None)

        def end_with_parent():
            if self.user is not None:
                os.seteuid(0)
                os.setegid(0)
            pr_set_pdeathsig = 1
            libc.prctl(pr_set_pdeathsig, signal.SIGTERM)

        with open(self._path("posternd.log"), "ab") as log:
            # A session of its own: Ctrl-C reaches this script alone, which ends the daemon.
            self.process = subprocess.Popen(
                [program, "--config", self._path("postern.toml"), *self.daemon_options],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=self.directory,
                start_new_session=True, preexec_fn=end_with_parent)
        with open(self._path("posternd.pid"), "w", encoding="utf-8") as file:
            file.write(f"{self.process.pid}\n")
        deadline = time.monotonic() + START_TIMEOUT_S
        for port in self.ports.values():
            self._wait_for(lambda p=port: accepts(p), f"port {port} does not answer", deadline)
        self._wait_for(lambda: listens(self.control_socket), "no control socket", deadline)

    def _wait_for(self, condition, problem, deadline):
        while not condition():
            self.check_running()
            if time.monotonic() > deadline:
                raise Failed(f"{problem} after {START_TIMEOUT_S} s\n{self.log_tail()}")
            time.sleep(0.02)

    def check_running(self):
        status = self.process.poll()
        if status is not None:
            raise Failed(f"posternd ended with status {status}\n{self.log_tail()}")

    def log_tail(self):
        try:
            with open(self._path("posternd.log"), encoding="utf-8", errors="replace") as file:
                return "".join(file.readlines()[-LOG_TAIL_LINES:]).rstrip()
        except OSError:
            return ""

    def administer(self, words, standard_input=""):
        done = subprocess.run(
            [os.path.join(self.programs, "postern"), "--socket", self.control_socket, *words],
            input=standard_input, capture_output=True, text=True, timeout=60)
        if done.returncode != 0:
            raise Failed(f"postern {' '.join(words)}: {(done.stderr or done.stdout).strip()}")
        return done.stdout

    def make_accounts(self):
        if not re.search(rf"\b{re.escape(DOMAIN)}\b", self.administer(["domain", "list"])):
            self.administer(["domain", "add", DOMAIN])
        there = self.administer(["account", "list"])
        for address, password in self.passwords.items():
            if address not in there:
                self.administer(["account", "add", address], f"{password}\n{password}\n")
            elif self.password_is_new:
                self.administer(["account", "passwd", address], f"{password}\n{password}\n")

    def stop(self):
        """Ends the daemon in good order; False when it had to be killed or ended badly."""
        if self.process is None:
            return True
        try:
            if self.process.poll() is None:
                self.process.terminate()
            status = self.process.wait(STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            say(f"posternd did not end within {STOP_TIMEOUT_S} s and was killed")
            return False
        finally:
            if os.path.exists(self._path("posternd.pid")):
                os.unlink(self._path("posternd.pid"))
        if status != 0:
            say(f"posternd ended with status {status}\n{self.log_tail()}")
        return status == 0


def accepts(port):
    try:
        with socket.create_connection((HOST, port), timeout=5):
            return True
    except OSError:
        return False


def listens(path):
    """A Unix socket is in its directory a moment before anybody listens on it."""
    try:
        with socket.socket(socket.AF_UNIX) as probe:
            probe.connect(path)
            return True
    except OSError:
        return False


def print_settings(gateway):
    say()
    say("Settings for a mail client (the certificate is self-signed; trust it when asked):")
    say()
    row = "  {:<5} {:<10} {:>5}  {:<9} {}"
    say(row.format("what", "server", "port", "security", "user name"))
    for what, protocol, security in SETTINGS:
        say(row.format(what, HOST, gateway.ports[protocol], security, f"{USERS[0]}@{DOMAIN}"))
    say(row.format("SMTP", HOST, gateway.ports["smtp"], "STARTTLS", "(other mail servers)"))
    say()
    for address, password in gateway.passwords.items():
        say(f"  {address}  password {password}")
    say()


def show_mail(gateway):
    """Sends a message from alice to bob and reads it back, twice."""
    sender, recipient = (f"{user}@{DOMAIN}" for user in USERS)
    tls = ssl._create_unverified_context()  # self-signed, on this machine
    ports, passwords = gateway.ports, gateway.passwords
    message_id = email.utils.make_msgid(domain=DOMAIN)
    text = (f"From: Alice <{sender}>\r\nTo: Bob <{recipient}>\r\nSubject: It works\r\n"
            f"Date: {email.utils.formatdate(localtime=True)}\r\nMessage-ID: {message_id}\r\n\r\n"
            "Hello Bob,\r\n\r\nthis came through Postern.\r\n.\r\nAlice\r\n")
    with smtplib.SMTP(HOST, ports["submission"], timeout=30) as smtp:
        smtp.starttls(context=tls)
        smtp.login(sender, passwords[sender])
        smtp.sendmail(sender, [recipient], text)
    say(f"sent:  alice to bob, SMTP port {ports['submission']}, STARTTLS, {len(text)} bytes")

    with imaplib.IMAP4(HOST, ports["imap"], timeout=30) as imap:
        imap.starttls(tls)
        imap.login(recipient, passwords[recipient])
        imap.select("INBOX", readonly=True)
        _, found = imap.uid("SEARCH", "HEADER", "Message-ID", message_id)
        if not found[0]:
            raise Failed("bob's message is not there by IMAP")
        _, data = imap.uid("FETCH", found[0].split()[-1].decode(), "(BODY.PEEK[])")
        expect_same(data[0][1], text, "IMAP")
    say(f"read:  bob has it by IMAP, port {ports['imap']}, STARTTLS, every byte of it")

    pop3 = poplib.POP3(HOST, ports["pop3"], timeout=30)
    pop3.stls(context=tls)
    pop3.user(recipient)
    pop3.pass_(passwords[recipient])
    for number in range(pop3.stat()[0], 0, -1):
        stored = b"\r\n".join(pop3.retr(number)[1]) + b"\r\n"
        if message_id.encode() in stored:
            expect_same(stored, text, "POP3")
            break
    else:
        raise Failed("bob's message is not there by POP3")
    pop3.quit()
    say(f"read:  bob has it by POP3, port {ports['pop3']}, STARTTLS, every byte of it")


def expect_same(stored, text, protocol):
    if not stored.endswith(text.encode()):
        raise Failed(f"what {protocol} gave is not what was sent:\n{stored!r}")


def serve(arguments):
    programs = prepare_programs(arguments)
    become_root(arguments, programs)
    if arguments.user is not None:
        act_for(arguments.user)
    gateway = Gateway(arguments, programs)
    try:
        gateway.write_config()
        gateway.start()
        gateway.make_accounts()
        print_settings(gateway)
        try:
            show_mail(gateway)
        except (OSError, smtplib.SMTPException, imaplib.IMAP4.error, poplib.error_proto) as error:
            raise Failed(f"mail does not pass: {error!r}\n{gateway.log_tail()}") from error
        say("ready")
        while not arguments.check:
            time.sleep(1)
            gateway.check_running()
    except KeyboardInterrupt:
        pass
    except BaseException:
        gateway.stop()
        raise
    if not gateway.stop():
        return 1
    say("checked: it works" if arguments.check else "stopped")
    return 0


def main():
    arguments = parse_arguments()

    def interrupt(*_):
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, interrupt)
    try:
        return serve(arguments)
    except Failed as problem:
        print(f"run: {problem}", file=sys.stderr, flush=True)
        return 1
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
