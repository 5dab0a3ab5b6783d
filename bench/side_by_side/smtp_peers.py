"""The other servers that take mail: Postfix, Exim, OpenSMTPD. Each in a control group of its own,
on a loopback port, over one Maildir an account, with settings for speed that their own
documentation names. Postfix and Exim flush a message to the disk before they answer for it;
OpenSMTPD flushes what it files in a Maildir, and its queue seemingly not.

A peer has: name, group, ports {smtp}, settings (text), start() and stop() or `with`, version(),
maildirs (where mail arrives) and relays to RELAY_DOMAIN at a port of loopback.
"""
import os
import re
import shutil
import subprocess

from groups import make_group, put_into_group, remove_group
from harness import HOST, free_port
from hosts import PEERS, make_user, run, write
from peer import Peer
from postfix import Postfix

DOMAIN = "example.test"
RELAY_DOMAIN = "remote.test"

POSTFIX = {
    "virtual_mailbox_maps": "texthash:{directory}/conf/mailboxes",
    "maillog_file": "",  # to syslog, which is not counted
    "default_process_limit": "100",
    "in_flow_delay": "0",
    "smtpd_client_connection_count_limit": "0",
    "smtpd_client_event_limit_exceptions": "static:all",
    "message_size_limit": "100000000",
    "virtual_mailbox_limit": "0",
    "relay_domains": RELAY_DOMAIN,
    "transport_maps": "inline:{{{relay}=smtp:[{host}]:{sink}}}",
    "smtp_destination_concurrency_limit": "50",
    "smtp_dns_support_level": "disabled",
}

EXIM = """
primary_hostname = mail.{domain}
domainlist local_domains = {domain}
domainlist relay_domains = {relay}
spool_directory = {directory}/spool
split_spool_directory = true
log_file_path = {directory}/%slog
daemon_smtp_ports = {port}
local_interfaces = {host}
keep_environment =
host_lookup =
rfc1413_hosts =
acl_smtp_rcpt = check_rcpt
tls_advertise_hosts = *
tls_certificate = {certificate}
tls_privatekey = {key}
message_size_limit = 100M
smtp_accept_max = 200
smtp_accept_queue_per_connection = 0
smtp_accept_max_per_connection = 1000000
begin acl
check_rcpt:
  accept domains = +local_domains : +relay_domains
  deny message = relay not permitted
begin routers
elsewhere:
  driver = manualroute
  domains = +relay_domains
  transport = remote
  route_list = * {host}
  self = send
  no_more
here:
  driver = accept
  local_parts = dsearch,filter=dir;{directory}/mail
  transport = maildir
begin transports
remote:
  driver = smtp
  port = {sink}
  allow_localhost
maildir:
  driver = appendfile
  directory = {directory}/mail/$local_part_data
  maildir_format
  user = nobody
  group = nogroup
begin retry
* * F,1h,2s
"""

OPENSMTPD = """
pki mail.{domain} cert "{certificate}"
pki mail.{domain} key "{key}"
smtp limit max-mails 1000000
smtp max-message-size 100M
table users {{ "@{domain}" = "nobody" }}
listen on {host} port {port} tls pki mail.{domain} hostname mail.{domain}
action "here" maildir "{directory}/mail/%{{rcpt.user}}" virtual <users>
action "elsewhere" relay host "smtp://{host}:{sink}"
match from any for domain "{domain}" action "here"
match from any for domain "{relay}" action "elsewhere"
"""


def make_certificate(directory):
    """The names of the two files."""
    certificate, key = (os.path.join(directory, name) for name in ("certificate.pem", "key.pem"))
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                    "ec_paramgen_curve:P-256", "-nodes", "-days", "30", "-subj",
                    "/CN=localhost", "-keyout", key, "-out", certificate], check=True,
                   stderr=subprocess.DEVNULL)
    return certificate, key


def first_version(words, pattern):
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    found = re.search(pattern, done.stdout + done.stderr)
    return found.group(1) if found else "of unknown version"


class Grouped:
    """start() of the server, and then into its group."""
    words = ()  # for postern-bench
    sessions_max = 1000

    def start(self):
        super().start()
        put_into_group(self.group, self.main_pid())

    def __exit__(self, *error):
        super().__exit__(*error)
        remove_group(self.group)

    def main_pid(self):
        return self.process.pid

    def make_mailboxes(self, users):
        self.maildirs = [os.path.join(self.path("mail"), f"user{number}")
                         for number in range(users)]
        for maildir in self.maildirs:
            for part in ("", "tmp", "new", "cur"):
                os.makedirs(os.path.join(maildir, part), exist_ok=True)
                shutil.chown(os.path.join(maildir, part), "nobody", "nogroup")


