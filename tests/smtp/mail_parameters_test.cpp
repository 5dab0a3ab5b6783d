// The parameters of MAIL: malformed ones, ones in the wrong place, what they ask for. RFC 3461
// §4.3 and §4.4, RFC 8689 §2, RFC 2852 §4, RFC 4865 §4, RFC 6710 §4.1, RFC 3030 §3, RFC 3339 §5.6.
#include "smtp/mail_parameters.hpp"

#include <gtest/gtest.h>

#include "smtp/limits.hpp"
#include "smtp/session_fixture.hpp"

namespace postern::smtp {
namespace {

constexpr std::int64_t now_s = 1'795'339'800;  // 2026-11-22T09:30:00Z

struct Asked {
    std::string refusal;  // "501 5.5.4", or empty
    queue::Envelope wanted;
};

Asked ask(std::string_view text, bool is_submission = true, bool is_secure = true) {
    Asked asked;
    MailContext context{1'000, now_s, is_secure, is_submission, is_submission};
    const std::string arguments = " " + std::string(text);
    const auto parameters = parse_parameters(arguments);
    if (!parameters) {
        asked.refusal = "(syntax)";
        return asked;
    }
    if (const auto reply = take_mail_parameters(*parameters, context, asked.wanted)) {
        const std::string line = format_reply(*reply);
        asked.refusal = line.substr(0, line.find(' ', 4));
    }
    return asked;
}

TEST(MailParameters, MalformedOnesAreRefused) {
    for (const char* text : {"RET",
                             "RET=",
                             "RET=ALL",
                             "ENVID",
                             "ENVID=a+",
                             "ENVID=a+0D+0A",
                             "ENVID=+zz",
                             "REQUIRETLS=yes",
                             "BY",
                             "BY=5",
                             "BY=5;",
                             "BY=5;X",
                             "BY=5;NX",
                             "BY=5;NTT",
                             "BY=0;R",
                             "BY=-1;R",
                             "BY=1234567890;N",
                             "BY=;N",
                             "BY=--5;N",
                             "BY=5;N;T",
                             "HOLDFOR",
                             "HOLDFOR=0",
                             "HOLDFOR=05",
                             "HOLDFOR=-5",
                             "HOLDFOR=1234567890",
                             "HOLDUNTIL=tomorrow",
                             "HOLDUNTIL=2026-11-22T10:30:00",
                             "HOLDUNTIL=2026-13-22T10:30:00Z",
                             "HOLDUNTIL=2026-02-30T10:30:00Z",
                             "HOLDUNTIL=2026-11-22T24:30:00Z",
                             "HOLDUNTIL=2026-11-22T10:30:00.Z",
                             "HOLDFOR=5 HOLDUNTIL=2026-11-22T10:30:00Z",
                             "HOLDFOR=100 BY=50;R",
                             "BY=50;N HOLDFOR=100",
                             "BODY=BINARY"}) {
        const std::string refusal = ask(text).refusal;
        EXPECT_TRUE(refusal == "501 5.5.4" || refusal == "(syntax)") << text << " " << refusal;
    }
    for (const char* text : {"MT-PRIORITY", "MT-PRIORITY=10", "MT-PRIORITY=-0", "MT-PRIORITY=+1",
                             "MT-PRIORITY=-10", "MT-PRIORITY=x"}) {
        EXPECT_EQ(ask(text).refusal, "501 5.5.2") << text;
    }
}

TEST(MailParameters, SomeHaveTheirPlace) {
    EXPECT_EQ(ask("REQUIRETLS", true, false).refusal, "555 5.7.10");
    EXPECT_EQ(ask("REQUIRETLS", false, true).refusal, "");
    EXPECT_EQ(ask("HOLDFOR=100", false).refusal, "555 5.5.4");
    EXPECT_EQ(ask("HOLDUNTIL=2026-11-22T10:30:00Z", false).refusal, "555 5.5.4");
    EXPECT_EQ(ask("MT-PRIORITY=3", false).wanted.priority, 0) << "lowered";
    EXPECT_EQ(ask("MT-PRIORITY=-3", false).wanted.priority, -3);
    EXPECT_EQ(ask("MT-PRIORITY=9").wanted.priority, 9);
}

TEST(MailParameters, LimitsOfTimeAndLength) {
    EXPECT_EQ(ask("HOLDFOR=" + std::to_string(hold_s_max)).refusal, "");
    EXPECT_EQ(ask("HOLDFOR=" + std::to_string(hold_s_max + 1)).refusal, "501 5.5.4");
    EXPECT_EQ(ask("HOLDUNTIL=" + format_utc_time(now_s + hold_s_max)).refusal, "");
    EXPECT_EQ(ask("HOLDUNTIL=" + format_utc_time(now_s + hold_s_max + 1)).refusal, "501 5.5.4");
    EXPECT_EQ(ask("ENVID=" + std::string(100, 'x')).refusal, "");
    EXPECT_EQ(ask("ENVID=" + std::string(101, 'x')).refusal, "501 5.5.4");
    EXPECT_EQ(ask("BY=999999999;N").refusal, "");
}

TEST(MailParameters, WhatTheyAskFor) {
    const auto wanted =
        ask("ret=hdrs ENVID=QQ+2B3 REQUIRETLS BY=+120;rt HOLDFOR=60 BODY=BINARYMIME").wanted;
    EXPECT_EQ(wanted.ret, queue::ReturnKind::headers);
    EXPECT_EQ(wanted.envelope_id, "QQ+2B3");
    EXPECT_TRUE(wanted.requires_tls);
    EXPECT_EQ(wanted.deliver_by_mode, queue::DeliverByMode::give_up);
    EXPECT_TRUE(wanted.deliver_by_trace);
    EXPECT_EQ(wanted.deliver_by_s, now_s + 120);
    EXPECT_EQ(wanted.hold_until_s, now_s + 60);
    EXPECT_EQ(wanted.body, queue::BodyKind::binary);
    EXPECT_EQ(ask("BY=-120;N").wanted.deliver_by_s, now_s - 120);
    EXPECT_EQ(ask("HOLDUNTIL=2026-11-22T09:31:00.5Z").wanted.hold_until_s, now_s + 60);
    EXPECT_EQ(ask("HOLDUNTIL=2020-11-22T09:31:00Z").wanted.hold_until_s, 0) << "the past is now";
}

TEST(MailParameters, TimesThereAndBack) {
    EXPECT_EQ(parse_utc_time("1970-01-01T00:00:00Z"), 0);
    EXPECT_EQ(parse_utc_time("2026-11-22t09:30:00z"), now_s);
    EXPECT_EQ(format_utc_time(now_s), "2026-11-22T09:30:00Z");
    EXPECT_EQ(parse_utc_time("2024-02-29T23:59:59Z"), 1'709'251'199);
}

std::string session(Gateway& gateway, std::uint16_t port, std::string_view mail,
                    std::string_view rcpt = "RCPT TO:<a@one.test>") {
    const std::string login =
        port == port_submission ? "AUTH PLAIN AGFsaWNlAHNlY3JldA==\r\n" : std::string();
    return gateway.talk(port, ehlo + login + "MAIL FROM:<alice@example.test>" + std::string(mail) +
                                  "\r\n" + std::string(rcpt) +
                                  "\r\nDATA\r\nSubject: x\r\n\r\n.\r\nQUIT\r\n");
}

GatewayOptions open_login() {
    GatewayOptions options = quiet();
    options.plaintext_login = true;
    return options;
}

TEST(MailParameters, ReachTheQueue) {
    Gateway gateway(open_login());
    const std::string output =
        session(gateway, port_submission, " HOLDFOR=3600 ENVID=x RET=FULL MT-PRIORITY=4 BY=9000;R",
                "RCPT TO:<a@one.test> NOTIFY=SUCCESS,DELAY ORCPT=rfc822;b+2Bc@one.test");
    EXPECT_EQ(count_of(output, "250 2.0.0 Queued"), 1u) << output;
    const auto queued = gateway.queued();
    ASSERT_EQ(queued.size(), 1u);
    const auto& envelope = queued[0].envelope;
    EXPECT_EQ(envelope.envelope_id, "x");
    EXPECT_EQ(envelope.ret, queue::ReturnKind::full);
    EXPECT_EQ(envelope.priority, 4);
    EXPECT_EQ(envelope.hold_until_s - envelope.arrived_s, 3'600);
    EXPECT_EQ(envelope.deliver_by_s - envelope.arrived_s, 9'000);
    ASSERT_EQ(envelope.recipients.size(), 1u);
    EXPECT_EQ(envelope.recipients[0].notify, queue::notify::success | queue::notify::delay);
    EXPECT_EQ(envelope.recipients[0].original_recipient, "rfc822;b+2Bc@one.test");
}

TEST(MailParameters, MailboxesHereHoldMailInTheQueue) {
    Gateway gateway(open_login());
    const std::string output =
        session(gateway, port_submission, " HOLDFOR=3600", "RCPT TO:<bob@example.test>");
    EXPECT_EQ(count_of(output, "250 2.0.0 Queued"), 1u) << output;
    EXPECT_TRUE(gateway.inbox(bob).empty());
    const auto queued = gateway.queued();
    ASSERT_EQ(queued.size(), 1u);
    EXPECT_EQ(queued[0].route, queue::route_here());
}

TEST(MailParameters, OfferedWhereTheyWork) {
    Gateway gateway(quiet());
    const std::string relay = gateway.talk(port_smtp, ehlo + "QUIT\r\n");
    const std::string secure = gateway.talk(
        port_submissions, std::string(transcripts::handshake_word) + ehlo + "QUIT\r\n");
    for (const char* keyword :
         {"CHUNKING", "BINARYMIME", "DSN", "DELIVERBY", "MT-PRIORITY", "LIMITS RCPTMAX=1000"}) {
        EXPECT_EQ(count_of(relay, "250-" + std::string(keyword)), 1u) << keyword;
    }
    EXPECT_EQ(count_of(relay, "REQUIRETLS"), 0u);
    EXPECT_EQ(count_of(relay, "FUTURERELEASE"), 0u);
    EXPECT_EQ(count_of(secure, "250-REQUIRETLS"), 1u);
    EXPECT_EQ(count_of(secure, "250-FUTURERELEASE 2592000 20"), 1u);
}

}  // namespace
}  // namespace postern::smtp
