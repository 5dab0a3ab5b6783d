"""What the servers of other makes in these tests share: a directory of their own, and a life."""
import glob
import os
import shutil
import socket
import subprocess
import tempfile
import time

START_TIMEOUT_S = 20
STOP_TIMEOUT_S = 60


class Peer:
    """start() and stop() are the servers'; what they write is in `directory`, gone on leaving. A
    server that is one process in the foreground is started by launch() and stopped by stop().
    """

    def __init__(self, name, host=None):
        self.host = host
        self.directory = tempfile.mkdtemp(prefix=f"postern-{name}-")
        os.chmod(self.directory, 0o755)
        self.process = None

    def __enter__(self):
        try:
            self.start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        self.stop()
        shutil.rmtree(self.directory, ignore_errors=True)

    def on_host(self, words):
        """What runs those words where the server is: on its host, or here."""
        return words if self.host is None else self.host.command(words)

    def path(self, name):
        return os.path.join(self.directory, name)

    def launch(self, command, address, port):
        """Returns when the port answers."""
        with open(self.path("log"), "ab") as log:
            self.process = subprocess.Popen(self.on_host(command), stdin=subprocess.DEVNULL,
                                            stdout=log, stderr=log)
        deadline = time.monotonic() + START_TIMEOUT_S
        while True:
            try:
                socket.create_connection((address, port), timeout=1).close()
                return
            except OSError:
                if self.process.poll() is not None or time.monotonic() > deadline:
                    raise RuntimeError(f"{command} does not answer:\n{self.log()}") from None
                time.sleep(0.05)

    def stop(self):
        if self.process is not None:
            self.process.terminate()
            self.process.wait(STOP_TIMEOUT_S)
            self.process = None

    def log(self, name="log"):
        try:
            with open(self.path(name), encoding="utf-8", errors="replace") as file:
                return file.read()[-4000:]
        except OSError:
            return "(no log)"

    def output_of(self, words, text=""):
        done = subprocess.run(self.on_host(words), input=text, capture_output=True, text=True,
                              check=False)
        if done.returncode != 0:
            raise RuntimeError(f"{words}: {done.stdout}{done.stderr}")
        return done.stdout

    def texts(self, maildir):
        """The messages that have arrived there."""
        texts = []
        for name in sorted(glob.glob(os.path.join(maildir, "new", "*"))):
            with open(name, encoding="utf-8", errors="replace") as file:
                texts.append(file.read())
        return texts
