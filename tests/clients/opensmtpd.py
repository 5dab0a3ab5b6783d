"""A real OpenSMTPD on a host of its own (hosts.py): takes mail for its domain into one Maildir, and
mail for everywhere from the host's client. Unpacked, not installed: Debian has one such server a
machine.
"""
import os
import shutil
import subprocess

from hosts import make_user, write
from peer import Peer

CONFIGURATION = """
table users {{ "@{domain}" = "nobody" }}
listen on eth0 hostname mail.{domain}
action "here" maildir "{directory}/mail" virtual <users>
action "elsewhere" relay helo mail.{domain}
bounce warn-interval 999d
match from any for domain "{domain}" action "here"
match from src {client} for any action "elsewhere"
match from local for any action "elsewhere"
"""


class OpenSmtpd(Peer):
    FILES = ("sbin/smtpd", "sbin/smtpctl", "libexec/opensmtpd")

    def __init__(self, domain, host):
        super().__init__("opensmtpd", host)
        self.domain = domain
        make_user("opensmtpd")
        make_user("opensmtpq")
        write(self.path("smtpd.conf"), CONFIGURATION.format(
            domain=domain, directory=self.directory, client=host.client))
        os.makedirs(self.path("mail"))
        shutil.chown(self.path("mail"), "nobody", "nogroup")
        shutil.chown("/usr/sbin/smtpctl", "root", "opensmtpq")
        os.chmod("/usr/sbin/smtpctl", 0o2755)
        os.makedirs("/var/lib/opensmtpd/empty", exist_ok=True)
        os.makedirs("/var/spool/smtpd", mode=0o711, exist_ok=True)

    def start(self):
        self.launch(["smtpd", "-d", "-f", self.path("smtpd.conf")], self.host.address, 25)

    def flush(self):
        """Its own first retry comes after minutes."""
        for words in (("resume", "mta"), ("schedule", "all")):
            subprocess.run(self.on_host(["smtpctl", *words]), capture_output=True, check=False)

    def queued(self):
        return len(self.output_of(["smtpctl", "show", "queue"]).splitlines())

    def messages(self):
        return self.texts(self.path("mail"))
