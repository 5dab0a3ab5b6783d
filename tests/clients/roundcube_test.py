"""Roundcube in Chromium: log in, read, search, move, delete, send with an attachment, log out. The
webmail speaks IMAP and submission, with STARTTLS and with TLS, and verifies the certificate.

It runs from Debian's package with PHP's own web server; its configuration and database lie in the
work directory. A picture a step, kept in POSTERN_SCREENSHOTS when that is set.
"""
import email
import os
import shutil
import sqlite3
import subprocess
import sys
import urllib.parse

from devtools import Chromium
from harness import (ALICE, BOB, HOST, PASSWORD, SKIPPED, ClientTest, free_port, main, message,
                     need, port_is_free, wait_until)

ROUNDCUBE = "/var/lib/roundcube"
DEFAULTS = ("/etc/roundcube/defaults.inc.php", "/etc/roundcube/mimetypes.php")
SCHEMA = "/usr/share/roundcube/SQL/sqlite.initial.sql"
WORDS = "prüfendes Wort"


class Roundcube(ClientTest):
    def setUp(self):
        super().setUp()
        self.pictures = 0

    # --- a webmail ----------------------------------------------------------------------------

    def configure(self, imap, submission):
        config = self.gateway.path("roundcube")
        shutil.rmtree(config, ignore_errors=True)
        os.makedirs(config)
        for name in DEFAULTS:
            shutil.copy(name, config)
        database = self.gateway.path("roundcube/mail.sqlite")
        with sqlite3.connect(database) as connection, open(SCHEMA, encoding="utf-8") as schema:
            connection.executescript(schema.read())
        trust = (f"['ssl' => ['verify_peer' => true, 'peer_name' => 'localhost', "
                 f"'cafile' => '{self.gateway.certificate()}']]")
        security = {True: "ssl", False: "tls"}
        far, out = (f"{security[name.endswith('s')]}://{HOST}:{self.gateway.port[name]}"
                    for name in (imap, submission))
        self.gateway.write("roundcube/config.inc.php", f"""<?php
$config['db_dsnw'] = 'sqlite:///{database}?mode=0600';
$config['imap_host'] = '{far}';
$config['smtp_host'] = '{out}';
$config['imap_conn_options'] = $config['smtp_conn_options'] = {trust};
$config['smtp_user'] = '%u';
$config['smtp_pass'] = '%p';
$config['des_key'] = 'twenty-four-bytes-of-key';
$config['log_dir'] = $config['temp_dir'] = '{config}';
$config['plugins'] = [];
$config['skin'] = 'elastic';
$config['language'] = 'en_US';
$config['htmleditor'] = 0;
$config['ip_check'] = false;
$config['support_url'] = '';
""")
        return config

    def serve(self, config):
        """The address of the webmail."""
        port = free_port()
        log = open(os.path.join(config, "php.log"), "wb")
        self.addCleanup(log.close)
        process = subprocess.Popen(
            ["php", "-S", f"{HOST}:{port}", "-t", os.path.join(ROUNDCUBE, "public_html")],
            stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            env={**os.environ, "ROUNDCUBE_CONFIG_DIR": config})
        self.addCleanup(process.wait)
        self.addCleanup(process.terminate)
        wait_until(lambda: not port_is_free(port))
        return f"http://{HOST}:{port}/"

    def errors(self, config):
        name = os.path.join(config, "errors.log")
        if not os.path.exists(name):
            return ""
        with open(name, encoding="utf-8", errors="replace") as file:
            return file.read()

    # --- steps --------------------------------------------------------------------------------

    def picture(self, name):
        self.pictures += 1
        place = os.environ.get("POSTERN_SCREENSHOTS") or self.gateway.path("screenshots")
        self.page.screenshot(os.path.join(place, f"roundcube-{self.pictures:02}-{name}.png"))

    def log_in(self, address):
        self.page.open(address)
        self.page.until("document.querySelector('#rcmloginuser') && !!window.rcmail")
        self.picture("login")
        self.page.evaluate(
            f"document.querySelector('#rcmloginuser').value = '{BOB}';"
            f"document.querySelector('#rcmloginpwd').value = '{PASSWORD}';"
            "document.querySelector('#rcmloginsubmit').click()")
        self.page.until("rcmail.env.task == 'mail' && !!rcmail.message_list")

    def subjects(self, *expected):
        """Waits until the list shows exactly these."""
        self.page.until(
            "!rcmail.busy && JSON.stringify([...document.querySelectorAll("
            "'#messagelist tbody tr:not([style*=none]) .subject a')]"
            ".map((one) => one.innerText.trim()).sort()) == "
            f"JSON.stringify({sorted(expected)!r})")

    def command(self, *words, before="true"):
        """Gives a command, after an expression in the same breath: while it loads something, even
        the preview of what was selected a moment ago, the webmail takes none and says nothing."""
        said = ", ".join(f"'{word}'" for word in words)
        self.page.until(f"!rcmail.busy && ({before}, rcmail.command({said}), true)")

    def selected(self, subject):
        """An expression that selects a message."""
        return ("rcmail.message_list.select(Object.keys(rcmail.message_list.rows).find((uid) => "
                "rcmail.message_list.rows[uid].obj.querySelector('.subject a').innerText.trim() "
                f"== '{subject}'))")

    def on_server(self, user, mailbox, criterion="ALL"):
        with self.gateway.imap(user) as imap:
            self.assertEqual("OK", imap.select(mailbox, readonly=True)[0])
            return len(imap.search(None, criterion)[1][0].split())

    def read(self):
        self.subjects("cube 0", "cube 1", "cube 2")
        folders = self.page.evaluate("Object.keys(rcmail.env.mailboxes)")
        for name in ("INBOX", "Drafts", "Sent", "Junk", "Trash", "Archive"):
            self.assertIn(name, folders)
        self.picture("list")
        self.page.until(f"!rcmail.busy && ({self.selected('cube 1')}, true)")
        text = self.page.until(
            "document.querySelector('#messagecontframe').contentDocument.readyState == 'complete'"
            " && document.querySelector('#messagecontframe').contentDocument"
            ".querySelector('#messagebody').innerText")
        self.assertIn(WORDS, text)
        self.picture("read")
        wait_until(lambda: self.on_server(BOB, "INBOX", "SEEN") == 1)

    def search(self):
        self.command("search", before="document.querySelector('#mailsearchform').value = 'cube 2'")
        self.subjects("cube 2")
        self.picture("search")
        self.command("reset-search")
        self.subjects("cube 0", "cube 1", "cube 2")

    def arrange(self):
        self.command("move", "Archive", before=self.selected("cube 0"))
        self.subjects("cube 1", "cube 2")
        wait_until(lambda: self.on_server(BOB, "Archive") == 1)
        self.command("delete", before=self.selected("cube 2"))
        self.subjects("cube 1")
        wait_until(lambda: self.on_server(BOB, "Trash") == 1)
        self.picture("arranged")

    def send(self, address):
        attachment = self.gateway.path("attached.bin")
        content = os.urandom(50_000)
        with open(attachment, "wb") as file:
            file.write(content)
        fields = urllib.parse.urlencode({"_task": "mail", "_action": "compose", "_to": ALICE,
                                         "_subject": "from a cube",
                                         "_body": "Hello,\n.a dot\nprüft\n"})
        self.page.open(f"{address}?{fields}")
        self.page.until("document.readyState == 'complete' && rcmail.env.action == 'compose' && "
                        "rcmail.commands['send-attachment'] && rcmail.commands.send")
        self.page.attach_file("#uploadform input[type=file]", attachment)  # sent at once
        self.page.until("Object.values(rcmail.env.attachments).some((one) => one.complete) &&"
                        " !rcmail.busy")
        self.picture("compose")
        self.command("send", "")
        wait_until(lambda: self.on_server(ALICE, "INBOX") == 1, 60)
        wait_until(lambda: self.on_server(BOB, "Sent") == 1, 60)
        self.page.until("rcmail.env.task == 'mail' && !!rcmail.message_list && !rcmail.busy")
        self.picture("sent")
        parts = [part for part in email.message_from_bytes(self.gateway.inbox(ALICE)[0]).walk()
                 if not part.is_multipart()]
        self.assertEqual(content, parts[-1].get_payload(decode=True))
        self.assertIn(".a dot\r\nprüft", parts[0].get_payload(decode=True).decode())

    def run_it(self, imap, submission):
        for folder in ("Sent", "Trash", "Archive"):
            self.gateway.empty(BOB, folder)
        for number in range(3):
            self.gateway.send(message(f"cube {number}", f"{WORDS}\r\n", more=(
                "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n"
                "Content-Transfer-Encoding: 8bit\r\n")).encode())
        config = self.configure(imap, submission)
        address = self.serve(config)
        with Chromium(self.gateway.path("chromium")) as self.page:
            self.log_in(address)
            self.read()
            self.search()
            self.arrange()
            self.send(address)
            self.command("logout")
            self.page.until("!!document.querySelector('#rcmloginuser')")
        self.assertEqual("", self.errors(config))
        told = [line for line in self.gateway.log().splitlines() if "level=info" not in line]
        self.assertEqual([], told)

    def test_with_starttls(self):
        self.run_it("imap", "submission")

    def test_with_tls(self):
        self.run_it("imaps", "submissions")


if __name__ == "__main__":
    need("chromium", "php")
    if not all(os.path.exists(name) for name in (*DEFAULTS, SCHEMA)):
        print("not installed: roundcube-core")
        sys.exit(SKIPPED)
    main()
