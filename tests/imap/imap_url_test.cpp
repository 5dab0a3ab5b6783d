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

}  // namespace
}  // namespace postern::imap
