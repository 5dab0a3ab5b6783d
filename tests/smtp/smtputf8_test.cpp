// SMTPUTF8: internationalised addresses need the parameter, which is kept with the message and said
// in its trace field. RFC 6531 §3.1, §3.4, §3.5, §3.7.3.
#include <gtest/gtest.h>

#include "base/ascii.hpp"
#include "smtp/mail_parameters_fixture.hpp"

namespace postern::smtp {
namespace {

std::string utf8_dialogue(std::string_view mail, std::string_view rcpt) {
    return ehlo + "AUTH PLAIN AGFsaWNlAHNlY3JldA==\r\nMAIL FROM:" + std::string(mail) +
           "\r\nRCPT TO:" + std::string(rcpt) + "\r\nDATA\r\nSubject: x\r\n\r\n.\r\nQUIT\r\n";
}

TEST(Smtputf8, HasNoValueAndNoBadUtf8) {
    EXPECT_TRUE(is_refused("SMTPUTF8=yes"));
    EXPECT_TRUE(is_refused("SMTPUTF8 SMTPUTF8"));
    Gateway gateway(open_login());
    for (const char* bad : {"<j\xc3@one.test>", "<j\xff@one.test>", "<a@b\xed\xa0\x80.test>",
                            "<\xc0\xaf@one.test>"}) {
        const std::string output =
            gateway.talk(port_submission, utf8_dialogue("<alice@example.test> SMTPUTF8", bad));
        EXPECT_EQ(count_of(output, "Queued as"), 0u) << bad;
    }
    EXPECT_TRUE(gateway.queued().empty());
}

TEST(Smtputf8, WithoutTheParameterAddressesAreAscii) {
    Gateway gateway(open_login());
    const std::string output = gateway.talk(
        port_submission, utf8_dialogue("<alice@example.test>", "<j\xc3\xb8rn@one.test>"));
    EXPECT_EQ(count_of(output, "553 5.6.7"), 1u) << output;
    EXPECT_TRUE(gateway.queued().empty());
}

TEST(Smtputf8, IsKeptWithTheMessage) {
    Gateway gateway(open_login());
    const std::string output = gateway.talk(
        port_submission, utf8_dialogue("<alice@example.test> SMTPUTF8", "<j\xc3\xb8rn@one.test>"));
    EXPECT_EQ(count_of(output, "Queued as"), 1u) << output;
    const auto queued = gateway.queued();
    ASSERT_EQ(queued.size(), 1u);
    EXPECT_TRUE(queued[0].envelope.is_smtputf8);
    ASSERT_EQ(queued[0].envelope.recipients.size(), 1u);
    EXPECT_EQ(queued[0].envelope.recipients[0].address, "j\xc3\xb8rn@one.test");
}

TEST(Smtputf8, IsSaidInTheTraceField) {
    Gateway gateway(quiet());
    gateway.talk(port_smtp, ehlo +
                                "MAIL FROM:<j\xc3\xb8rn@elsewhere.test> SMTPUTF8\r\n"
                                "RCPT TO:<bob@example.test>\r\nDATA\r\nSubject: \xc3\xb8\r\n\r\n"
                                ".\r\nQUIT\r\n");
    const auto messages = gateway.inbox(bob);
    ASSERT_EQ(messages.size(), 1u);
    EXPECT_TRUE(messages[0].starts_with("Return-Path: <j\xc3\xb8rn@elsewhere.test>\r\n"));
    EXPECT_EQ(count_of(messages[0], " with UTF8SMTP id "), 1u) << messages[0];
}

std::string received_of(const std::string& rcpt) {
    Gateway gateway(open_login());
    gateway.talk(port_submission, utf8_dialogue("<alice@example.test> SMTPUTF8", rcpt));
    const auto queued = gateway.queued_texts();
    return queued.size() == 1 ? queued[0].substr(0, queued[0].find("\r\nDate")) : "(none)";
}

// RFC 6531 §3.7.3: a server without SMTPUTF8 may be the next; a domain has a form for it.
TEST(Smtputf8, WhatGoesOnHasATraceThatMayGoAnywhere) {
    EXPECT_EQ(count_of(received_of("<bob@one.test>"), "for <bob@one.test>;"), 1u);
    EXPECT_EQ(count_of(received_of("<bob@b\xc3\xbc"
                                   "cher.test>"),
                       "for <bob@xn--bcher-kva.test>;"),
              1u);
    const std::string without = received_of("<j\xc3\xb8rn@one.test>");
    EXPECT_EQ(count_of(without, "Received: "), 1u);
    EXPECT_EQ(count_of(without, "for <"), 0u) << without;
}

// RFC 6531 §3.7.4
TEST(Smtputf8, RepliesHaveNone) {
    Gateway gateway(quiet());
    const std::string output = gateway.talk(
        transcripts::port_lmtp,
        "LHLO relay.elsewhere.test\r\nMAIL FROM:<a@elsewhere.test> SMTPUTF8\r\n"
        "RCPT TO:<bob+j\xc3\xb8rn@example.test>\r\nRCPT TO:<bob@example.test>\r\nDATA\r\n"
        "Subject: x\r\n\r\n.\r\nQUIT\r\n");
    EXPECT_EQ(count_of(output, "250 2.1.5 <bob@example.test> "), 1u) << output;
    EXPECT_EQ(count_of(output, "250 2.1.5"), 4u) << output;
    EXPECT_FALSE(has_8bit(output)) << output;
}

TEST(Smtputf8, IsOfferedWith8BitMime) {
    const std::string output = greeted(port_smtp);
    EXPECT_EQ(count_of(output, "250-SMTPUTF8\r\n"), 1u);
    EXPECT_EQ(count_of(output, "250-8BITMIME\r\n"), 1u) << "RFC 6531 §3.1 (8)";
}

}  // namespace
}  // namespace postern::smtp
