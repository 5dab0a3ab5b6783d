"""The servers that are compared, each in a control group of its own, and the mail they serve.

A peer has: name, version, pattern (of user names), ports {imap, imaps, pop3, pop3s}, group (the
directory of its control group), start() and stop() or `with`, and forget(user): what it keeps in
memory, or as a cache of what the messages say, is gone when it returns.
"""
import glob
import os
import re
import shutil
import subprocess
import tempfile
import time

from dovecot import Dovecot
from groups import make_group, put_into_group, remove_group
from harness import BUILD, HOST, PASSWORD, ROOT, Gateway, free_port

BENCH = os.path.join(BUILD, "bench", "load", "postern-bench")
POSTERN = os.path.join(BUILD, "src", "app", "postern")
DOMAIN = "example.test"
SETTLE_S = 0.5
SETTINGS = ("allow_plaintext_auth=true", "limits.connections_per_address_max=1000")
DELIVERY_SESSIONS = 16

# For speed, by Dovecot's own documentation: login processes that serve many clients, mail processes
# that are used again, no wait for directories that have not changed.
CONFIGURATION = """
base_dir = {base}/run
state_dir = {base}/state
log_path = {base}/log
protocols = imap pop3
listen = {host}
ssl = yes
ssl_cert = <{base}/certificate.pem
ssl_key = <{base}/key.pem
ssl_min_protocol = TLSv1.2
disable_plaintext_auth = no
auth_mechanisms = plain
auth_cache_size = 10M
mail_location = maildir:~/Maildir
mail_privileged_group =
mail_save_crlf = yes
maildir_very_dirty_syncs = yes
first_valid_uid = 1
first_valid_gid = 1
mail_max_userip_connections = 1000
default_process_limit = 200
default_client_limit = 4000
stats_writer_socket_path =
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid=65534 gid=65534 home={base}/mail/%n
}}
service imap-login {{
  service_count = 0
  process_min_avail = 2
  inet_listener imap {{
    port = {imap}
  }}
  inet_listener imaps {{
    port = {imaps}
    ssl = yes
  }}
}}
service pop3-login {{
  service_count = 0
  process_min_avail = 2
  inet_listener pop3 {{
    port = {pop3}
  }}
  inet_listener pop3s {{
    port = {pop3s}
    ssl = yes
  }}
}}
service imap {{
  service_count = 0
  process_limit = 200
  process_min_avail = 16
}}
service pop3 {{
  service_count = 0
  process_limit = 200
  process_min_avail = 2
}}
"""


class PosternPeer:
    name = "Postern"
    pattern = f"%s@{DOMAIN}"

    def __init__(self, directory, settings=()):
        self.directory = os.path.join(directory, "postern")
        os.makedirs(self.directory)
        self.group = make_group("postern")
        self.gateway = Gateway((*SETTINGS, *settings), self.directory, forbid_blocking=False)
        self.ports = self.gateway.port

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.stop()
        remove_group(self.group)

    def start(self):
        self.gateway.start()
        put_into_group(self.group, self.gateway.pid)

    def stop(self):
        self.gateway.stop()

    def forget(self, _):
        """Postern computes what ENVELOPE and BODYSTRUCTURE say at delivery: there is no cache that
        could be missing. What it holds in memory goes with the process."""
        self.stop()
        self.start()

    def version(self):
        commit = subprocess.run(["git", "-C", ROOT, "rev-parse", "--short", "HEAD"],
                                capture_output=True, text=True).stdout.strip()
        done = subprocess.run([BENCH, "--version"], capture_output=True, text=True)
        return f"{done.stdout.strip()} ({commit})"

    def add_accounts(self, names):
        for name in names:
            subprocess.run([POSTERN, "--socket", self.gateway.control_socket, "account", "add",
                            f"{name}@{DOMAIN}"],
                           check=True, input=f"{PASSWORD}\n", text=True,
                           stdout=subprocess.DEVNULL)

    def deliver(self, name, users, messages, size="4k"):
        """Through the front door: by SMTP. `name` may hold %d."""
        subprocess.run([BENCH, "smtp", "--host", HOST, "--port", str(self.ports["smtp"]), "--user",
                        f"{name}@{DOMAIN}", "--users", str(users), "--sessions",
                        str(DELIVERY_SESSIONS), "--count", str(messages * users), "--size", size],
                       check=True, stdout=subprocess.DEVNULL)

    def log(self):
        return self.gateway.log()[-3000:]

    def maildir(self, name):
        return os.path.join(self.gateway.path("data"), "accounts", DOMAIN, name)


class DovecotPeer(Dovecot):
    name = "Dovecot"
    pattern = f"%s@{DOMAIN}"

    def __init__(self, directory):
        self.base = os.path.join(directory, "dovecot")
        os.makedirs(self.base)
        os.chmod(self.base, 0o755)
        self.maildir = os.path.join(self.base, "mail")  # of all users
        self.group = make_group("dovecot")
        self.ports = {name: free_port() for name in ("imap", "imaps", "pop3", "pop3s")}
        self.imap_port = self.ports["imap"]
        self.process = None
        self.configuration = CONFIGURATION.format(base=self.base, host=HOST, password=PASSWORD,
                                                  **self.ports)
        with open(os.path.join(self.base, "conf"), "w", encoding="utf-8") as file:
            file.write(self.configuration)
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                        "ec_paramgen_curve:P-256", "-nodes", "-days", "30", "-subj",
                        "/CN=localhost", "-keyout", os.path.join(self.base, "key.pem"), "-out",
                        os.path.join(self.base, "certificate.pem")], check=True,
                       stderr=subprocess.DEVNULL)

    def __enter__(self):
        super().__enter__()
        put_into_group(self.group, self.process.pid)
        time.sleep(SETTLE_S)
        return self

    def __exit__(self, *error):
        super().__exit__(*error)
        remove_group(self.group)

    def forget(self, name):
        """The index and the cache of what messages say; UIDs stay."""
        for file in glob.glob(os.path.join(self.maildir, name, "Maildir", "dovecot.index*")):
            os.unlink(file)

    def version(self):
        done = subprocess.run(["dovecot", "--version"], capture_output=True, text=True)
        return done.stdout.split()[0]

    def take_over(self, name, maildir):
        """Copies a Maildir of Postern, without what is Postern's in the file names."""
        target = os.path.join(self.maildir, name, "Maildir")
        for part in ("cur", "new", "tmp"):
            os.makedirs(os.path.join(target, part))
        for part in ("cur", "new"):
            for file in sorted(os.listdir(os.path.join(maildir, part))):
                source = os.path.join(maildir, part, file)
                size = os.path.getsize(source)
                unique = re.split("[,:]", file)[0]
                name = f"{unique},S={size},W={size}:2,"
                shutil.copyfile(source, os.path.join(target, "cur", name))


def directory_for_both(where):
    path = tempfile.mkdtemp(prefix="postern-compare-", dir=where)
    os.chmod(path, 0o755)
    return path
