"""A real Postfix on a loopback port for tests: takes mail for its domains into one file a message.

It needs root to start, as Postfix does; everything it writes is in a temporary directory.
"""
import glob
import os
import shutil
import signal
import subprocess
import tempfile
import time

from harness import HOST, free_port

START_TIMEOUT_S = 20
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


class Postfix:
    def __init__(self, domains, certificate=None, key=None, more=()):
        self.directory = tempfile.mkdtemp(prefix="postern-postfix-")
        os.chmod(self.directory, 0o755)
        self.port = free_port()
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
        settings |= dict(more)
        with open(self.path("conf/main.cf"), "w", encoding="ascii") as file:
            file.writelines(f"{name} = {value}\n" for name, value in settings.items())
        with open(self.path("conf/master.cf"), "w", encoding="ascii") as file:
            file.write(SERVICES.format(listen=f"{HOST}:{self.port}"))

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.stop()
        shutil.rmtree(self.directory, ignore_errors=True)

    def path(self, name):
        return os.path.join(self.directory, name)

    def command(self, word, check=True):
        done = subprocess.run(["postfix", "-c", self.path("conf"), word], capture_output=True,
                              text=True, check=False)
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

    def log(self):
        try:
            with open(self.path("maillog"), encoding="utf-8", errors="replace") as file:
                return file.read()[-4000:]
        except OSError:
            return "(no log)"

    def messages(self):
        """What has arrived, as texts."""
        texts = []
        for name in sorted(glob.glob(self.mail + "/all/new/*")):
            with open(name, encoding="utf-8", errors="replace") as file:
                texts.append(file.read())
        return texts
