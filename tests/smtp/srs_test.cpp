// Sender rewriting: forged, old and malformed addresses, there and back over several hops, and in
// sessions: what is forwarded, and the bounce. RFC 7208 §D.
#include "smtp/srs.hpp"

#include <gtest/gtest.h>

#include "base/ascii.hpp"
#include "smtp/session_fixture.hpp"

namespace postern::smtp {
namespace {

constexpr std::int64_t today_s = 1'795'339'800;
constexpr std::int64_t day_s = 86'400;

std::string local_part_of(const std::string& address) {
    return message::parse_mailbox(address).value_or(message::Mailbox{}).local_part.empty()
               ? address.substr(0, address.rfind('@'))
               : message::parse_mailbox(address)->local_part;
}

std::string rewritten_of(const Srs& srs, std::string_view sender, std::string_view domain) {
    return srs.rewrite(*message::parse_mailbox(sender), domain, today_s).value_or("");
}

TEST(Srs, ForgedOldAndMalformedOnesAreNotTurnedBack) {
    const Srs srs("secret");
    const std::string good = local_part_of(rewritten_of(srs, "bob@elsewhere.test", "us.test"));
    EXPECT_EQ(srs.restore(good, today_s), "bob@elsewhere.test");
    EXPECT_EQ(srs.restore(good, today_s + 21 * day_s), "bob@elsewhere.test");
    EXPECT_FALSE(srs.restore(good, today_s + 22 * day_s));
    EXPECT_FALSE(srs.restore(good, today_s - day_s));
    EXPECT_FALSE(Srs("another").restore(good, today_s));
    for (std::size_t i = 5; i < good.size(); ++i) {
        std::string forged = good;
        forged[i] = ascii_lower(forged[i]) == 'q' ? 'z' : 'q';
        EXPECT_FALSE(srs.restore(forged, today_s)) << forged;
    }
    for (const char* text : {"", "bob", "SRS0=", "SRS0", "SRS0=A", "SRS0=AAAAAA=", "SRS1=AAAAAA=x",
                             "SRS2=AAAAAA=AA=b.test=a", "SRS0=AAAAAA=AA=b.test="}) {
        EXPECT_FALSE(srs.restore(text, today_s)) << text;
    }
}

TEST(Srs, CaseDoesNotMatter) {
    const Srs srs("secret");
    const std::string good = local_part_of(rewritten_of(srs, "Bob@elsewhere.test", "us.test"));
    std::string lower = good;
    for (char& c : lower) c = char(std::tolower(static_cast<unsigned char>(c)));
    EXPECT_EQ(srs.restore(lower, today_s), "bob@elsewhere.test");
}

TEST(Srs, OverSeveralHops) {
    const Srs first("one");
    const Srs second("two");
    const Srs third("three");
    const std::string at_first = rewritten_of(first, "bob@elsewhere.test", "first.test");
    const std::string at_second = rewritten_of(second, at_first, "second.test");
    const std::string at_third = rewritten_of(third, at_second, "third.test");
    EXPECT_TRUE(at_first.starts_with("SRS0="));
    EXPECT_TRUE(at_second.starts_with("SRS1="));
    EXPECT_TRUE(at_third.starts_with("SRS1="));
    EXPECT_EQ(third.restore(local_part_of(at_third), today_s), at_first) << at_third;
    EXPECT_EQ(second.restore(local_part_of(at_second), today_s), at_first) << at_second;
    EXPECT_EQ(first.restore(local_part_of(at_first), today_s), "bob@elsewhere.test");
}

TEST(Srs, TooLongStaysAsItIs) {
    const Srs srs("secret");
    const std::string sender = std::string(60, 'a') + "@" + std::string(60, 'b') + "." +
                               std::string(60, 'c') + "." + std::string(50, 'd') + ".test";
    EXPECT_EQ(rewritten_of(srs, sender, "us.test"), "");
    EXPECT_NE(rewritten_of(srs, "a@" + std::string(60, 'b') + ".test", "us.test"), "");
}

std::string forwarding_path(Gateway& gateway) {
    gateway.talk(port_smtp,
                 ehlo + mail_to("away@example.test", "Subject: x\r\n\r\n.\r\n") + "QUIT\r\n");
    const auto queued = gateway.queued();
    return queued.empty() ? "" : queued.back().envelope.sender;
}

TEST(Srs, ForwardedMailHasAReversePathOfOursAndItsBounceFindsTheWay) {
    Gateway gateway(quiet());
    const std::string path = forwarding_path(gateway);
    EXPECT_TRUE(path.starts_with("SRS0=") && path.ends_with("=a@example.test")) << path;
    const auto bounce = [&](std::string_view sender, const std::string& recipient) {
        return gateway.talk(port_smtp, ehlo + "MAIL FROM:<" + std::string(sender) +
                                           ">\r\nRCPT TO:<" + recipient +
                                           ">\r\nDATA\r\nSubject: b\r\n\r\n.\r\nQUIT\r\n");
    };
    EXPECT_EQ(count_of(bounce("x@y.test", path), "550 5.1.1"), 1u) << "bounces only";
    EXPECT_EQ(count_of(bounce("", "SRS0=AAAAAA=AA=y.test=x@example.test"), "550 5.1.1"), 1u);
    EXPECT_EQ(gateway.queued().size(), 1u);
    EXPECT_EQ(count_of(bounce("", path), "Queued as"), 1u);
    bool found = false;
    for (const auto& entry : gateway.queued()) {
        if (!entry.envelope.sender.empty()) continue;
        found = true;
        ASSERT_EQ(entry.envelope.recipients.size(), 1u);
        EXPECT_EQ(entry.envelope.recipients[0].address, "a@elsewhere.test");
    }
    EXPECT_TRUE(found);
}

TEST(Srs, OurOwnSendersAndTheNullPathStay) {
    GatewayOptions options = quiet();
    options.plaintext_login = true;
    Gateway gateway(options);
    gateway.talk(port_submission,
                 ehlo +
                     "AUTH PLAIN AGFsaWNlAHNlY3JldA==\r\nMAIL FROM:<alice@example.test>\r\n"
                     "RCPT TO:<away@example.test>\r\nRCPT TO:<c@elsewhere.test>\r\nDATA\r\n"
                     "Subject: x\r\n\r\n.\r\nQUIT\r\n");
    const auto queued = gateway.queued();
    ASSERT_EQ(queued.size(), 1u) << "one sender, one destination, one entry";
    EXPECT_EQ(queued[0].envelope.sender, "alice@example.test");
    EXPECT_EQ(queued[0].envelope.recipients.size(), 2u);
}

}  // namespace
}  // namespace postern::smtp
