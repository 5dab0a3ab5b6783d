"""A running gateway for tests with real clients, and what they share.

    with Gateway() as gateway:
        gateway.run(["swaks", "--server", f"{HOST}:{gateway.port['submission']}", ...])

The gateway is started by tools/run on free ports with its data in a temporary directory, from the
build that POSTERN_BUILD names (else build/), and ended by its pid. On leaving it must end in
good order, its log must not tell of a crash, and its store must be consistent; when something
failed, the log's end is printed.
"""
import contextlib
import fcntl
import imaplib
import os
import poplib
import re
import shutil
import signal
import smtplib
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time
import unittest

HOST = "127.0.0.1"
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.environ.get("POSTERN_BUILD") or os.path.join(ROOT, "build")
ALICE, BOB = "alice@example.test", "bob@example.test"
PASSWORD = "correct-horse-battery"
BASE_PORTS = {"smtp": 2525, "submission": 2587, "submissions": 2465, "imap": 2143, "imaps": 2993,
              "pop3": 2110, "pop3s": 2995}
START_TIMEOUT_S = 90
STOP_TIMEOUT_S = 60
CLIENT_TIMEOUT_S = 120
CHECK_TIMEOUT_S = 600  # every message is read, and some tests have many
SKIPPED = 77
# What a log must not contain, however a test ended.
CRASHES = ("AddressSanitizer", "runtime error:", "LeakSanitizer", "Assertion", "terminate called")


def free_offset(held):
    """An offset that no other test holds and whose seven ports are free; `held` keeps the lock."""
    for offset in range(3000, 43000, 40):
        lock = open(os.path.join(tempfile.gettempdir(), f"postern-ports-{offset}.lock"), "w")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            lock.close()
            continue
        if all(port_is_free(port + offset) for port in BASE_PORTS.values()):
            held.append(lock)
            return offset
        lock.close()
    raise RuntimeError("no free ports")


def port_is_free(port):
    with socket.socket() as probe:
        try:
            probe.bind((HOST, port))
            return True
        except OSError:
            return False


def free_port():
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return probe.getsockname()[1]


def unverified():
    """TLS as a client does it that was told to trust the self-signed certificate."""
    return ssl._create_unverified_context()


