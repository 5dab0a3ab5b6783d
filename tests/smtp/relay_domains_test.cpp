// Domains of an inner server: what is foreign stays foreign, recipients by the list.
// RFC 5321 §3.6.2.
#include "smtp/relay_domains.hpp"

#include <gtest/gtest.h>

#include "smtp/session_fixture.hpp"

namespace postern::smtp {
namespace {

RelayVerdict verdict(const RelayDomains& domains, std::string_view address) {
    return domains.judge(*message::parse_mailbox(address));
}

TEST(RelayDomains, NothingOpensTheRelay) {
    const RelayDomains none({}, {"a@inner.test"});
    EXPECT_EQ(verdict(none, "a@inner.test"), RelayVerdict::foreign);
    const RelayDomains odd({"*", "", ".", "inner.test"}, {});
    EXPECT_EQ(verdict(odd, "a@elsewhere.test"), RelayVerdict::foreign);
    EXPECT_EQ(verdict(odd, "a@sub.inner.test"), RelayVerdict::foreign);
    EXPECT_EQ(verdict(odd, "a@[192.0.2.1]"), RelayVerdict::foreign);
    EXPECT_EQ(verdict(odd, "a@INNER.test"), RelayVerdict::unlisted);
}

TEST(RelayDomains, RecipientsByTheList) {
    const RelayDomains domains({"inner.test", "other.test", "open.test"},
                               {"Alice@inner.test", "@other.test", "not an address"});
    EXPECT_EQ(verdict(domains, "alice@inner.test"), RelayVerdict::taken);
    EXPECT_EQ(verdict(domains, "postmaster@inner.test"), RelayVerdict::taken);
    EXPECT_EQ(verdict(domains, "bob@inner.test"), RelayVerdict::unknown_recipient);
    EXPECT_EQ(verdict(domains, "bob@other.test"), RelayVerdict::taken);
    EXPECT_EQ(verdict(domains, "bob@open.test"), RelayVerdict::unlisted);
    EXPECT_EQ(verdict(domains, "postmaster@open.test"), RelayVerdict::taken);
}

TEST(RelayDomains, ListsAsText) {
    EXPECT_TRUE(parse_recipient_list("").empty());
    EXPECT_EQ(parse_recipient_list("# who\n a@b.test # x\r\n\n\tc@d.test"),
              (std::vector<std::string>{"a@b.test", "c@d.test"}));
}

TEST(RelayDomains, MailForThemIsQueued) {
    GatewayOptions options = quiet();
    options.relay_domains = {"inner.test"};
    options.relay_recipients = {"alice@inner.test"};
    Gateway gateway(options);
    const std::string output =
        gateway.talk(port_smtp, ehlo +
                                    "MAIL FROM:<a@b.test>\r\nRCPT TO:<bob@inner.test>\r\n"
                                    "RCPT TO:<c@elsewhere.test>\r\nRCPT TO:<alice@inner.test>\r\n"
                                    "DATA\r\nSubject: x\r\n\r\n.\r\nQUIT\r\n");
    EXPECT_EQ(count_of(output, "550 5.1.1"), 1u) << output;
    EXPECT_EQ(count_of(output, "550 5.7.1"), 1u) << output;
    const auto queued = gateway.queued();
    ASSERT_EQ(queued.size(), 1u);
    EXPECT_EQ(queued[0].envelope.sender, "a@b.test");
    EXPECT_EQ(queued[0].envelope.recipients[0].address, "alice@inner.test");
}

}  // namespace
}  // namespace postern::smtp
