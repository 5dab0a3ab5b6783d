"""Chromium without a window, driven by the DevTools protocol over a pair of pipes.

    with Chromium(directory) as page:
        page.open("http://…")
        page.until("document.querySelector('#user')")

JSON messages end in a NUL byte. What JavaScript throws, and waiting in vain, raises
AssertionError.
"""
import base64
import fcntl
import json
import os
import select
import signal
import subprocess
import time

PAGE_TIMEOUT_S = 60
OPTIONS = ["--headless=new", "--remote-debugging-pipe", "--no-sandbox", "--disable-gpu",
           "--disable-dev-shm-usage", "--disable-background-networking",
           "--disable-component-update", "--disable-default-apps", "--disable-extensions",
           "--disable-sync", "--no-first-run", "--no-default-browser-check",
           "--password-store=basic", "--use-mock-keychain", "--window-size=1280,900",
           "--force-prefers-reduced-motion"]


class Chromium:
    def __init__(self, directory):
        self.directory = directory
        self.requests = 0
        self.buffer = b""
        self.session = None

    def __enter__(self):
        os.makedirs(self.directory, exist_ok=True)
        to_read, self.commands = os.pipe()
        self.answers, to_write = os.pipe()

        def place_pipes():  # the protocol's file descriptors are 3 and 4
            high = [fcntl.fcntl(end, fcntl.F_DUPFD, 10) for end in (to_read, to_write)]
            os.dup2(high[0], 3)
            os.dup2(high[1], 4)

        self.output = open(os.path.join(self.directory, "chromium.log"), "ab")
        self.process = subprocess.Popen(
            ["chromium", *OPTIONS, f"--user-data-dir={self.directory}/profile", "about:blank"],
            stdin=subprocess.DEVNULL, stdout=self.output, stderr=self.output,
            preexec_fn=place_pipes, pass_fds=[3, 4], start_new_session=True,
            env={**os.environ, "HOME": self.directory})
        os.close(to_read)
        os.close(to_write)
        try:
            target = self.request("Target.createTarget", url="about:blank")["targetId"]
            self.session = self.request("Target.attachToTarget", targetId=target,
                                        flatten=True)["sessionId"]
            self.request("Page.enable")
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        """Closes in good order; what does not end is killed, with its children."""
        try:
            self.session = None
            self.request("Browser.close")
            self.process.wait(PAGE_TIMEOUT_S)
        except (AssertionError, OSError, subprocess.TimeoutExpired):
            pass
        finally:
            if self.process.poll() is None:
                os.killpg(self.process.pid, signal.SIGKILL)
                self.process.wait()
            os.close(self.commands)
            os.close(self.answers)
            self.output.close()

    def _receive(self, deadline):
        while b"\0" not in self.buffer:
            left = deadline - time.monotonic()
            if left < 0 or not select.select([self.answers], [], [], left)[0]:
                raise AssertionError("chromium does not answer")
            more = os.read(self.answers, 1 << 20)
            if not more:
                raise AssertionError("chromium has ended")
            self.buffer += more
        packet, self.buffer = self.buffer.split(b"\0", 1)
        return json.loads(packet)

    def request(self, method, **parameters):
        self.requests += 1
        packet = {"id": self.requests, "method": method, "params": parameters}
        if self.session is not None:
            packet["sessionId"] = self.session
        data = json.dumps(packet).encode() + b"\0"
        while data:
            data = data[os.write(self.commands, data):]
        deadline = time.monotonic() + PAGE_TIMEOUT_S
        while True:
            answer = self._receive(deadline)
            if answer.get("id") == self.requests:
                break
        if "error" in answer:
            raise AssertionError(f"{method}: {answer['error']}")
        return answer["result"]

    # --- the page -----------------------------------------------------------------------------

    def open(self, address):
        self.request("Page.navigate", url=address)

    def evaluate(self, script):
        """The value of an expression, of anything that JSON can hold."""
        result = self.request("Runtime.evaluate", expression=script, awaitPromise=True,
                              returnByValue=True)
        if "exceptionDetails" in result:
            details = result["exceptionDetails"]
            raise AssertionError(f"{script}: {details.get('exception', details)}")
        return result["result"].get("value")

    def until(self, script):
        """Evaluates until the value is true and returns it; a page that is still loading throws."""
        deadline = time.monotonic() + PAGE_TIMEOUT_S
        script = f"(() => {{ try {{ return {script} }} catch (e) {{ return null }} }})()"
        while True:
            value = None
            try:
                value = self.evaluate(script)
            except AssertionError:  # its page went away meanwhile
                if self.process.poll() is not None:
                    raise
            if value:
                return value
            if time.monotonic() > deadline:
                raise AssertionError(f"{script} was not true; the page says:\n" + self.evaluate(
                    "location.href + '\\n' + document.body.innerText.slice(0, 2000)"))
            time.sleep(0.05)

    def attach_file(self, selector, path):
        """Chooses a file in an <input type=file>."""
        root = self.request("DOM.getDocument")["root"]["nodeId"]
        node = self.request("DOM.querySelector", nodeId=root, selector=selector)["nodeId"]
        self.request("DOM.setFileInputFiles", nodeId=node, files=[path])

    def screenshot(self, path):
        os.makedirs(os.path.dirname(path), exist_ok=True)
        picture = self.request("Page.captureScreenshot", format="png")["data"]
        with open(path, "wb") as file:
            file.write(base64.b64decode(picture))
