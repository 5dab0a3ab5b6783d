// The parameters of MAIL together: what the parser makes of several, and times as text. Each
// extension has a test of its own. RFC 5321 §4.1.1.11, RFC 3339 §5.6.
#include "smtp/mail_parameters.hpp"

#include <gtest/gtest.h>

#include "smtp/mail_parameters_fixture.hpp"

namespace postern::smtp {
namespace {

TEST(MailParameters, WhatTheyAskFor) {
    const auto wanted =
        ask("ret=hdrs ENVID=QQ+2B3 REQUIRETLS BY=+120;rt HOLDFOR=60 BODY=BINARYMIME").wanted;
    EXPECT_EQ(wanted.ret, queue::ReturnKind::headers);
    EXPECT_EQ(wanted.envelope_id, "QQ+2B3");
    EXPECT_TRUE(wanted.requires_tls);
    EXPECT_EQ(wanted.deliver_by_mode, queue::DeliverByMode::give_up);
    EXPECT_TRUE(wanted.deliver_by_trace);
    EXPECT_EQ(wanted.deliver_by_s, asked_at_s + 120);
    EXPECT_EQ(wanted.hold_until_s, asked_at_s + 60);
    EXPECT_EQ(wanted.body, queue::BodyKind::binary);
}

TEST(MailParameters, TimesThereAndBack) {
    EXPECT_EQ(parse_utc_time("1970-01-01T00:00:00Z"), 0);
    EXPECT_EQ(parse_utc_time("2026-11-22t09:30:00z"), asked_at_s);
    EXPECT_EQ(format_utc_time(asked_at_s), "2026-11-22T09:30:00Z");
    EXPECT_EQ(parse_utc_time("2024-02-29T23:59:59Z"), 1'709'251'199);
}

TEST(MailParameters, ReachTheQueue) {
    Gateway gateway(open_login());
    const std::string output = send_with(
        gateway, port_submission, " HOLDFOR=3600 ENVID=x RET=FULL MT-PRIORITY=4 BY=9000;R",
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

}  // namespace
}  // namespace postern::smtp