class Gateway:
    """A running gateway. Its shards run under a filter that ends the daemon at the first system
    call that may block (posternd --forbid-blocking), unless `forbid_blocking` is turned off.
    """

    def __init__(self, settings=(), directory=None, forbid_blocking=True):
        self.held = []
        self.forbid_blocking = forbid_blocking
        self.settings = settings
        self.directory = directory or tempfile.mkdtemp(prefix="postern-test-")
        self.owns_directory = directory is None
        self.offset = free_offset(self.held)
        self.port = {name: base + self.offset for name, base in BASE_PORTS.items()}
        self.process = None
        self.output = []

    def __enter__(self):
        try:
            self.start()
        except BaseException:
            self.print_log()
            raise
        return self

    def __exit__(self, kind, error, trace):
        try:
            self.stop()
        except BaseException:
            self.print_log()
            raise
        if kind is not None:
            self.print_log()
        elif self.owns_directory:
            shutil.rmtree(self.directory, ignore_errors=True)

    def start(self):
        command = [os.path.join(ROOT, "tools", "run"), "--build", BUILD, "--dir", self.directory,
                   "--password", PASSWORD, "--port-offset", str(self.offset)]
        if self.forbid_blocking:
            command.append("--forbid-blocking")
        for setting in self.settings:
            command += ["--set", setting]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                        text=True)
        ready = threading.Event()
        threading.Thread(target=self._read, args=(ready,), daemon=True).start()
        # Its output may end before it does.
        if not ready.wait(START_TIMEOUT_S) or "ready\n" not in self.output:
            self.process.terminate()
            raise RuntimeError("tools/run did not become ready:\n" + "".join(self.output))

    def _read(self, ready):
        with contextlib.suppress(ValueError):  # closed by stop()
            for line in self.process.stdout:
                self.output.append(line)
                if line.strip() == "ready":
                    ready.set()
        ready.set()

    def stop(self):
        if self.process is not None:
            self.process.send_signal(signal.SIGTERM)
            try:
                status = self.process.wait(STOP_TIMEOUT_S)
            except subprocess.TimeoutExpired:
                self.process.kill()
                raise RuntimeError("tools/run did not end") from None
            finally:
                self.process.stdout.close()
                self.process = None
            if status != 0:
                raise RuntimeError(f"tools/run ended with {status}:\n" + "".join(self.output))
        found = [word for word in CRASHES if word in self.log()]
        if found:
            raise RuntimeError(f"the log tells of a crash: {found}")
        self.check_store()
        for lock in self.held:
            lock.close()

    def check_store(self):
        """Every mailbox against its index, with the gateway ended."""
        if not os.path.exists(self.path("postern.toml")):
            return
        done = self.offline_check()
        if done.returncode != 0:
            raise RuntimeError(f"the store is not consistent:\n{done.stdout}{done.stderr}")

    def offline_check(self, *words):
        program = os.path.join(BUILD, "src", "app", "postern")
        return subprocess.run([program, "store", "check", "--offline", "--config",
                               self.path("postern.toml"), *words],
                              capture_output=True, text=True, timeout=CHECK_TIMEOUT_S)

    def path(self, name):
        return os.path.join(self.directory, name)

    def log(self):
        with contextlib.suppress(OSError):
            with open(self.path("posternd.log"), encoding="utf-8", errors="replace") as file:
                return file.read()
        return ""

    def print_log(self):
        print("--- the end of posternd.log ---\n" + self.log()[-4000:], file=sys.stderr)

    @property
    def pid(self):
        with open(self.path("posternd.pid"), encoding="utf-8") as file:
            return int(file.read())

    @property
    def control_socket(self):
        with open(self.path("postern.toml"), encoding="utf-8") as file:
            return re.search(r'control_socket = "([^"]+)"', file.read()).group(1)

    def resident_bytes(self):
        with open(f"/proc/{self.pid}/status", encoding="utf-8") as file:
            for line in file:
                if line.startswith("VmRSS:"):
                    return int(line.split()[1]) * 1024
        raise RuntimeError("no VmRSS")

    def certificate(self):
        """The name of a file with the gateway's certificate in it."""
        name = self.path("client-trusts.pem")
        with open(name, "w", encoding="ascii") as file:
            file.write(ssl.get_server_certificate((HOST, self.port["imaps"])))
        return name

    # --- the standard library's clients -------------------------------------------------------

    def smtp(self, user=ALICE):
        smtp = smtplib.SMTP(HOST, self.port["submission"], timeout=30)
        smtp.starttls(context=unverified())
        smtp.login(user, PASSWORD)
        return smtp

    def imap(self, user=BOB, password=PASSWORD):
        imap = imaplib.IMAP4_SSL(HOST, self.port["imaps"], ssl_context=unverified(), timeout=60)
        imap.login(user, password)
        return imap

    def pop3(self, user=BOB):
        pop3 = poplib.POP3_SSL(HOST, self.port["pop3s"], context=unverified(), timeout=60)
        pop3.user(user)
        pop3.pass_(PASSWORD)
        return pop3

    def send(self, text, sender=ALICE, recipients=(BOB,)):
        with self.smtp(sender) as smtp:
            refused = smtp.sendmail(sender, list(recipients), text)
            assert refused == {}, refused

    def inbox(self, user=BOB, mailbox="INBOX"):
        """Every message of a mailbox, as bytes, in the order of the mailbox."""
        with self.imap(user) as imap:
            status, answer = imap.select(mailbox, readonly=True)
            assert status == "OK", answer
            count = int(answer[0])
            if count == 0:
                return []
            _, data = imap.fetch(f"1:{count}", "(BODY.PEEK[])")
            return [part[1] for part in data if isinstance(part, tuple)]

    def empty(self, user=BOB, mailbox="INBOX"):
        with self.imap(user) as imap:
            imap.select(mailbox)
            imap.uid("STORE", "1:*", "+FLAGS.SILENT", r"(\Deleted)")
            imap.expunge()

    # --- programs -----------------------------------------------------------------------------

    def run(self, command, text=None, timeout=CLIENT_TIMEOUT_S, status=0, **more):
        """Runs a client; fails the test with its output when it ends otherwise than expected."""
        environment = {**os.environ, "HOME": self.path("home"), "LC_ALL": "C.UTF-8"}
        os.makedirs(self.path("home"), exist_ok=True)
        done = subprocess.run(command, input=text, capture_output=True, text=True,
                              errors="replace", timeout=timeout, cwd=self.directory,
                              env=environment, **more)
        if status is not None and done.returncode != status:
            raise AssertionError(f"{command}\nended with {done.returncode}, not {status}\n"
                                 f"{done.stdout[-6000:]}\n{done.stderr[-3000:]}")
        return done

    def postern(self, *words, text=None, status=0):
        """The administration command, on this gateway."""
        program = os.path.join(BUILD, "src", "app", "postern")
        return self.run([program, "--socket", self.control_socket, *words], text, status=status)

    def write(self, name, text, mode=0o600):
        path = self.path(name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8",
                  opener=lambda file, flags: os.open(file, flags, mode)) as file:
            file.write(text)
        return path


class ClientTest(unittest.TestCase):
    """One gateway for all cases of a class; each case starts with bob's and alice's INBOX empty."""
    settings = ()

    @classmethod
    def setUpClass(cls):
        cls.gateway = Gateway(cls.settings)
        cls.gateway.__enter__()
        cls.addClassCleanup(cls.gateway.__exit__, None, None, None)

    def setUp(self):
        for user in (ALICE, BOB):
            self.gateway.empty(user)

    def run(self, result=None):
        before = len(result.failures) + len(result.errors) if result else 0
        result = super().run(result)
        if result and len(result.failures) + len(result.errors) > before:
            self.gateway.print_log()
        return result

    def assert_delivered(self, text, user=BOB, count=1):
        """The only message there (or the last of `count`) ends in exactly these bytes."""
        there = self.gateway.inbox(user)
        self.assertEqual(count, len(there))
        wanted = text.encode() if isinstance(text, str) else text
        self.assertTrue(there[-1].endswith(wanted), there[-1])


def message(subject, body="Hello,\r\n.a dot\r\n..two\r\nbye\r\n", sender=ALICE, to=BOB, more=""):
    return (f"From: <{sender}>\r\nTo: <{to}>\r\nSubject: {subject}\r\n"
            f"Date: Mon, 02 Mar 2026 10:00:00 +0000\r\nMessage-ID: <{subject.replace(' ', '.')}"
            f"@example.test>\r\n{more}\r\n{body}")


def skip(why):
    """Ends the test as skipped."""
    print(why)
    sys.exit(SKIPPED)


def need(*programs):
    """Ends the test as skipped when a program is not installed."""
    missing = [program for program in programs if shutil.which(program) is None]
    if missing:
        skip(f"not installed: {' '.join(missing)}")


def wait_until(condition, timeout_s=30):
    deadline = time.monotonic() + timeout_s
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError("waited in vain")
        time.sleep(0.05)


def main():
    unittest.main(verbosity=2)
