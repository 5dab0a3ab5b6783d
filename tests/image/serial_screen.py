"""The console on the appliance's serial line, as somebody sees it: tmux is the terminal.

    with SerialScreen(machine) as screen:
        screen.expect("Enter Log in").press("Enter")
        screen.compare("login")

What is shown is compared with screens/NAME.txt, in which what differs from run to run (times,
fingerprints, sizes) stands as a mark of the same length. POSTERN_WRITE_SCREENS=1 writes the files.
"""
import difflib
import os
import re
import subprocess
import time

SCREENS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "screens")
SHOWN_WITHIN_S = 120
COLUMNS, ROWS = 80, 24
# What differs: each character of it becomes the mark.
DIFFERENT = [(r"\d{4}-\d\d-\d\d \d\d:\d\d", "T"), (r"\b([0-9A-F]{2}:)+([0-9A-F]{2})?", "F"),
             (r"\d+% of +\S+ *", "S"), (r"\d+ min *", "M"), (r"(not )?synchronised *", "C"),
             (r"\d\.\d+\.\d+(?= )", "V")]


def mask(screen):
    for pattern, mark in DIFFERENT:
        screen = re.sub(pattern, lambda found, mark=mark: mark * 6, screen)
    return "".join(line.rstrip() + "\n" for line in screen.split("\n")).rstrip("\n") + "\n"


class SerialScreen:
    def __init__(self, machine):
        self.name = f"postern-{os.getpid()}"
        path = machine.serve_serial_line()
        self.tmux("-u", "-f", "/dev/null", "new-session", "-d", "-x", str(COLUMNS), "-y",
                  str(ROWS), f"exec socat -,raw,echo=0 UNIX-CONNECT:{path}", ";",
                  "set-option", "status", "off", ";", "resize-window", "-x", str(COLUMNS),
                  "-y", str(ROWS))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.tmux("kill-server")

    def tmux(self, *words):
        return subprocess.run(["tmux", "-L", self.name, *words], check=True, text=True,
                              capture_output=True, timeout=60).stdout

    def shown(self):
        return self.tmux("capture-pane", "-p")

    def press(self, *keys):
        """Names as tmux knows them, or characters."""
        self.tmux("send-keys", *keys)
        return self

    def type(self, text):
        self.tmux("send-keys", "-l", text)
        return self

    def expect(self, words):
        deadline = time.monotonic() + SHOWN_WITHIN_S
        while not re.search(words, self.shown()):
            if time.monotonic() > deadline:
                raise AssertionError(f"not shown: {words}\n{self.shown()}")
            time.sleep(0.3)
        return self

    def compare(self, name):
        path = os.path.join(SCREENS, f"{name}.txt")
        if os.environ.get("POSTERN_WRITE_SCREENS") == "1":
            with open(path, "w", encoding="utf-8") as file:
                file.write(mask(self.shown()))
        with open(path, encoding="utf-8") as file:
            expected = file.read()
        deadline = time.monotonic() + SHOWN_WITHIN_S
        while mask(self.shown()) != expected:  # a message of the kernel may stand in it for a while
            if time.monotonic() > deadline:
                raise AssertionError("\n".join(difflib.unified_diff(
                    expected.split("\n"), mask(self.shown()).split("\n"), name, "shown",
                    lineterm="")))
            time.sleep(0.5)
        return self
