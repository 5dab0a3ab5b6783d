"""A real Exim on a host of its own (hosts.py): takes mail for its domain into one Maildir, and from
the host's client for everywhere. Unpacked, not installed: Debian has one such server a machine.
"""
import os
import shutil

from hosts import make_user, write
from peer import Peer

CONFIGURATION = """
primary_hostname = mail.{domain}
domainlist local_domains = {domain}
log_file_path = {directory}/%slog
daemon_smtp_ports = 25
local_interfaces = <; 0.0.0.0 ; ::0
keep_environment =
acl_smtp_rcpt = check_rcpt
tls_advertise_hosts =
rfc1413_hosts =
smtp_accept_max = 200
smtp_accept_queue_per_connection = 0
queue_run_max = 5
begin acl
check_rcpt:
  accept hosts = {client}
  accept domains = +local_domains
  deny message = relay not permitted
begin routers
elsewhere:
  driver = dnslookup
  domains = ! +local_domains
  transport = remote
  no_more
here:
  driver = accept
  transport = maildir
begin transports
remote:
  driver = smtp
maildir:
  driver = appendfile
  directory = {directory}/mail
  maildir_format
  user = nobody
  group = nogroup
begin retry
* * F,1h,2s
"""


class Exim(Peer):
    FILES = ("sbin/exim4",)

    def __init__(self, domain, host):
        super().__init__("exim", host)
        self.domain = domain
        make_user("Debian-exim")
        write("/etc/exim4/exim4.conf", CONFIGURATION.format(
            domain=domain, directory=self.directory, client=host.client))
        os.makedirs(self.path("mail"))
        os.makedirs("/var/spool/exim4", exist_ok=True)
        shutil.chown("/var/spool/exim4", "Debian-exim", "Debian-exim")
        shutil.chown(self.directory, "Debian-exim", "Debian-exim")
        shutil.chown(self.path("mail"), "nobody", "nogroup")
        os.chown("/usr/sbin/exim4", 0, 0)
        os.chmod("/usr/sbin/exim4", 0o4755)

    def start(self):
        self.launch(["exim4", "-bdf", "-q2s"], self.host.address, 25)

    def flush(self):
        """Its queue runner comes every two seconds."""

    def queued(self):
        return int(self.output_of(["exim4", "-bpc"]))

    def messages(self):
        return self.texts(self.path("mail"))

    def log(self, name="mainlog"):
        return super().log(name)
