"""`postern account app-password`: one more password, for every protocol, until it is removed; the
others go on. SCRAM with it: sasl_test.
"""
import imaplib
import json
import poplib
import smtplib

from harness import BOB, HOST, PASSWORD, ClientTest, main, unverified


class AppPassword(ClientTest):
    def app_password(self, *words, status=0):
        return self.gateway.postern("account", "app-password", *words, status=status)

    def imap_lets_in(self, password):
        with imaplib.IMAP4_SSL(HOST, self.gateway.port["imaps"],
                               ssl_context=unverified()) as imap:
            try:
                return imap.login(BOB, password)[0] == "OK"
            except imaplib.IMAP4.error:
                return False

    def test_on_every_protocol_until_it_is_removed(self):
        made = self.app_password("add", BOB, "telephone").stdout.strip()
        other = json.loads(self.app_password("add", BOB, "laptop", "--json").stdout)["password"]
        self.assertRegex(made, "^[a-z2-9]{4}(-[a-z2-9]{4}){4}$")
        for password in (made, other, PASSWORD):
            self.assertTrue(self.imap_lets_in(password))
        with smtplib.SMTP(HOST, self.gateway.port["submission"], timeout=30) as smtp:
            smtp.starttls(context=unverified())
            smtp.login(BOB, made)
        pop3 = poplib.POP3_SSL(HOST, self.gateway.port["pop3s"], context=unverified(), timeout=30)
        pop3.user(BOB)
        pop3.pass_(made)
        pop3.quit()
        listed = self.app_password("list", BOB).stdout
        self.assertIn("telephone", listed)
        self.assertNotIn(made, listed)
        self.app_password("remove", BOB, "telephone")
        self.assertFalse(self.imap_lets_in(made))
        self.assertTrue(self.imap_lets_in(other))
        self.assertTrue(self.imap_lets_in(PASSWORD))
        self.app_password("remove", BOB, "laptop")
        self.app_password("remove", BOB, "laptop", status=1)


if __name__ == "__main__":
    main()
