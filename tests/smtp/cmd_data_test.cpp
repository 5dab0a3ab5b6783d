// DATA: sizes, headers, ends without manners, failing disks. What is acknowledged is there, what is
// not is nowhere. RFC 5321 §4.1.1.4, §4.2.5, §4.5.3, §6.3.
#include <gtest/gtest.h>

#include "smtp/session_fixture.hpp"
#include "transcripts/transcript.hpp"

namespace postern::smtp {
namespace {

TEST(Data, ADisconnectInsideDataLeavesNothing) {
    Gateway gateway(quiet());
    for (const char* cut : {"", "S", "Subject: x\r\n\r\nhalf", "Subject: x\r\n\r\n.", "x\r\n.\r"}) {
        const auto steps = transcripts::parse_transcript(
            "@ smtp\nS: 220 *\nC: HELO x\nC: MAIL FROM:<>\nC: RCPT TO:<bob@example.test>\n"
            "C: DATA\nS* 354 *\n");
        auto with_cut = steps;
        with_cut.push_back({transcripts::StepKind::send, cut, 0});
        with_cut.push_back({transcripts::StepKind::connect, "smtp", 0});
        with_cut.push_back({transcripts::StepKind::expect, "220 *", 0});
        EXPECT_EQ(transcripts::replay(gateway, with_cut, transcripts::Cuts::none), "");
    }
    EXPECT_TRUE(gateway.inbox(bob).empty());
    EXPECT_EQ(gateway.files_under("/data/spool/"), 0u);
}

TEST(Data, DoesNotReadForEverWhatItRefuses) {
    GatewayOptions options = quiet();
    options.smtp.message_bytes_max = 10'000;
    options.smtp.drain_bytes_max = 50'000;
    Gateway gateway(options);
    const std::string output =
        gateway.talk(port_smtp, ehlo + mail_to_bob(std::string(100'000, 'x')));
    EXPECT_EQ(code_before_the_end(output, 0), "421 4.7.0");
    EXPECT_TRUE(gateway.inbox(bob).empty());
}

TEST(Data, HeaderSectionsAndHopsHaveLimits) {
    GatewayOptions options = quiet();
    options.smtp.header_bytes_max = 5'000;
    options.smtp.received_fields_max = 10;
    Gateway gateway(options);
    const auto answer = [&](std::string data) {
        return code_before_the_end(
            gateway.talk(port_smtp, ehlo + mail_to_bob(data + ".\r\n") + "QUIT\r\n"), 1);
    };
    EXPECT_EQ(answer("Subject: " + std::string(6'000, 'x') + "\r\n\r\n"), "552 5.3.4");
    EXPECT_EQ(answer(repeat("Received: x\r\n", 10) + "\r\n"), "250 2.0.0");
    EXPECT_EQ(answer(repeat("Received: x\r\n", 11) + "\r\n"), "554 5.4.6");
    EXPECT_EQ(answer("\r\n" + repeat("Received: x\r\n", 11)), "250 2.0.0");
}

TEST(Data, SizesAroundTheLimit) {
    GatewayOptions options = quiet();
    options.smtp.message_bytes_max = 10'000;
    Gateway gateway(options);
    const auto answer = [&](std::size_t bytes) {
        const std::string head = "Subject: t\r\n\r\n";
        const std::string data = head + std::string(bytes - head.size() - 2, 'x') + "\r\n.\r\n";
        return code_before_the_end(gateway.talk(port_smtp, ehlo + mail_to_bob(data) + "QUIT\r\n"),
                                   1);
    };
    EXPECT_EQ(answer(9'999), "250 2.0.0");
    EXPECT_EQ(answer(10'000), "250 2.0.0");
    EXPECT_EQ(answer(10'001), "552 5.3.4");
    EXPECT_EQ(answer(500'000), "552 5.3.4");
    EXPECT_EQ(gateway.inbox(bob).size(), 2u);
    EXPECT_EQ(gateway.files_under("/data/spool/"), 0u);
}

TEST(Data, AFullDiskIsSaidAndForgotten) {
    Gateway gateway(quiet());
    gateway.world().plan().faults.no_space = 1;
    const std::string output =
        gateway.talk(port_smtp, ehlo + mail_to_bob("Subject: x\r\n\r\n.\r\n") + "QUIT\r\n");
    EXPECT_EQ(code_before_the_end(output, 1), "452 4.3.1");
    EXPECT_EQ(gateway.files_under("/data/spool/"), 0u);
    gateway.world().plan().heal();
    EXPECT_TRUE(gateway.inbox(bob).empty());
    const std::string again =
        gateway.talk(port_smtp, ehlo + mail_to_bob("Subject: x\r\n\r\n.\r\n") + "QUIT\r\n");
    EXPECT_EQ(code_before_the_end(again, 1), "250 2.0.0");
}

// Whatever fails and whenever: an acknowledged message is there once, another nowhere or once.
TEST(Data, NothingIsLostOrHalfDeliveredWhenTheDiskFails) {
    std::size_t accepted = 0;
    std::size_t refused = 0;
    for (std::uint64_t seed = 1; seed <= 40; ++seed) {
        GatewayOptions options = quiet();
        options.seed = seed;
        Gateway gateway(options);
        gateway.inbox(alice);  // makes the mailboxes
        gateway.inbox(bob);
        auto& faults = gateway.world().plan().faults;
        faults.write_eio = faults.sync_eio = faults.entry_eio = faults.no_space = 0.05;
        const std::string output = gateway.talk(
            port_smtp,
            ehlo + mail_to("team@example.test", "Subject: x\r\n\r\ny\r\n.\r\n") + "QUIT\r\n");
        gateway.world().plan().heal();
        const bool was_accepted = count_of(output, "250 2.0.0 Queued") == 1;
        (was_accepted ? accepted : refused) += 1;
        gateway.restart();
        const std::size_t expected = was_accepted ? 1 : 0;
        EXPECT_EQ(gateway.inbox(alice).size(), expected) << "seed " << seed << "\n" << output;
        EXPECT_EQ(gateway.inbox(bob).size(), expected) << "seed " << seed << "\n" << output;
    }
    EXPECT_GT(accepted, 5u);
    EXPECT_GT(refused, 5u);
}

TEST(Data, OneMessageForAllRecipientsByteForByte) {
    Gateway gateway(quiet());
    const std::string body = "Subject: t\r\n\r\n..\r\n.\xff dot\r\n" + repeat("line\r\n", 2'000);
    std::string wire = body;
    for (std::size_t i = 0; (i = wire.find("\r\n.", i)) != std::string::npos; i += 4) {
        wire.insert(i + 2, ".");
    }
    gateway.talk(port_smtp, ehlo + mail_to("team@example.test", wire + ".\r\n") + "QUIT\r\n");
    for (const char* account : {alice, bob}) {
        const auto messages = gateway.inbox(account);
        ASSERT_EQ(messages.size(), 1u);
        EXPECT_TRUE(messages[0].starts_with("Return-Path: <a@elsewhere.test>\r\nReceived: from "));
        EXPECT_TRUE(messages[0].ends_with("+0000\r\n" + body)) << "nothing added in between";
    }
    EXPECT_EQ(gateway.files_under("/data/spool/"), 0u);
}

// RFC 6409 §8: only what is missing, and only for those who submit.
TEST(Data, SubmissionsGetTheFieldsTheyLack) {
    GatewayOptions options = quiet();
    options.plaintext_login = true;
    Gateway gateway(options);
    const std::string login = "AUTH PLAIN AGFsaWNlAHNlY3JldA==\r\n";
    const auto stored = [&](std::uint16_t port, const std::string& data) {
        const std::string from = port == port_smtp ? "" : "alice@example.test";
        gateway.talk(port, ehlo + (port == port_smtp ? "" : login) + "MAIL FROM:<" + from +
                               ">\r\nRCPT TO:<bob@example.test>\r\nDATA\r\n" + data +
                               ".\r\nQUIT\r\n");
        const std::string message = gateway.inbox(bob).back();
        return message.substr(message.find("+0000\r\n") + 7);
    };
    const std::string bare = "Subject: x\r\n\r\nDate: body\r\n";
    EXPECT_EQ(stored(port_smtp, bare), bare);
    EXPECT_EQ(count_of(stored(port_submission, bare), "\r\nDate: "), 2u);
    EXPECT_EQ(count_of(stored(port_submission, bare), "\r\nMessage-ID: <"), 1u);
    const std::string whole = "date: now\r\nMESSAGE-ID:<x@y>\r\nFROM:a@b.test\r\n\r\n\r\n";
    EXPECT_EQ(stored(port_submission, whole), whole);
    EXPECT_TRUE(stored(port_submission, "").starts_with("Date: "));
    EXPECT_TRUE(stored(port_submission, "").ends_with("\r\nFrom: alice@example.test\r\n"));
    // Larger than what is gathered before it is written.
    const std::string large = "Subject: " + std::string(100'000, 's') +
                              "\r\nDate: x\r\nFrom: a@b.test\r\n\r\n" +
                              repeat("0123456789\r\n", 20'000);
    const std::string message = stored(port_submission, large);
    EXPECT_EQ(count_of(message, "Message-ID: <"), 1u);
    EXPECT_TRUE(message.ends_with("@mail.example.test>" + large.substr(large.find("\r\n\r\n"))));
}

// As alice, who may send anywhere.
std::string submit(Gateway& gateway, std::string_view recipients, std::string_view data) {
    return gateway.talk(port_submission, ehlo + "AUTH PLAIN AGFsaWNlAHNlY3JldA==\r\n" +
                                             "MAIL FROM:<alice@example.test> SMTPUTF8\r\n" +
                                             std::string(recipients) + "DATA\r\n" +
                                             std::string(data) + "QUIT\r\n");
}

GatewayOptions with_login() {
    GatewayOptions options = quiet();
    options.plaintext_login = true;
    return options;
}

TEST(Data, WhatGoesElsewhereIsQueued) {
    Gateway gateway(with_login());
    const std::string output = submit(gateway,
                                      "RCPT TO:<a@one.test>\r\nRCPT TO:<b@two.test>\r\n"
                                      "RCPT TO:<c@two.test>\r\nRCPT TO:<away@example.test>\r\n",
                                      "Subject: x\r\n\r\nhello\r\n.\r\n");
    EXPECT_EQ(code_before_the_end(output, 1), "250 2.0.0") << output;
    // Two files for each of one.test, two.test and elsewhere.test.
    EXPECT_EQ(gateway.files_under("/data/queue/"), 6u);
    EXPECT_EQ(gateway.files_under("/data/spool/"), 0u);
    EXPECT_TRUE(gateway.inbox(bob).empty());
    const auto envelopes = gateway.queued();
    ASSERT_EQ(envelopes.size(), 3u);
    for (const auto& entry : envelopes) {
        EXPECT_EQ(entry.envelope.sender, "alice@example.test");
        EXPECT_EQ(entry.envelope.account, "alice@example.test");
        EXPECT_EQ(entry.envelope.facts.content_offset, 0u);
        EXPECT_FALSE(entry.envelope.facts.has_8bit);
        EXPECT_EQ(entry.envelope.recipients.size(), entry.route.host == "two.test" ? 2u : 1u);
    }
}

// RFC 5321 §4.4: Return-Path is for those who have their mailbox here.
TEST(Data, MixedRecipientsAndWhatTheNextHopMustKnow) {
    Gateway gateway(with_login());
    const std::string output =
        submit(gateway, "RCPT TO:<a@one.test>\r\nRCPT TO:<bob@example.test>\r\n",
               "Subject: \xc3\xa4\r\n\r\nhello\r\n.\r\n");
    EXPECT_EQ(code_before_the_end(output, 1), "250 2.0.0") << output;
    const auto messages = gateway.inbox(bob);
    const auto envelopes = gateway.queued();
    ASSERT_EQ(messages.size(), 1u);
    ASSERT_EQ(envelopes.size(), 1u);
    const auto& facts = envelopes[0].envelope.facts;
    EXPECT_TRUE(facts.has_8bit);
    EXPECT_TRUE(facts.has_utf8_header);
    EXPECT_TRUE(envelopes[0].envelope.is_smtputf8);
    EXPECT_TRUE(messages[0].starts_with("Return-Path: <alice@example.test>\r\nReceived: "));
    EXPECT_TRUE(messages[0].substr(facts.content_offset).starts_with("Received: "));
    EXPECT_EQ(facts.size_bytes + facts.content_offset, messages[0].size());
}

TEST(Data, EightBitInTheBodyIsNoUtf8Header) {
    Gateway gateway(with_login());
    submit(gateway, "RCPT TO:<a@one.test>\r\n", "Subject: x\r\n\r\n\xc3\xa4\r\n.\r\n");
    const auto envelopes = gateway.queued();
    ASSERT_EQ(envelopes.size(), 1u);
    EXPECT_TRUE(envelopes[0].envelope.facts.has_8bit);
    EXPECT_FALSE(envelopes[0].envelope.facts.has_utf8_header);
    EXPECT_EQ(envelopes[0].envelope.body, queue::BodyKind::eight_bit);
}

}  // namespace
}  // namespace postern::smtp
