// RCPT and the domain name system: domains that take no mail (RFC 7505), of senders and of
// recipients, and lists of domains (RFC 5782 §3).
#include <gtest/gtest.h>

#include "dns/static_resolver.hpp"
#include "smtp/session_fixture.hpp"

namespace postern::smtp {
namespace {

struct NamedWorld {
    NamedWorld() {
        resolver.add_mx("none.test", 0, "");
        resolver.add_mx("far.test", 10, "mx.far.test");
        resolver.fail("slow.test", dns::Type::mx, dns::Outcome::timed_out);
        resolver.fail("broken.test", dns::Type::mx, dns::Outcome::failed);
        resolver.add_a("spam.test.list.test", "127.0.0.2");
        resolver.add_a("test.list.test", "127.0.0.2");
        resolver.add_txt("spam.test.list.test", "seen");
    }
    GatewayOptions options() {
        GatewayOptions options = quiet();
        options.plaintext_login = true;
        options.defence.resolver = &resolver;
        options.defence.refuses_null_mx = true;
        options.defence.domain_lists = {{"list.test", 1}};
        return options;
    }
    dns::StaticResolver resolver;
};

std::string from(Gateway& gateway, const std::string& sender, const std::string& recipient) {
    return gateway.talk(
        port_smtp, ehlo + "MAIL FROM:<" + sender + ">\r\nRCPT TO:<" + recipient + ">\r\nQUIT\r\n");
}

std::string submit(Gateway& gateway, const std::vector<std::string>& recipients) {
    std::string input =
        ehlo + "AUTH PLAIN AGFsaWNlAHNlY3JldA==\r\nMAIL FROM:<alice@example.test>\r\n";
    for (const auto& each : recipients) input += "RCPT TO:<" + each + ">\r\n";
    return gateway.talk(port_submission, input + "QUIT\r\n");
}

// RFC 7505 §4.1: 550 5.7.27
TEST(RcptDomains, SendersWhoseDomainTakesNoMail) {
    NamedWorld names;
    Gateway gateway(names.options());
    EXPECT_EQ(count_of(from(gateway, "a@none.test", "bob@example.test"), "550 5.7.27"), 1u);
    EXPECT_EQ(count_of(from(gateway, "a@none.test", "postmaster@example.test"), "250 2.1.5"), 1u);
    for (const char* sender :
         {"a@far.test", "a@slow.test", "a@broken.test", "a@nothing.test", "a@[192.0.2.1]", ""}) {
        EXPECT_EQ(count_of(from(gateway, sender, "bob@example.test"), "250 2.1.5"), 1u) << sender;
    }
}

TEST(RcptDomains, WhatIsKnownOfASenderIsNotAskedAgain) {
    NamedWorld names;
    Gateway gateway(names.options());
    for (int i = 0; i < 3; ++i) from(gateway, "a@none.test", "bob@example.test");
    EXPECT_LE(names.resolver.asked["none.test"], 2u) << "once a shard";
    gateway.world().run_for(minutes(10));
    from(gateway, "a@none.test", "bob@example.test");
    EXPECT_GE(names.resolver.asked["none.test"], 2u) << "its time to live is over";
}

TEST(RcptDomains, SendersOnALists) {
    NamedWorld names;
    Gateway gateway(names.options());
    EXPECT_EQ(count_of(from(gateway, "a@Spam.test", "bob@example.test"),
                       "550 5.7.1 The sender's domain is listed by list.test (seen)"),
              1u);
    EXPECT_EQ(count_of(from(gateway, "a@ham.test", "bob@example.test"), "250 2.1.5"), 1u);
}

TEST(RcptDomains, NotWhenItIsNotWanted) {
    NamedWorld names;
    GatewayOptions options = names.options();
    options.defence.refuses_null_mx = false;
    options.defence.domain_lists.clear();
    Gateway gateway(options);
    EXPECT_EQ(count_of(from(gateway, "a@none.test", "bob@example.test"), "250 2.1.5"), 1u);
    EXPECT_EQ(names.resolver.asked["none.test"], 0u);
}

// RFC 7505 §4.1, RFC 7504 §4: 556 5.1.10, before the message is there.
TEST(RcptDomains, RecipientsWhoseDomainTakesNoMail) {
    NamedWorld names;
    Gateway gateway(names.options());
    const std::string output =
        submit(gateway, {"x@none.test", "x@far.test", "x@slow.test", "x@broken.test",
                         "bob@example.test", "x@[192.0.2.1]"});
    EXPECT_EQ(count_of(output, "556 5.1.10"), 1u) << output;
    EXPECT_EQ(count_of(output, "250 2.1.5"), 5u) << output;
}

// A name system that does not answer costs a client with many recipients one wait a domain.
TEST(RcptDomains, WhatCannotBeLookedUpIsNotAskedForEachRecipient) {
    NamedWorld names;
    GatewayOptions options = names.options();
    options.shards = 1;
    Gateway gateway(options);
    std::vector<std::string> many;
    for (int i = 0; i < 50; ++i) many.push_back("x" + std::to_string(i) + "@slow.test");
    const MonotonicTime begun = gateway.world().now();
    EXPECT_EQ(count_of(submit(gateway, many), "250 2.1.5"), 50u);
    EXPECT_LT(gateway.world().now(), begun + seconds(10));
    EXPECT_EQ(names.resolver.asked["slow.test"], 1u);
}

}  // namespace
}  // namespace postern::smtp
