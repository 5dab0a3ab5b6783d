"""A real Dovecot on loopback ports over one Maildir, for tests of adoption and handing back.

It needs root to start, as Dovecot does, and reads mail as nobody: the Maildir is given to nobody
while it runs. Everything it writes beside the Maildir is in a temporary directory.
"""
import imaplib
import os
import poplib
import shutil
import subprocess
import tempfile
import time

from harness import HOST, PASSWORD, free_port

START_TIMEOUT_S = 20
CONFIGURATION = """
base_dir = {base}/run
state_dir = {base}/state
log_path = {base}/log
protocols = imap pop3
listen = {host}
ssl = no
disable_plaintext_auth = no
auth_mechanisms = plain
mail_location = maildir:{maildir}
mail_privileged_group =
first_valid_uid = 1
first_valid_gid = 1
pop3_uidl_format = {uidl_format}
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid=65534 gid=65534 home={base}
}}
service imap-login {{
  inet_listener imap {{
    port = {imap}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
service pop3-login {{
  inet_listener pop3 {{
    port = {pop3}
  }}
  inet_listener pop3s {{
    port = 0
  }}
}}
"""


class Dovecot:
    def __init__(self, maildir, uidl_format="%08Xu%08Xv"):
        self.base = tempfile.mkdtemp(prefix="postern-dovecot-")
        os.chmod(self.base, 0o755)
        self.maildir = maildir
        self.imap_port, self.pop3_port = free_port(), free_port()
        self.process = None
        with open(os.path.join(self.base, "conf"), "w", encoding="utf-8") as file:
            file.write(CONFIGURATION.format(
                base=self.base, host=HOST, maildir=maildir, password=PASSWORD,
                uidl_format=uidl_format, imap=self.imap_port, pop3=self.pop3_port))

    def __enter__(self):
        self._give_to(65534)
        self.process = subprocess.Popen(["dovecot", "-F", "-c", os.path.join(self.base, "conf")])
        end = time.monotonic() + START_TIMEOUT_S
        while True:
            try:
                self.imap().logout()
                return self
            except OSError:
                if time.monotonic() > end or self.process.poll() is not None:
                    self.__exit__(None, None, None)
                    raise
                time.sleep(0.1)

    def __exit__(self, kind, error, trace):
        self.process.terminate()
        self.process.wait(START_TIMEOUT_S)
        if kind is not None:
            with open(os.path.join(self.base, "log"), encoding="utf-8") as file:
                print("--- the end of Dovecot's log ---\n" + file.read()[-3000:])
        shutil.rmtree(self.base, ignore_errors=True)
        self._give_to(os.getuid())

    def _give_to(self, user):
        os.makedirs(self.maildir, exist_ok=True)
        parent = self.maildir
        while parent != "/":  # nobody must get there
            os.chmod(parent, os.stat(parent).st_mode | 0o011)
            parent = os.path.dirname(parent)
        for directory, _, files in os.walk(self.maildir):
            os.chown(directory, user, -1)
            for name in files:
                os.chown(os.path.join(directory, name), user, -1)

    def imap(self, user="bob"):
        imap = imaplib.IMAP4(HOST, self.imap_port, timeout=30)
        imap.login(user, PASSWORD)
        return imap

    def pop3(self):
        pop3 = poplib.POP3(HOST, self.pop3_port, timeout=30)
        pop3.user("bob")
        pop3.pass_(PASSWORD)
        return pop3
