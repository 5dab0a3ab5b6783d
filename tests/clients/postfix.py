"""A real Postfix for tests, on a loopback port or on a host of its own (hosts.py): takes mail for
its domains into one file a message, and from the host's client for everywhere.

It needs root to start, as Postfix does; everything it writes is in a temporary directory.
"""
import os
import shutil
import signal
import subprocess
import time

from harness import HOST, free_port
from peer import Peer

SERVICES = """
{listen} inet n - n - - smtpd
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
virtual unix - n n - - virtual
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
"""


class Postfix(Peer):
    def __init__(self, domains, certificate=None, key=None, more=(), host=None):
        super().__init__("postfix", host)
        self.domain = domains[0]
        self.port = free_port() if host is None else 25
        self.mail = self.path("mail")
        for name in ("conf", "spool", "data", "mail"):
            os.makedirs(self.path(name))
        shutil.chown(self.path("data"), "postfix")
        shutil.chown(self.mail, "nobody")
        settings = {
            "compatibility_level": "3.6", "queue_directory": self.path("spool"),
            "data_directory": self.path("data"), "command_directory": "/usr/sbin",
            "daemon_directory": "/usr/lib/postfix/sbin", "mail_owner": "postfix",
            "setgid_group": "postdrop", "myhostname": f"mx.{domains[0]}", "mydestination": "",
            "inet_interfaces": HOST, "inet_protocols": "ipv4", "mynetworks": "",
            "smtpd_relay_restrictions": "reject_unauth_destination", "alias_maps": "",
            "alias_database": "", "virtual_mailbox_domains": " ".join(domains),
            "virtual_mailbox_base": self.mail, "virtual_mailbox_maps": "static:all/",
            "virtual_minimum_uid": "1", "virtual_uid_maps": "static:65534",
            "virtual_gid_maps": "static:65534", "maillog_file": self.path("maillog"),
            "maillog_file_prefixes": self.directory, "smtpd_peername_lookup": "no",
            "notify_classes": "", "smtputf8_enable": "yes",
        }
        if certificate:
            settings |= {"smtpd_tls_cert_file": certificate, "smtpd_tls_key_file": key,
                         "smtpd_tls_security_level": "may", "smtpd_tls_received_header": "yes"}
        if host is not None:
            settings |= {"inet_interfaces": "all", "inet_protocols": "all", "myhostname":
                         f"mail.{self.domain}", "mynetworks": host.client,
                         "smtpd_relay_restrictions":
                         "permit_mynetworks, reject_unauth_destination",
                         "queue_run_delay": "2s", "minimal_backoff_time": "2s",
                         "maximal_backoff_time": "2s"}
        settings |= dict(more)
        with open(self.path("conf/main.cf"), "w", encoding="ascii") as file:
            file.writelines(f"{name} = {value}\n" for name, value in settings.items())
        with open(self.path("conf/master.cf"), "w", encoding="ascii") as file:
            file.write(SERVICES.format(listen=f"{HOST}:{self.port}" if host is None else "25"))

    def command(self, word, check=True):
        done = subprocess.run(self.on_host(["postfix", "-c", self.path("conf"), word]),
                              capture_output=True, text=True, check=False)
        if check and done.returncode != 0:
            raise RuntimeError(f"postfix {word}: {done.stdout}{done.stderr}{self.log()}")

    def start(self):
        self.command("start")

    def stop(self):
        self.command("stop", check=False)

    def kill(self):
        """As a machine does that loses its power: whatever its processes were doing."""
        with open(self.path("spool/pid/master.pid"), encoding="ascii") as file:
            os.killpg(int(file.read()), signal.SIGKILL)
        time.sleep(0.2)

    def log(self, name="maillog"):
        return super().log(name)

    def flush(self):
        self.command("flush")

    def queued(self):
        words = ["postqueue", "-c", self.path("conf"), "-j"]
        return len(self.output_of(words).splitlines())

    def messages(self):
        return self.texts(os.path.join(self.mail, "all"))
