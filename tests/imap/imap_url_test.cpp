// IMAP URLs of messages.
#include "imap/imap_url.hpp"

#include <gtest/gtest.h>

namespace postern::imap {
namespace {

TEST(ImapUrl, RefusesWhatIsNoMessageHere) {
    for (const char* url : {"",
                            "/",
                            "/INBOX",
                            "INBOX/;UID=1",
                            "imap://host/INBOX/;UID=1",
                            "/INBOX/;UID=",
                            "/;UID=1",
                            "/INBOX/;UID=0",
                            "/INBOX/;UID=1x",
                            "/INBOX/;UID=4294967296",
                            "/INBOX/;UID=1/;SECTION=",
                            "/INBOX/;UID=1/;FOO=1",
                            "/INBOX;UIDVALIDITY=0/;UID=1",
                            "/INBOX;UIDVALIDITY=/;UID=1",
                            "/INBOX;FOO=1/;UID=1",
                            "/%4/;UID=1",
                            "/%zz/;UID=1",
                            "/INBOX/;UID=1/;PARTIAL=",
                            "/INBOX/;UID=1/;PARTIAL=1.",
                            "/INBOX/;UID=1/;PARTIAL=1.0",
                            "/INBOX/;UID=1/;PARTIAL=x",
                            "/INBOX?SUBJECT",
                            ";UID=1;UID=2",
                            "/a b/;UID=1",
                            "/Entwürfe/;UID=1",
                            "/INBOX/;UID=1/;SECTION=HEADER.FIELDS (To)",
                            "/INBOX/;UID=1/;SECTION=%"}) {
        EXPECT_FALSE(parse_message_url(url)) << url;
    }
}

TEST(ImapUrl, ReadsMessagesAndParts) {
    auto url = parse_message_url("/Entw%C3%BCrfe%2Fa;UIDVALIDITY=7/;UID=20/;section=1.2.MIME");
    ASSERT_TRUE(url);
    EXPECT_EQ(url->mailbox, "Entwürfe/a");
    EXPECT_EQ(url->uid_validity, 7u);
    EXPECT_EQ(url->uid, 20u);
    EXPECT_EQ(url->section, "1.2.MIME");
    EXPECT_FALSE(url->length);
    url = parse_message_url("/a/b/;UID=1/;PARTIAL=5.10");
    ASSERT_TRUE(url);
    EXPECT_EQ(url->mailbox, "a/b");
    EXPECT_EQ(url->first, 5u);
    EXPECT_EQ(url->length, 10u);
    url = parse_message_url(";UID=3/;SECTION=HEADER.FIELDS%20(To)/;PARTIAL=2");
    ASSERT_TRUE(url);
    EXPECT_EQ(url->mailbox, "");
    EXPECT_EQ(url->section, "HEADER.FIELDS (To)");
    EXPECT_EQ(url->first, 2u);
    EXPECT_FALSE(url->length);
}

// RFC 5092 §6.1.2, RFC 3339 §5.8, RFC 3986 §3.2.2
TEST(ImapUrl, ReadsAuthorizedOnes) {
    const std::string token(32, 'a');
    auto url = parse_authorized_url(
        "IMAP://joe;AUTH=*@[2001:DB8::1]:143/a%2Fb/;uid=2/;section=1"
        ";EXPIRE=1996-12-19T16:39:57.5-08:00;URLAUTH=user+fred:internal:" +
        token);
    ASSERT_TRUE(url);
    EXPECT_EQ(url->user, "joe");
    EXPECT_EQ(url->host, "[2001:db8::1]");
    EXPECT_EQ(url->message.mailbox, "a/b");
    EXPECT_EQ(url->expires_s, 851'042'397);
    EXPECT_EQ(url->access, "user+fred");
    EXPECT_EQ(url->token, token);
    for (const char* bad :
         {"imap://joe@host/a/;UID=2;URLAUTH=", "imap://joe@host/a/;UID=2",
          "imap://host/a/;UID=2;URLAUTH=anonymous", "imap://joe@[::1/a/;UID=2;URLAUTH=anonymous",
          "imap://joe@host/a;URLAUTH=anonymous", "imap://joe@host/a/;UID=2;URLAUTH=friends",
          "imap://joe@host/a/;UID=2;URLAUTH=user+",
          "imap://joe@host/a/;UID=2;EXPIRE=1996-02-30T00:00:00Z;URLAUTH=anonymous",
          "imap://joe@host/a/;UID=2;EXPIRE=tomorrow;URLAUTH=anonymous"}) {
        EXPECT_FALSE(parse_authorized_url(bad)) << bad;
    }
}

}  // namespace
}  // namespace postern::imap
