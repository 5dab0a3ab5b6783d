// What only mail clients meet: whole domains in the envelope and in the header, authentication, no
// extensions that are for servers. Malformed forms first. RFC 6409.
#include <gtest/gtest.h>

#include "smtp/session_fixture.hpp"
#include "smtp/submitted_header.hpp"

namespace postern::smtp {
namespace {

const std::string login = ehlo + "AUTH PLAIN AGFsaWNlAHNlY3JldA==\r\n";

GatewayOptions for_clients() {
    GatewayOptions options = quiet();
    options.plaintext_login = true;
    return options;
}

std::string submit_header(Gateway& gateway, const std::string& header) {
    return gateway.talk(port_submission,
                        login +
                            "MAIL FROM:<alice@example.test>\r\nRCPT TO:<bob@example.test>\r\n"
                            "DATA\r\n" +
                            header + "\r\n\r\nText\r\n.\r\nQUIT\r\n");
}

// ---- addresses in the header --------------------------------------------------------------------

bool knows(std::string_view domain) {
    return domain == "intranet";
}

TEST(SubmittedHeader, WhatIsNoWholeAddress) {
    for (const char* field : {"bob", "bob@sales", "a@b.test, bob", "Bob <bob>",
                              "Friends: a@b.test, bob;", "bob@.test", "bob@test.", "bob@a..test",
                              "\"bob\"", "undisclosed recipients", "a@b.test,\r\n bob@sales"}) {
        EXPECT_TRUE(find_bad_address({field}, knows)) << field;
    }
    EXPECT_EQ(*find_bad_address({"a@b.test", "Bob <bob@sales>"}, knows), "bob@sales");
}

TEST(SubmittedHeader, WholeAddresses) {
    for (const char* field :
         {"", " ", "a@b.test", "Bob <bob@sales.test>, , c@d.test", "bob@intranet",
          "undisclosed-recipients:;", "Friends: a@b.test;", "\"a b\"@c.test", "a@[192.0.2.1]",
          "(comment) a@b.test (another)", "gr\xc3\xbc\xc3\x9f@b\xc3\xb8r.test",
          "=?utf-8?q?B?= <b@c.test>", "<@relay.test:a@b.test>"}) {
        EXPECT_FALSE(find_bad_address({field}, knows))
            << field << ": " << *find_bad_address({field}, knows);
    }
}

TEST(Submission, HeadersWithoutWholeAddressesAreRefused) {
    Gateway gateway(for_clients());
    for (const char* field :
         {"From", "Sender", "Reply-To", "To", "Cc", "Bcc", "Resent-To", "resent-reply-to"}) {
        const std::string output = submit_header(gateway, std::string(field) + ": bob@sales");
        EXPECT_EQ(count_of(output, "554 5.6.0 bob@sales"), 1u) << field << output;
    }
    EXPECT_EQ(gateway.inbox(bob).size(), 0u);
    EXPECT_EQ(count_of(submit_header(gateway, "Subject: bob@sales\r\nX-To: bob"), "250 2.0.0"), 1u);
    EXPECT_EQ(count_of(submit_header(gateway, "To: a@b.test,\r\n\tc@d.test"), "250 2.0.0"), 1u);
}

// RFC 6409 §8: bob, team and postmaster are known; sales is not.
TEST(Submission, AddressesWithoutADomainGetTheSubmitters) {
    Gateway gateway(for_clients());
    const std::string output =
        submit_header(gateway,
                      "From: alice\r\nSubject: To: bob\r\nTo: bob (Bob),\r\n Team <team>\r\n"
                      "Cc: postmaster, =?utf-8?q?C?= <c@d.test>");
    EXPECT_EQ(count_of(output, "250 2.0.0"), 1u) << output;
    ASSERT_EQ(gateway.inbox(bob).size(), 1u);
    EXPECT_EQ(count_of(gateway.inbox(bob)[0],
                       "From: alice@example.test\r\nSubject: To: bob\r\n"
                       "To: bob@example.test (Bob),\r\n Team <team@example.test>\r\n"
                       "Cc: postmaster@example.test, =?utf-8?q?C?= <c@d.test>\r\nDate: "),
              1u)
        << gateway.inbox(bob)[0];
    EXPECT_EQ(count_of(submit_header(gateway, "To: bob, sales"), "554 5.6.0 sales"), 1u);
}

// RFC 5322 §3.6: a message has an author.
TEST(Submission, WhatHasNoAuthorIsFromItsSender) {
    Gateway gateway(for_clients());
    submit_header(gateway, "X-From: x");
    submit_header(gateway, "Subject: x\r\nfrom : b@elsewhere.test");
    const auto inbox = gateway.inbox(bob);
    ASSERT_EQ(inbox.size(), 2u);
    EXPECT_EQ(count_of(inbox[0], "\r\nFrom: alice@example.test\r\n\r\nText"), 1u) << inbox[0];
    EXPECT_EQ(count_of(inbox[1], "From: alice"), 0u) << inbox[1];
    const std::string output = gateway.talk(
        port_submission, login +
                             "MAIL FROM:<>\r\nRCPT TO:<bob@example.test>\r\nDATA\r\n\r\n.\r\n"
                             "QUIT\r\n");
    EXPECT_EQ(count_of(output, "250 2.0.0"), 1u) << output;
    EXPECT_EQ(count_of(gateway.inbox(bob).at(2), "From: "), 0u) << "nobody's";
}

TEST(Submission, AddressesAreCompletedInChunks) {
    Gateway gateway(for_clients());
    const std::string output = gateway.talk(
        port_submission, login +
                             "MAIL FROM:<alice@example.test>\r\nRCPT TO:<bob@example.test>\r\n"
                             "BDAT 5\r\nTo: bBDAT 11 LAST\r\nob\r\nCc: teaBDAT 0\r\nRSET\r\n"
                             "MAIL FROM:<alice@example.test>\r\nRCPT TO:<bob@example.test>\r\n"
                             "BDAT 5\r\nTo: bBDAT 12 LAST\r\nob\r\nCc: teamQUIT\r\n");
    EXPECT_EQ(count_of(output, "554 5.6.0 tea "), 1u) << output;
    ASSERT_EQ(gateway.inbox(bob).size(), 1u) << output;
    EXPECT_EQ(
        count_of(gateway.inbox(bob)[0], "To: bob@example.test\r\nCc: team@example.test\r\nDate"),
        1u)
        << gateway.inbox(bob)[0];
}

TEST(Submission, CompletionIsForAllAddressesOrNone) {
    GatewayOptions options = for_clients();
    options.completion = Completion::all;
    Gateway generous(options);
    EXPECT_EQ(count_of(submit_header(generous, "To: root"), "250 2.0.0"), 1u);
    EXPECT_EQ(count_of(generous.inbox(bob).at(0), "To: root@example.test\r\n"), 1u);
    EXPECT_EQ(count_of(submit_header(generous, "To: the whole team"), "554 5.6.0"), 1u);
    options.completion = Completion::none;
    Gateway strict(options);
    EXPECT_EQ(count_of(submit_header(strict, "To: bob"), "554 5.6.0 bob "), 1u);
}

// The port 25 server leaves headers as they are.
TEST(Submission, OtherServersMayHaveAnyHeader) {
    Gateway gateway(for_clients());
    const std::string output =
        gateway.talk(port_smtp, ehlo + mail_to_bob("To: bob\r\n\r\nText\r\n.\r\n") + "QUIT\r\n");
    EXPECT_EQ(count_of(output, "250 2.0.0"), 1u) << output;
}

TEST(Submission, AHeaderOfManyAddressesIsTakenAsItIs) {
    GatewayOptions options = for_clients();
    Gateway gateway(options);
    std::string many = "To: a@b.test";
    while (many.size() < 300'000) many += ",\r\n somebody.with.a.long.name@b.test";
    const std::string output = submit_header(gateway, many);
    EXPECT_EQ(count_of(output, "250 2.0.0") + count_of(output, "552 5.3.4"), 1u)
        << "no part of an address is judged";
}

// ---- the envelope -------------------------------------------------------------------------------

// RFC 6409 §4.2
TEST(Submission, EnvelopesWithoutWholeDomainsAreRefused) {
    Gateway gateway(for_clients());
    const std::string output = gateway.talk(
        port_submission, login +
                             "MAIL FROM:<alice@localhost>\r\nMAIL FROM:<alice@example.test>\r\n"
                             "RCPT TO:<bob@sales>\r\nRCPT TO:<bob@example.test>\r\n"
                             "RCPT TO:<x@[192.0.2.1]>\r\nRCPT TO:<postmaster>\r\nQUIT\r\n");
    EXPECT_EQ(count_of(output, "554 5.1.8"), 1u) << output;
    EXPECT_EQ(count_of(output, "554 5.1.2"), 1u) << output;
    EXPECT_EQ(count_of(output, "250 2.1.5"), 3u) << output;
}

// RFC 6409 §4.3, §3.2
TEST(Submission, WhoHasNotLoggedInSendsNothing) {
    Gateway gateway(for_clients());
    const std::string output = gateway.talk(
        port_submission, ehlo + "MAIL FROM:<alice@example.test>\r\nMAIL FROM:<>\r\nQUIT\r\n");
    EXPECT_EQ(count_of(output, "530 5.7."), 2u) << output;
}

// RFC 6409 §3.2: clients send notifications from nobody.
TEST(Submission, TheNullSenderIsEverybodys) {
    Gateway gateway(for_clients());
    const std::string output =
        gateway.talk(port_submission, login +
                                          "MAIL FROM:<>\r\nRCPT TO:<bob@example.test>\r\n"
                                          "DATA\r\nFrom: alice@example.test\r\n\r\n.\r\nQUIT\r\n");
    EXPECT_EQ(count_of(output, "250 2.0.0"), 1u) << output;
}

// RFC 6409 §7
TEST(Submission, ExtensionsOfTheTable) {
    Gateway gateway(for_clients());
    const std::string output = gateway.talk(port_submission, ehlo + "ETRN x\r\nATRN x\r\nQUIT\r\n");
    for (const char* keyword :
         {"PIPELINING", "ENHANCEDSTATUSCODES", "DSN", "8BITMIME", "AUTH ", "SIZE"}) {
        EXPECT_GE(count_of(output, keyword), 1u) << keyword << output;
    }
    EXPECT_EQ(count_of(output, "\n250-ETRN") + count_of(output, "ATRN "), 0u);
    EXPECT_EQ(count_of(output, "\r\n50"), 2u) << output;
}

}  // namespace
}  // namespace postern::smtp