class PostfixPeer(Grouped, Postfix):
    name = "Postfix"

    @staticmethod
    def files():
        return ()

    @staticmethod
    def is_there():
        return shutil.which("postfix") is not None

    def __init__(self, users, sink, certificate, key):
        super().__init__([DOMAIN], certificate, key)
        self.ports = {"smtp": self.port}
        self.group = make_group("postfix")
        words = {"directory": self.directory, "relay": RELAY_DOMAIN, "host": HOST, "sink": sink}
        added = "".join(f"{name} = {value.format(**words)}\n" for name, value in POSTFIX.items())
        with open(self.path("conf/main.cf"), encoding="ascii") as file:
            lines = [line for line in file if line.split(" ")[0] not in POSTFIX]
        self.settings = "".join(lines) + added
        write(self.path("conf/main.cf"), self.settings)
        write(self.path("conf/mailboxes"), "".join(
            f"user{number}@{DOMAIN} user{number}/\n" for number in range(users)))
        self.make_mailboxes(users)

    def main_pid(self):
        with open(self.path("spool/pid/master.pid"), encoding="ascii") as file:
            return int(file.read())

    def version(self):
        return first_version(["postconf", "mail_version"], r"= (\S+)")


class EximPeer(Grouped, Peer):
    name = "Exim"

    @staticmethod
    def files():
        return ("sbin/exim4",)

    @classmethod
    def is_there(cls):
        return all(os.path.exists(f"{PEERS}/{name}") for name in cls.files())

    def __init__(self, users, sink, certificate, key):
        super().__init__("exim")
        self.ports = {"smtp": free_port()}
        self.group = make_group("exim")
        make_user("Debian-exim")
        self.settings = EXIM.format(
            domain=DOMAIN, relay=RELAY_DOMAIN, directory=self.directory, host=HOST, sink=sink,
            port=self.ports["smtp"], certificate=self.copy(certificate), key=self.copy(key))
        write("/etc/exim4/exim4.conf", self.settings)
        os.makedirs(self.path("spool"))
        self.make_mailboxes(users)
        for path in ("", "spool", "certificate.pem", "key.pem"):
            shutil.chown(self.path(path), "Debian-exim", "Debian-exim")
        os.chown("/usr/sbin/exim4", 0, 0)
        os.chmod("/usr/sbin/exim4", 0o4755)

    def copy(self, file):
        return shutil.copy(file, self.path(os.path.basename(file)))

    def start(self):
        self.launch(["exim4", "-bdf", "-q30m"], HOST, self.ports["smtp"])
        put_into_group(self.group, self.main_pid())

    def version(self):
        return first_version(["exim4", "-bV"], r"version (\S+)")


class OpenSmtpdPeer(Grouped, Peer):
    name = "OpenSMTPD"
    words = ("--no-pipelining",)  # which it does not offer
    sessions_max = 12             # it lets further ones wait

    @staticmethod
    def files():
        return ("sbin/smtpd", "sbin/smtpctl", "libexec/opensmtpd")

    @classmethod
    def is_there(cls):
        return all(os.path.exists(f"{PEERS}/{name}") for name in cls.files())

    def __init__(self, users, sink, certificate, key):
        super().__init__("opensmtpd")
        self.ports = {"smtp": free_port()}
        self.group = make_group("opensmtpd")
        make_user("opensmtpd")
        make_user("opensmtpq")
        self.settings = OPENSMTPD.format(
            domain=DOMAIN, relay=RELAY_DOMAIN, directory=self.directory, host=HOST, sink=sink,
            port=self.ports["smtp"], certificate=certificate, key=key)
        write(self.path("smtpd.conf"), self.settings)
        self.make_mailboxes(users)
        os.makedirs("/var/lib/opensmtpd/empty", exist_ok=True)
        os.makedirs("/var/spool/smtpd", exist_ok=True)
        os.makedirs(self.path("spool"))
        run("mount", "--bind", self.path("spool"), "/var/spool/smtpd")
        os.chmod("/var/spool/smtpd", 0o711)

    def start(self):
        self.launch(["smtpd", "-d", "-f", self.path("smtpd.conf")], HOST, self.ports["smtp"])
        put_into_group(self.group, self.main_pid())

    def __exit__(self, *error):
        self.stop()
        run("umount", "/var/spool/smtpd")
        super().__exit__(*error)

    def version(self):
        return first_version(["smtpd", "-h"], r"OpenSMTPD (\S+)")


ALL = (PostfixPeer, EximPeer, OpenSmtpdPeer)
