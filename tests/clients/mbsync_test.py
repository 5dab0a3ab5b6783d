"""mbsync: three folders with 500 messages are synchronised both ways, twice; then flags, new
messages and deletions go both ways, and a third run finds nothing to do.
"""
import glob
import os
import re

from harness import BOB, PASSWORD, ClientTest, main, message, need

FOLDERS = {"INBOX": 300, "Work": 150, "Lists": 50}


class Mbsync(ClientTest):
    def config(self):
        certificate = self.gateway.certificate()
        local = self.gateway.path("local")
        os.makedirs(local, exist_ok=True)
        return self.gateway.write(
            "mbsyncrc", f"IMAPAccount bob\nHost localhost\nPort {self.gateway.port['imap']}\n"
            f"User {BOB}\nPass {PASSWORD}\nSSLType STARTTLS\nAuthMechs PLAIN\n"
            f"CertificateFile {certificate}\n\n"
            "IMAPStore far\nAccount bob\n\n"
            f"MaildirStore near\nPath {local}/\nInbox {local}/INBOX\nSubFolders Verbatim\n\n"
            "Channel all\nFar :far:\nNear :near:\nPatterns INBOX Work Lists New\n"
            "Create Both\nRemove Both\nExpunge Both\nSync All\nSyncState *\n")

    def mbsync(self):
        return self.gateway.run(["mbsync", "-c", self.config(), "-a"], timeout=300)

    def local(self, folder):
        return sorted(glob.glob(os.path.join(self.gateway.path("local"), folder, "[cn][ue][rw]",
                                             "*")))

    def local_named(self, folder, subject):
        for name in self.local(folder):
            with open(name, encoding="utf-8") as file:
                if f"Subject: {subject}\n" in file.read().replace("\r\n", "\n"):
                    return name
        raise AssertionError(f"no {subject} in {folder}")

    def flags(self, folder):
        """Subject -> flags, by IMAP."""
        with self.gateway.imap() as imap:
            imap.select(folder, readonly=True)
            _, data = imap.fetch("1:*", "(FLAGS BODY.PEEK[HEADER.FIELDS (SUBJECT)])")
        found = {}
        for part in data:
            if isinstance(part, tuple):
                flags = re.search(rb"FLAGS \(([^)]*)\)", part[0]).group(1).split()
                found[part[1].split(b":", 1)[1].strip().decode()] = set(flags) - {b"\\Recent"}
        return found

    def test_two_way_synchronisation(self):
        with self.gateway.imap() as imap:
            for folder, count in FOLDERS.items():
                if folder != "INBOX":
                    self.assertEqual("OK", imap.create(folder)[0])
                for number in range(count):
                    imap.append(folder, None, None, message(f"{folder} {number}").encode())
        self.mbsync()
        for folder, count in FOLDERS.items():
            self.assertEqual(count, len(self.local(folder)), folder)
        self.mbsync()
        for folder, count in FOLDERS.items():
            self.assertEqual(count, len(self.local(folder)), folder)

        # Flags: far to near, and near to far.
        with self.gateway.imap() as imap:
            imap.select("Work")
            imap.store("1:10", "+FLAGS", r"(\Flagged \Seen)")
        self.mbsync()
        flagged = [name for name in self.local("Work") if re.search(r":2,[A-Z]*F", name)]
        self.assertEqual(10, len(flagged))
        old = self.local_named("Work", "Work 20")
        base = os.path.basename(old).split(":")[0]
        os.rename(old, os.path.join(os.path.dirname(os.path.dirname(old)), "cur", base + ":2,RS"))
        self.mbsync()
        self.assertEqual({b"\\Answered", b"\\Seen"}, self.flags("Work")["Work 20"])
        self.assertEqual({b"\\Flagged", b"\\Seen"}, self.flags("Work")["Work 3"])

        # A new message and a deletion on each side, and a new local folder.
        self.gateway.send(message("INBOX new far"))
        with self.gateway.imap() as imap:
            imap.select("Lists")
            imap.store("1:5", "+FLAGS", r"(\Deleted)")
            imap.expunge()
        os.unlink(self.local_named("INBOX", "INBOX 7"))
        for part in ("cur", "new", "tmp"):
            os.makedirs(os.path.join(self.gateway.path("local"), "New", part))
        with open(os.path.join(self.gateway.path("local"), "New", "new", "1.near"), "w",
                  encoding="utf-8") as file:
            file.write(message("near").replace("\r\n", "\n"))
        self.mbsync()
        self.assertEqual(300, len(self.local("INBOX")))
        self.assertEqual(45, len(self.local("Lists")))
        subjects = self.flags("INBOX")
        self.assertNotIn("INBOX 7", subjects)
        self.assertIn("INBOX new far", subjects)
        self.assertEqual(["near"], list(self.flags("New")))
        before = {folder: self.local(folder) for folder in FOLDERS}
        self.mbsync()
        self.assertEqual(before, {folder: self.local(folder) for folder in FOLDERS})


if __name__ == "__main__":
    need("mbsync")
    main()
