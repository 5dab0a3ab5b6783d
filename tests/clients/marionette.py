"""Thunderbird on a display of its own, driven through Marionette.

    with Display() as display, Thunderbird(directory, display) as thunderbird:
        thunderbird.call("folders", "alice@example.test")

Marionette is Gecko's remote control: JSON over a local TCP connection. It runs JavaScript with the
program's own rights, so a test presses the same commands as menus and buttons do, and asks the
program what it holds. The functions that can be called are those of thunderbird.mjs. Whatever
fails raises AssertionError; nothing waits longer than PROGRAM_TIMEOUT_S.
"""
import base64
import json
import os
import signal
import socket
import subprocess
import time

from harness import HOST, free_port, wait_until

PROGRAM_TIMEOUT_S = 90
HERE = os.path.dirname(os.path.abspath(__file__))
# No first-run pages, no update, nothing that looks for the network beyond the gateway.
PREFERENCES = {
    "app.update.auto": False, "browser.cache.disk.enable": False,
    "datareporting.policy.dataSubmissionPolicyBypassNotification": True,
    "extensions.update.enabled": False, "mail.biff.show_alert": False,
    "mail.biff.play_sound": False, "mail.chat.enabled": False, "mail.compose.autosave": False,
    "mail.pane_config.dynamic": 0, "mail.provider.suppress_dialog_on_startup": True,
    "mail.rights.version": 1, "mail.server.default.autosync_offline_stores": False,
    "mail.shell.checkDefaultClient": False, "mail.spellcheck.inline": False,
    "mail.SpellCheckBeforeSend": False, "mail.winsearch.firstRunDone": True,
    "mailnews.database.global.indexer.enabled": False, "mailnews.start_page.enabled": False,
    "network.captive-portal-service.enabled": False, "network.connectivity-service.enabled": False,
    "toolkit.telemetry.enabled": False}


class Display:
    """An X server without a screen; `name` is for DISPLAY."""

    def __enter__(self):
        readable, writable = os.pipe()
        self.process = subprocess.Popen(
            ["Xvfb", "-displayfd", str(writable), "-screen", "0", "1280x900x24", "-nolisten",
             "tcp"], pass_fds=[writable], stderr=subprocess.DEVNULL)
        os.close(writable)
        with os.fdopen(readable) as answer:
            self.name = ":" + answer.readline().strip()
        if self.name == ":":
            self.process.wait()
            raise AssertionError("Xvfb did not start")
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()


class Thunderbird:
    """A running Thunderbird with its profile in `directory`, which may be used again."""

    def __init__(self, directory, display):
        self.directory, self.display = directory, display
        self.port = free_port()
        self.process = self.connection = self.stream = None
        self.requests = 0
        with open(os.path.join(HERE, "thunderbird.mjs"), encoding="utf-8") as file:
            self.library = file.read()

    def __enter__(self):
        profile, home = (os.path.join(self.directory, part) for part in ("profile", "home"))
        for part in (profile, home):
            os.makedirs(part, mode=0o700, exist_ok=True)
        with open(os.path.join(profile, "user.js"), "w", encoding="utf-8") as file:
            for name, value in {**PREFERENCES, "marionette.port": self.port}.items():
                file.write(f"user_pref({json.dumps(name)}, {json.dumps(value)});\n")
        self.output = open(os.path.join(self.directory, "thunderbird.log"), "ab")
        self.process = subprocess.Popen(
            ["thunderbird", "--marionette", "--remote-allow-system-access", "--no-remote",
             "--profile", profile], stdout=self.output, stderr=self.output,
            start_new_session=True,
            env={**os.environ, "DISPLAY": self.display.name, "HOME": home, "LC_ALL": "C.UTF-8",
                 "TZ": "UTC", "MOZ_CRASHREPORTER_DISABLE": "1", "GTK_A11Y": "none",
                 "NO_AT_BRIDGE": "1", "LIBGL_ALWAYS_SOFTWARE": "1"})
        try:
            wait_until(self._connect, PROGRAM_TIMEOUT_S)
            self._receive()  # its greeting
            self.request("WebDriver:NewSession", {})
            self.request("Marionette:SetContext", {"value": "chrome"})
            self.request("WebDriver:SetTimeouts", {"script": PROGRAM_TIMEOUT_S * 1000})
            self.until("started")
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        """Ends the program as its menu does; a program that does not end is killed."""
        try:
            if self.connection is not None:
                self.request("Marionette:Quit", {"flags": ["eForceQuit"]})
                self.process.wait(PROGRAM_TIMEOUT_S)
        finally:
            if self.process.poll() is None:
                os.killpg(self.process.pid, signal.SIGKILL)
                self.process.wait()
            for part in (self.stream, self.connection, self.output):
                if part is not None:
                    part.close()
            self.connection = None

    def _connect(self):
        if self.process.poll() is not None:
            raise AssertionError(f"thunderbird ended with {self.process.returncode}")
        try:
            self.connection = socket.create_connection((HOST, self.port), PROGRAM_TIMEOUT_S + 10)
        except OSError:
            return False
        self.stream = self.connection.makefile("rb")
        return True

    def _receive(self):
        """One packet: its length in decimal, a colon, JSON."""
        length = b""
        while not length.endswith(b":"):
            byte = self.stream.read(1)
            if not byte:
                raise AssertionError("thunderbird closed the connection")
            length += byte
        return json.loads(self.stream.read(int(length[:-1])))

    def request(self, name, parameters):
        self.requests += 1
        packet = json.dumps([0, self.requests, name, parameters]).encode()
        self.connection.sendall(str(len(packet)).encode() + b":" + packet)
        _, _, error, result = self._receive()
        if error is not None:
            raise AssertionError(f"{name}: {error['error']}: {error['message']}\n"
                                 f"{error.get('stacktrace', '')[:2000]}")
        return result

    def call(self, function, *arguments):
        """Calls a function of thunderbird.mjs and returns its result."""
        script = f"{self.library}\nreturn {function}(...arguments);"
        return self.request("WebDriver:ExecuteScript",
                            {"script": script, "args": list(arguments)})["value"]

    def until(self, function, *arguments, timeout_s=PROGRAM_TIMEOUT_S):
        """Calls until the result is true (not null, false, 0 or empty), and returns it."""
        deadline = time.monotonic() + timeout_s
        while True:
            result = self.call(function, *arguments)
            if result:
                return result
            if time.monotonic() > deadline:
                raise AssertionError(f"{function}{arguments} was not true in {timeout_s} s; it "
                                     f"shows {self.call('windows')} {self.call('list')}")
            time.sleep(0.05)

    def switch_to(self, kind):
        """Calls go to a window of this kind from now on; False when there is none."""
        for handle in self.request("WebDriver:GetWindowHandles", {}):
            self.request("WebDriver:SwitchToWindow", {"handle": handle, "focus": False})
            if self.call("window_is", kind):
                return True
        return False

    def screenshot(self, path, kind="mail:3pane"):
        """A picture of the window of a kind: mail:3pane, msgcompose."""
        wait_until(lambda: self.switch_to(kind), PROGRAM_TIMEOUT_S)
        self.until("painted")
        picture = self.request("WebDriver:TakeScreenshot", {"full": True, "hash": False})["value"]
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as file:
            file.write(base64.b64decode(picture))
        self.switch_to("mail:3pane")
