// FUTURERELEASE: malformed times, who may ask, how far ahead, and that mail waits in the queue,
// that for mailboxes here too. RFC 4865 §3, §4.
#include <gtest/gtest.h>

#include "smtp/limits.hpp"
#include "smtp/mail_parameters_fixture.hpp"

namespace postern::smtp {
namespace {

TEST(FutureRelease, MalformedOnesAreRefused) {
    for (const char* text :
         {"HOLDFOR", "HOLDFOR=0", "HOLDFOR=05", "HOLDFOR=-5", "HOLDFOR=1234567890",
          "HOLDUNTIL=tomorrow", "HOLDUNTIL=2026-11-22T10:30:00", "HOLDUNTIL=2026-13-22T10:30:00Z",
          "HOLDUNTIL=2026-02-30T10:30:00Z", "HOLDUNTIL=2026-11-22T24:30:00Z",
          "HOLDUNTIL=2026-11-22T10:30:00.Z", "HOLDFOR=5 HOLDUNTIL=2026-11-22T10:30:00Z"}) {
        EXPECT_TRUE(is_refused(text)) << text;
    }
}

TEST(FutureRelease, IsForThoseWhoSubmit) {
    EXPECT_EQ(ask("HOLDFOR=100", false).refusal, "555 5.5.4");
    EXPECT_EQ(ask("HOLDUNTIL=2026-11-22T10:30:00Z", false).refusal, "555 5.5.4");
    EXPECT_EQ(count_of(greeted(port_smtp), "FUTURERELEASE"), 0u);
    EXPECT_EQ(count_of(greeted(port_submissions), "250-FUTURERELEASE 2592000 20"), 1u);
}

TEST(FutureRelease, HowFarAhead) {
    EXPECT_EQ(ask("HOLDFOR=" + std::to_string(hold_s_max)).refusal, "");
    EXPECT_EQ(ask("HOLDFOR=" + std::to_string(hold_s_max + 1)).refusal, "501 5.5.4");
    EXPECT_EQ(ask("HOLDUNTIL=" + format_utc_time(asked_at_s + hold_s_max)).refusal, "");
    EXPECT_EQ(ask("HOLDUNTIL=" + format_utc_time(asked_at_s + hold_s_max + 1)).refusal,
              "501 5.5.4");
    EXPECT_EQ(ask("HOLDUNTIL=2026-11-22T09:31:00.5Z").wanted.hold_until_s, asked_at_s + 60);
    EXPECT_EQ(ask("HOLDUNTIL=2020-11-22T09:31:00Z").wanted.hold_until_s, 0) << "the past is now";
}

// RFC 4865 §5.1.2: what a report about the message will say was asked for.
TEST(FutureRelease, WhatWasAskedForIsKept) {
    EXPECT_EQ(ask("HOLDFOR=100").wanted.hold_request, "for;100");
    EXPECT_EQ(ask("HOLDUNTIL=2026-11-22t09:31:00.5z").wanted.hold_request,
              "until;2026-11-22T09:31:00.5Z");
    EXPECT_EQ(ask("HOLDUNTIL=2020-11-22T09:31:00Z").wanted.hold_request,
              "until;2020-11-22T09:31:00Z");
    EXPECT_EQ(ask("BY=100;N").wanted.hold_request, "");
    EXPECT_TRUE(is_refused("HOLDUNTIL=2026-11-22T09:31:00." + std::string(44, '5') + "Z"));
    EXPECT_FALSE(is_refused("HOLDUNTIL=2026-11-22T09:31:00." + std::string(43, '5') + "Z"));
    Gateway gateway(open_login());
    send_with(gateway, port_submission, " HOLDFOR=3600");
    const auto queued = gateway.queued();
    ASSERT_EQ(queued.size(), 1u);
    EXPECT_EQ(queued[0].envelope.hold_request, "for;3600");
}

// RFC 4865 §6 (3) to (5)
TEST(FutureRelease, AnAccountHasSoMuchForLater) {
    GatewayOptions options = open_login();
    options.smtp.later_bytes_max = 5'000;
    Gateway gateway(options);
    const auto send = [&](const std::string& parameters) {
        return send_with(gateway, port_submission, parameters);
    };
    EXPECT_EQ(count_of(send(" HOLDFOR=3600 SIZE=5001"), "552 5.7.16"), 1u);
    EXPECT_EQ(count_of(send(" SIZE=5001"), "Queued as"), 1u);
    EXPECT_EQ(count_of(send(" HOLDFOR=3600 SIZE=5000"), "Queued as"), 1u);
    EXPECT_EQ(count_of(send(" HOLDFOR=7200 SIZE=5000"), "552 5.7.16"), 1u);
    EXPECT_EQ(count_of(send(" HOLDFOR=7200 SIZE=4000"), "Queued as"), 1u);
    gateway.world().run_for(minutes(60));
    const auto bytes = gateway.queued().at(0).envelope.facts.size_bytes;
    const std::string rest = std::to_string(5'000 - bytes - 10);
    EXPECT_EQ(count_of(send(" HOLDFOR=7200 SIZE=" + rest), "Queued as"), 1u) << "one is due";
    EXPECT_EQ(count_of(send(" HOLDFOR=7200 SIZE=" + rest), "552 5.7.16"), 1u);
}

TEST(FutureRelease, MailboxesHereHaveTheirMailWaitInTheQueue) {
    Gateway gateway(open_login());
    const std::string output =
        send_with(gateway, port_submission, " HOLDFOR=3600", "RCPT TO:<bob@example.test>");
    EXPECT_EQ(count_of(output, "250 2.0.0 Queued"), 1u) << output;
    EXPECT_TRUE(gateway.inbox(bob).empty());
    const auto queued = gateway.queued();
    ASSERT_EQ(queued.size(), 1u);
    EXPECT_EQ(queued[0].route, queue::route_here());
    EXPECT_EQ(queued[0].envelope.hold_until_s - queued[0].envelope.arrived_s, 3'600);
}

}  // namespace
}  // namespace postern::smtp
