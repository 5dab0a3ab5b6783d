"""offlineimap3: folders are synchronised both ways, by 143 with STARTTLS and by 993: the first run
fetches, the second finds nothing to do; then flags, messages, deletions and folders go both ways.
"""
import glob
import os
import re

from harness import BOB, PASSWORD, ClientTest, main, message, need

FOLDERS = {"INBOX": 40, "Work": 20, "&ANw-bung": 10}


class OfflineImap(ClientTest):
    def config(self):
        port, more = {
            "imap": (self.gateway.port["imap"], "ssl = no\nstarttls = yes\n"),
            "imaps": (self.gateway.port["imaps"], "ssl = yes\nstarttls = no\n")}[self.protocol]
        return self.gateway.write(
            "offlineimaprc", "[general]\naccounts = bob\nui = quiet\n"
            f"metadata = {self.place}.state\nfsync = false\n\n"
            "[Account bob]\nlocalrepository = near\nremoterepository = far\n\n"
            f"[Repository near]\ntype = Maildir\nlocalfolders = {self.place}\n"
            "sync_deletes = yes\n\n"
            f"[Repository far]\ntype = IMAP\nremotehost = localhost\nremoteport = {port}\n"
            f"remoteuser = {BOB}\nremotepass = {PASSWORD}\nauth_mechanisms = PLAIN\n{more}"
            f"sslcacertfile = {self.gateway.certificate()}\nmaxconnections = 2\n"
            "folderfilter = lambda name: name not in ('Drafts', 'Junk')\n")

    def synchronise(self):
        self.gateway.run(["offlineimap", "-c", self.config(), "-o"])

    def local(self, folder):
        return sorted(glob.glob(os.path.join(glob.escape(self.place), folder, "[cn][ue][rw]", "*")))

    def local_named(self, folder, subject):
        for name in self.local(folder):
            with open(name, encoding="utf-8", newline="") as file:
                if f"Subject: {subject}\n" in file.read().replace("\r\n", "\n"):
                    return name
        raise AssertionError(f"no {subject} in {folder}")

    def far(self, folder, criterion="ALL"):
        with self.gateway.imap() as imap:
            self.assertEqual("OK", imap.select(f'"{folder}"', readonly=True)[0], folder)
            return len(imap.search(None, criterion)[1][0].split())

    def both_ways(self):
        with self.gateway.imap() as imap:
            for folder, count in FOLDERS.items():
                if folder != "INBOX":
                    self.assertEqual("OK", imap.create(folder)[0])
                for number in range(count):
                    imap.append(folder, None, None, message(f"{folder} {number}").encode())
        for _ in range(2):
            self.synchronise()
            for folder, count in FOLDERS.items():
                self.assertEqual(count, len(self.local(folder)), folder)
        with open(self.local_named("Work", "Work 5"), encoding="utf-8", newline="") as file:
            self.assertTrue(file.read().replace("\r\n", "\n").endswith(
                "Hello,\n.a dot\n..two\nbye\n"))
        self.flags_go_both_ways()
        self.messages_go_both_ways()

    def flags_go_both_ways(self):
        with self.gateway.imap() as imap:
            imap.select("Work")
            imap.store("1:10", "+FLAGS", r"(\Flagged \Seen)")
        old = self.local_named("INBOX", "INBOX 20")
        base = os.path.basename(old).split(":")[0]
        os.rename(old, os.path.join(os.path.dirname(os.path.dirname(old)), "cur", base + ":2,RS"))
        self.synchronise()
        flagged = [name for name in self.local("Work") if re.search(r":2,[A-Z]*F", name)]
        self.assertEqual(10, len(flagged))
        self.assertEqual(1, self.far("INBOX", 'ANSWERED SEEN SUBJECT "INBOX 20"'))

    def messages_go_both_ways(self):
        self.gateway.send(message("new far"))
        with self.gateway.imap() as imap:
            imap.select("&ANw-bung")
            imap.store("1:5", "+FLAGS", r"(\Deleted)")
            imap.expunge()
        os.unlink(self.local_named("INBOX", "INBOX 7"))
        for part in ("cur", "new", "tmp"):
            os.makedirs(os.path.join(self.place, "Near", part))
        with open(os.path.join(self.place, "Near", "new", "1.near"), "w",
                  encoding="utf-8") as file:
            file.write(message("near").replace("\r\n", "\n"))
        self.synchronise()
        self.assertEqual(FOLDERS["INBOX"], len(self.local("INBOX")))
        self.local_named("INBOX", "new far")
        self.assertEqual(5, len(self.local("&ANw-bung")))
        self.assertEqual(FOLDERS["INBOX"], self.far("INBOX", "UNDELETED"))
        self.assertEqual(0, self.far("INBOX", 'SUBJECT "INBOX 7"'))
        self.assertEqual(1, self.far("Near", "SUBJECT near"))
        before = {folder: self.local(folder) for folder in [*FOLDERS, "Near"]}
        self.synchronise()
        self.assertEqual(before, {folder: self.local(folder) for folder in before})
        with self.gateway.imap() as imap:
            for folder in ["Near", *(name for name in FOLDERS if name != "INBOX")]:
                self.assertEqual("OK", imap.delete(folder)[0])

    def test_both_ways_with_starttls(self):
        self.protocol, self.place = "imap", self.gateway.path("near-imap")
        self.both_ways()

    def test_both_ways_with_tls(self):
        self.protocol, self.place = "imaps", self.gateway.path("near-imaps")
        self.both_ways()


if __name__ == "__main__":
    need("offlineimap")
    main()
