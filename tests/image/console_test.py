"""The appliance's console: driven over the serial line, each of its screens compared; what the
screen shows at the same time; the first set-up with host name and time zone.

    image/build amd64 && python3 tests/image/console_test.py

POSTERN_PICTURE=FILE.png keeps a picture of the screen. The cases build on each other
(appliance.py).
"""
import os
import ssl
import subprocess
import unittest

import appliance
import harness
from appliance import ACCOUNT
from serial_screen import SerialScreen

BRIGHT = 120  # of 255
BRIGHT_PIXELS_MIN = 3_000  # a screen of text has more


class ConsoleTest(appliance.ApplianceTest):
    seed = None

    def test_1_first_set_up(self):
        self.boot("bios")
        with SerialScreen(self.machine) as screen:
            screen.expect("Enter Set up this gateway").compare("status-new")
            screen.press("Enter").expect("Choose the administrator's password")
            screen.type(harness.PASSWORD).press("Enter").type(harness.PASSWORD).press("Enter")
            screen.expect("A few questions").compare("set-up").press("Enter", "Enter")
            screen.expect("Host name").compare("name-and-zone").type("mail").press("Enter")
            screen.press("Enter").expect("not a full name").press("Up").type(".example.test")
            screen.press("Enter").press(*["BSpace"] * len("Etc/UTC")).type("Europe/Lisbon")
            screen.press("Enter").expect("First domain").type("example.test").press("Enter")
            screen.expect("First account").type("alice").press("Enter").type("Alice")
            screen.press("Enter").type(harness.PASSWORD).press("Enter").type(harness.PASSWORD)
            screen.press("Enter").expect("Publish these records").press("Escape")
            screen.expect(f"(?s)Incoming mail.*{ACCOUNT}").press("Escape")
            screen.expect("8  This machine").compare("menu")
            screen.press("8").expect("4  Name and time zone").compare("menu-machine")
            screen.press("4").expect("mail.example.test(?s:.)*Europe/Lisbon")
            screen.press("Escape").expect("4  Name").press("Escape").expect("8  This machine")
            screen.press("Escape").expect("Enter Log in").compare("status")

    def test_2_the_screen_shows_it_too(self):
        picture = os.path.join(self.directory, "screen.ppm")
        self.machine.take_picture(picture)
        if "POSTERN_PICTURE" in os.environ:
            self.machine.take_picture(os.path.abspath(os.environ["POSTERN_PICTURE"]), "png")
        with open(picture, "rb") as file:
            self.assertEqual(b"P6\n", file.readline())
            file.readline()
            file.readline()
            pixels = file.read()
        bright = sum(1 for at in range(0, len(pixels), 3) if max(pixels[at:at + 3]) > BRIGHT)
        self.assertGreater(bright, BRIGHT_PIXELS_MIN)

    def test_3_what_was_set_up_serves(self):
        self.assertEqual({}, self.inbox())
        port = self.machine.port["imaps"]
        certificate = os.path.join(self.directory, "certificate.pem")
        with open(certificate, "w", encoding="ascii") as file:
            file.write(ssl.get_server_certificate((harness.HOST, port)))
        names = subprocess.run(["openssl", "x509", "-noout", "-ext", "subjectAltName", "-in",
                                certificate], check=True, text=True, capture_output=True).stdout
        self.assertIn("DNS:mail.example.test", names)
        self.assertEqual(0, self.machine.press_power_button())


if __name__ == "__main__":
    appliance.main("tmux", "socat", "openssl")
