"""A program on a terminal of its own: what it shows is waited for, keys are typed.

    with Terminal(gateway, ["alpine", "-p", pinerc]) as terminal:
        terminal.expect("PASSWORD").type("secret\r")
        terminal.end()
"""
import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import termios
import time

TERMINAL_TIMEOUT_S = 60
ROWS, COLUMNS = 40, 120
# Escape sequences move the cursor and colour; what is looked for are words.
ESCAPES = re.compile(
    rb"\x1b(\[[0-9;?>=]*[a-zA-Z@]|\][^\x07]*(\x07|\x1b\\)|[()][0-9A-B]|[=>78M])|\x0f")


class Terminal:
    def __init__(self, gateway, command, environment=None, rows=ROWS, columns=COLUMNS):
        self.command = command
        self.controller, inner = pty.openpty()
        self.resize(rows, columns)
        self.process = subprocess.Popen(
            command, stdin=inner, stdout=inner, stderr=inner, start_new_session=True,
            cwd=gateway.directory, preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
            env={**os.environ, "TERM": "xterm", "HOME": gateway.path("home"),
                 "LC_ALL": "C.UTF-8", **(environment or {})})
        os.close(inner)
        self.printed = b""  # since the last thing that was found

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        os.close(self.controller)

    def shown(self):
        return ESCAPES.sub(b"", self.printed).decode(errors="replace")

    def _read(self, deadline):
        """False at the program's end."""
        while time.monotonic() < deadline:
            if select.select([self.controller], [], [], 0.2)[0]:
                try:
                    more = os.read(self.controller, 65536)
                except OSError:
                    return False
                self.printed += more
                return bool(more)
            if self.process.poll() is not None:
                return False
        raise AssertionError(f"{self.command[0]} shows in vain:\n{self.shown()[-3000:]}")

    def expect(self, words):
        """Waits until the words (a regular expression) are shown."""
        deadline = time.monotonic() + TERMINAL_TIMEOUT_S
        while not re.search(words, self.shown()):
            if not self._read(deadline):
                raise AssertionError(f"{self.command[0]} ended without {words!r}:\n"
                                     f"{self.shown()[-3000:]}")
        self.printed = b""
        return self

    def resize(self, rows, columns):
        """The program is told, as by a window that somebody pulls at."""
        fcntl.ioctl(self.controller, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        return self

    def type(self, keys):
        os.write(self.controller, keys.encode())
        return self

    def end(self):
        """Waits until the program ends; its status and what it showed last."""
        deadline = time.monotonic() + TERMINAL_TIMEOUT_S
        while self._read(deadline):
            pass
        return self.process.wait(10), self.shown()
