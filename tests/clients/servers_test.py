"""Mail among servers of four makes, each with a domain of its own on a host of its own (hosts.py):
Postern, Postfix, Exim and OpenSMTPD, by the MX and address records of a real name server. One after
the other is stopped for a while, and nothing is lost, nothing doubled.
"""
import collections
import email
import imaplib
import json
import os
import smtplib
import unittest

from harness import BUILD, PASSWORD, main, need, unverified, wait_until
from exim import Exim
from hosts import Host, enter, write
from nameserver import NameServer
from opensmtpd import OpenSmtpd
from peer import Peer
from postfix import Postfix

ARRIVAL_TIMEOUT_S = 120
MESSAGES = 4  # of each server to all others, at a time
USER = "carol"
PROGRAMS = os.path.join(BUILD, "src", "app")
CONFIGURATION = """
host_name = "mail.{domain}"
data_directory = "{directory}/data"
control_socket = "{directory}/control.sock"
[dns]
{names}
[outbound]
mta_sts = false
[queue]
first_retry_s = 1
retry_max_s = 2
[[listener]]
protocol = "smtp"
[[listener]]
protocol = "submission"
[[listener]]
protocol = "imaps"
"""


class Postern(Peer):
    def __init__(self, domain, host, names):
        super().__init__("postern", host)
        self.domain = domain
        settings = "\n".join(setting.removeprefix("dns.") for setting in names.settings())
        write(self.path("postern.toml"), CONFIGURATION.format(
            domain=domain, directory=self.directory, names=settings))
        os.makedirs(self.path("data"))

    def start(self):
        is_new = not os.listdir(self.path("data"))
        program = os.path.join(PROGRAMS, "posternd")
        self.launch([program, "--config", self.path("postern.toml")], self.host.address, 993)
        if is_new:
            self.administer("domain", "add", self.domain)
            self.administer("account", "add", f"{USER}@{self.domain}",
                            text=f"{PASSWORD}\n{PASSWORD}\n")

    def administer(self, *words, text=""):
        program = os.path.join(PROGRAMS, "postern")
        return self.output_of([program, "--socket", self.path("control.sock"), *words], text)

    def flush(self):
        self.administer("queue", "retry", "--all")

    def queued(self):
        return len(json.loads(self.administer("queue", "list", "--json"))["entries"])

    def messages(self):
        with imaplib.IMAP4_SSL(self.host.address, ssl_context=unverified(), timeout=60) as imap:
            imap.login(f"{USER}@{self.domain}", PASSWORD)
            count = int(imap.select(readonly=True)[1][0])
            if count == 0:
                return []
            _, data = imap.fetch(f"1:{count}", "(BODY.PEEK[])")
            return [part[1].decode() for part in data if isinstance(part, tuple)]


def submit(server, number, recipients):
    """A new message through that server; its Message-ID."""
    sender, message_id = f"{USER}@{server.domain}", f"<{number}@{server.domain}>"
    text = (f"From: <{sender}>\r\nTo: {', '.join(recipients)}\r\nSubject: {number}\r\n"
            f"Message-ID: {message_id}\r\n\r\nThe message {number}.\r\n.\r\n")
    is_postern = isinstance(server, Postern)
    with smtplib.SMTP(server.host.address, 587 if is_postern else 25, timeout=60) as smtp:
        if is_postern:
            smtp.starttls(context=unverified())
            smtp.login(sender, PASSWORD)
        refused = smtp.sendmail(sender, recipients, text)
        assert refused == {}, refused
    return message_id


class AmongServers(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        made = {"postern.test": 1, "postfix.test": 2, "exim.test": 3, "open.test": 4}
        zones = {domain: ["@ MX 10 mail", f"mail A 10.77.{number}.2", f"mail AAAA fd77:{number}::2",
                          '@ TXT "v=spf1 mx -all"'] for domain, number in made.items()}
        zones["77.10.in-addr.arpa"] = [f"2.{number} PTR mail.{domain}."
                                       for domain, number in made.items()]
        hosts = {domain: Host(domain.split(".")[0], number) for domain, number in made.items()}
        names = NameServer(zones, host=Host("names", 9))
        write("/etc/resolv.conf", f"nameserver {names.address}\noptions timeout:1 attempts:2\n")
        cls.servers = [Postern("postern.test", hosts["postern.test"], names),
                       Postfix(["postfix.test"], host=hosts["postfix.test"]),
                       Exim("exim.test", hosts["exim.test"]),
                       OpenSmtpd("open.test", hosts["open.test"])]
        for each in (names, *cls.servers):
            cls.enterClassContext(each)

    def setUp(self):
        self.wanted = {server.domain: collections.Counter() for server in self.servers}
        self.before = {server.domain: self.ids_at(server) for server in self.servers}

    def ids_at(self, server):
        return collections.Counter(email.message_from_string(text)["Message-ID"]
                                   for text in server.messages())

    def exchange(self, word, senders=None):
        """Each of the senders writes to all other domains, some messages."""
        for sender in senders or self.servers:
            others = [server.domain for server in self.servers if server is not sender]
            for number in range(MESSAGES):
                name = f"{self.id().split('.')[-1]}.{word}.{number}"
                message_id = submit(sender, name, [f"{USER}@{domain}" for domain in others])
                for domain in others:
                    self.wanted[domain][message_id] += 1

    def arrived(self):
        return {server.domain: self.ids_at(server) - self.before[server.domain]
                for server in self.servers}

    def is_quiet(self):
        for server in self.servers:
            server.flush()
        return not any(server.queued() for server in self.servers)

    def check_all_arrive_once(self):
        try:
            wait_until(self.is_quiet, ARRIVAL_TIMEOUT_S)
            wait_until(lambda: all(self.wanted[domain] <= there
                                   for domain, there in self.arrived().items()), ARRIVAL_TIMEOUT_S)
            more = {domain: there - self.wanted[domain] for domain, there in self.arrived().items()}
            self.assertFalse(any(more.values()), f"doubled, or nobody's: {more}")
        except AssertionError:
            for server in self.servers:
                print(f"--- {server.domain}: {server.queued()} queued\n{server.log()}")
            raise

    def stop_for_a_while(self, index):
        """Mail before, while it is away, and after."""
        server = self.servers[index]
        others = [each for each in self.servers if each is not server]
        self.exchange("before")
        if isinstance(server, (OpenSmtpd, Postfix)):
            # They end at once, in the middle of a delivery too, which then is made a second time.
            wait_until(self.is_quiet, ARRIVAL_TIMEOUT_S)
        server.stop()
        # Those who serve a connection that is open still do so to its end.
        wait_until(lambda: not server.host.processes())
        try:
            self.exchange("away", others)
            waiting = {other.domain: other.queued() for other in others}
        finally:
            server.start()
        self.assertTrue(all(waiting.values()), waiting)
        self.exchange("after")
        self.check_all_arrive_once()

    def test_all_to_all(self):
        self.exchange("all")
        self.check_all_arrive_once()

    def test_postern_is_away(self):
        self.stop_for_a_while(0)

    def test_postfix_is_away(self):
        self.stop_for_a_while(1)

    def test_exim_is_away(self):
        self.stop_for_a_while(2)

    def test_opensmtpd_is_away(self):
        self.stop_for_a_while(3)


if __name__ == "__main__":
    need("ip", "unshare", "knotd", "postfix")
    enter(*Exim.FILES, *OpenSmtpd.FILES)
    main()
