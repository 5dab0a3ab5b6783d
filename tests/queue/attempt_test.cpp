// Attempts and what becomes of them, with a scripted other side and days of virtual time.
#include "queue/fixture.hpp"
#include "queue/limits.hpp"
#include "queue/test_faults.hpp"

namespace postern::queue {
namespace {

using AttemptTest = QueueTest;

AttemptReport each(std::vector<Outcome> outcomes) {
    AttemptReport report = everybody(0, Outcome::delivered);
    for (Outcome outcome : outcomes) {
        RecipientReport recipient;
        recipient.outcome = outcome;
        if (outcome == Outcome::failed) recipient.reply = "550 no";
        report.recipients.push_back(recipient);
    }
    return report;
}

AttemptReport unreachable(std::size_t count) {
    AttemptReport report = everybody(count, Outcome::deferred);
    report.remote_host.clear();
    for (auto& recipient : report.recipients) recipient.explanation = "no route to host";
    report.destination = DestinationVerdict::unreachable;
    return report;
}

// Too few recipients, nonsense in every text: nothing of it reaches a file or a report raw.
TEST_F(AttemptTest, ATransportThatReportsNonsense) {
    script.answer = [](const Asked&) {
        AttemptReport report;
        report.recipients.push_back(
            {Outcome::failed, "2.9\r\nx", std::string(5'000, '\n'), "\r\n"});
        return report;
    };
    ASSERT_TRUE(accept(to({"bob@remote.test", "carol@remote.test"})));
    run_for(seconds(10));
    EXPECT_EQ(counters().entries, 1u);
    const auto messages = inbox();
    ASSERT_EQ(messages.size(), 1u);
    EXPECT_NE(messages[0].find("Status: 5.0.0\r\n"), std::string::npos);
    restart();
    EXPECT_EQ(counters().entries + script.asked.size() > 0, true);
}

TEST_F(AttemptTest, DeferredIsTriedAgainLaterAndLater) {
    script.answer = [](const Asked& asked) {
        return everybody(asked.recipients.size(), Outcome::deferred, "4.2.0", "450 later");
    };
    ASSERT_TRUE(accept(to({"bob@remote.test"})));
    run_for(seconds(30));
    EXPECT_EQ(script.asked.size(), 1u);
    run_for(minutes(7));
    EXPECT_EQ(script.asked.size(), 2u);
    run_for(minutes(20 * 60));
    EXPECT_GE(script.asked.size(), 8u);
    EXPECT_LE(script.asked.size(), 14u);
    script.answer = Script{}.answer;
    EXPECT_TRUE(run_empty(minutes(240)));
    EXPECT_TRUE(files().empty());
}

// RFC 3461 §6.2, RFC 3464
TEST_F(AttemptTest, FailureReturnsToTheSender) {
    script.answer = [](const Asked& asked) {
        return everybody(asked.recipients.size(), Outcome::failed, "5.1.1", "550 5.1.1 nobody");
    };
    ASSERT_TRUE(accept(to({"bob@remote.test"})));
    ASSERT_TRUE(run_empty());
    const auto messages = inbox();
    ASSERT_EQ(messages.size(), 1u);
    EXPECT_NE(messages[0].find("Diagnostic-Code: smtp; 550 5.1.1 nobody"), std::string::npos);
    EXPECT_NE(messages[0].find("message/rfc822\r\n\r\nSubject: x\r\n\r\nhello\r\n"),
              std::string::npos);
    EXPECT_TRUE(files().empty());
    EXPECT_EQ(counters().reports_sent, 1u);
}

TEST_F(AttemptTest, ABounceIsNeverBounced) {
    script.answer = [](const Asked& asked) {
        return everybody(asked.recipients.size(), Outcome::failed, "5.1.1", "550 nobody");
    };
    ASSERT_TRUE(accept(to({"bob@remote.test"}, "")));
    ASSERT_TRUE(accept(to({"bob@remote.test"}, "carol@far.test")));
    ASSERT_TRUE(run_empty());
    // The two, and the report to carol, which fails too.
    ASSERT_EQ(script.asked.size(), 3u);
    EXPECT_EQ(script.asked[2].route_key, "mx:far.test");
    EXPECT_EQ(script.asked[2].sender, "");
    EXPECT_TRUE(inbox().empty());
    EXPECT_TRUE(files().empty());
}

TEST_F(AttemptTest, NotifyNeverMeansNever) {
    script.answer = [](const Asked& asked) {
        return everybody(asked.recipients.size(), Outcome::failed);
    };
    auto submission = to({"bob@remote.test"});
    submission.envelope.recipients[0].notify = notify::never;
    ASSERT_TRUE(accept(submission));
    ASSERT_TRUE(run_empty());
    EXPECT_TRUE(inbox().empty());
}

// RFC 3461 §4.3 (RET=HDRS), §6.2: DSN asked for and not supported by the next hop.
TEST_F(AttemptTest, RelayedIsReportedWhenAsked) {
    auto submission = to({"bob@remote.test", "carol@remote.test"});
    submission.envelope.ret = ReturnKind::headers;
    submission.envelope.recipients[0].notify = notify::success;
    ASSERT_TRUE(accept(submission));
    ASSERT_TRUE(run_empty());
    const auto messages = inbox();
    ASSERT_EQ(messages.size(), 1u);
    EXPECT_NE(messages[0].find("Action: relayed\r\nStatus: 2.0.0\r\n"), std::string::npos);
    EXPECT_EQ(messages[0].find("carol"), std::string::npos);
    EXPECT_EQ(messages[0].find("hello"), std::string::npos);

    script.answer = [](const Asked& asked) {
        auto report = everybody(asked.recipients.size(), Outcome::delivered);
        report.remote_supports_dsn = true;
        return report;
    };
    ASSERT_TRUE(accept(submission));
    ASSERT_TRUE(run_empty());
    EXPECT_EQ(inbox().size(), 1u);
}

// RFC 8689 §5: whatever RET says, and on the same terms.
TEST_F(AttemptTest, WhatRequiredTlsIsReportedWithItsHeaderAlone) {
    script.answer = [](const Asked& asked) {
        return everybody(asked.recipients.size(), Outcome::failed, "5.7.30", "550 5.7.30 no");
    };
    auto submission = to({"bob@remote.test"}, "carol@elsewhere.test");
    submission.envelope.ret = ReturnKind::full;
    submission.envelope.requires_tls = true;
    ASSERT_TRUE(accept(submission));
    run_for(seconds(10));
    ASSERT_EQ(script.asked.size(), 2u) << "the message and its report";
    EXPECT_EQ(script.asked[1].sender, "");
    EXPECT_NE(script.asked[1].content.find("text/rfc822-headers"), std::string::npos);
    EXPECT_EQ(script.asked[1].content.find("hello"), std::string::npos);
    EXPECT_TRUE(script.asked[1].requires_tls);
}

Submission by_time(DeliverByMode mode, Seconds at_s, Submission submission) {
    submission.envelope.deliver_by_mode = mode;
    submission.envelope.deliver_by_s = at_s;
    return submission;
}

// RFC 2852 §4.1.4.2, §4.1.4: whose next hop does not know the time, and who asked for a trace.
TEST_F(AttemptTest, RelayedBeyondWhoKnowsTheTimeIsReported) {
    const Seconds soon = world.wall_now().unix_seconds() + 3'600;
    auto submission = by_time(DeliverByMode::notify_sender, soon,
                              to({"bob@remote.test", "carol@remote.test", "dave@remote.test"}));
    submission.envelope.recipients[0].notify = notify::failure;
    submission.envelope.recipients[1].notify = notify::never;
    ASSERT_TRUE(accept(submission));
    ASSERT_TRUE(run_empty());
    auto messages = inbox();
    ASSERT_EQ(messages.size(), 1u);
    EXPECT_NE(messages[0].find("bob@remote.test\r\nAction: relayed\r\n"), std::string::npos);
    EXPECT_NE(messages[0].find("dave@remote.test\r\nAction: relayed\r\n"), std::string::npos);
    EXPECT_EQ(messages[0].find("carol"), std::string::npos);
    EXPECT_NE(messages[0].find("Deliver-By-Date: "), std::string::npos);

    script.answer = [](const Asked& asked) {
        auto report = everybody(asked.recipients.size(), Outcome::delivered);
        report.remote_supports_dsn = report.remote_supports_deliver_by = true;
        return report;
    };
    ASSERT_TRUE(accept(submission));
    ASSERT_TRUE(run_empty());
    EXPECT_EQ(inbox().size(), 1u);
    submission.envelope.deliver_by_trace = true;
    ASSERT_TRUE(accept(submission));
    ASSERT_TRUE(run_empty());
    EXPECT_EQ(inbox().size(), 2u);
}

// RFC 2852 §4.1.3
TEST_F(AttemptTest, WhoAskedForATimeIsToldWhenItIsOver) {
    script.answer = [](const Asked& asked) {
        return everybody(asked.recipients.size(), Outcome::deferred, "4.2.0", "450 later");
    };
    const Seconds start = world.wall_now().unix_seconds();
    ASSERT_TRUE(accept(by_time(DeliverByMode::notify_sender, start + 600, to({"a@remote.test"}))));
    ASSERT_TRUE(accept(by_time(DeliverByMode::notify_sender, start - 600, to({"b@remote.test"}))));
    run_for(minutes(9));
    EXPECT_TRUE(inbox().empty());
    run_for(minutes(3));
    const auto messages = inbox();
    ASSERT_EQ(messages.size(), 1u) << "too late already: told by who had it before";
    EXPECT_NE(messages[0].find("a@remote.test\r\nAction: delayed\r\nStatus: 4.4.7\r\n"),
              std::string::npos)
        << messages[0];
    run_for(minutes(5 * 60));
    EXPECT_EQ(inbox().size(), 2u) << "of the other after the usual time; of the first once";
}

TEST_F(AttemptTest, WhatMustNotBeLateIsNotTriedAfterItsTime) {
    script.answer = [](const Asked& asked) {
        return everybody(asked.recipients.size(), Outcome::deferred, "4.2.0", "450 later");
    };
    policy.normal.first_retry_s = 100;
    restart();
    const Seconds start = world.wall_now().unix_seconds();
    ASSERT_TRUE(accept(by_time(DeliverByMode::give_up, start + 60, to({"a@remote.test"}))));
    ASSERT_TRUE(run_empty(minutes(10)));
    EXPECT_EQ(script.asked.size(), 1u);
    ASSERT_EQ(inbox().size(), 1u);
    EXPECT_NE(inbox()[0].find("Action: failed\r\nStatus: 5.4.7\r\n"), std::string::npos);
}

TEST_F(AttemptTest, DeliveredIsNeverDeliveredAgain) {
    script.answer = [](const Asked& asked) {
        if (asked.recipients.size() == 3) {
            return each({Outcome::delivered, Outcome::deferred, Outcome::failed});
        }
        return everybody(asked.recipients.size(), Outcome::delivered);
    };
    ASSERT_TRUE(accept(to({"a@remote.test", "b@remote.test", "c@remote.test"})));
    run_for(seconds(20));
    EXPECT_EQ(inbox().size(), 1u);
    crash(true);
    start();
    ASSERT_TRUE(run_empty(minutes(60)));
    ASSERT_EQ(script.asked.size(), 2u);
    EXPECT_EQ(script.asked[1].recipients, std::vector<std::string>{"b@remote.test"});
    EXPECT_EQ(inbox().size(), 1u);
}

// The seeded bug of the simulator shows here, too.
TEST_F(AttemptTest, AForgottenOutcomeIsADuplicate) {
    test_faults.forget_outcome = true;
    script.answer = [](const Asked&) { return each({Outcome::delivered, Outcome::deferred}); };
    ASSERT_TRUE(accept(to({"a@remote.test", "b@remote.test"})));
    run_for(seconds(20));
    script.answer = Script{}.answer;
    restart();
    ASSERT_TRUE(run_empty(minutes(60)));
    test_faults.forget_outcome = false;
    ASSERT_EQ(script.asked.size(), 2u);
    EXPECT_EQ(script.asked[1].recipients.size(), 2u);
}

TEST_F(AttemptTest, DelayIsToldOnceAndExpiryEndsIt) {
    script.answer = [](const Asked& asked) { return unreachable(asked.recipients.size()); };
    ASSERT_TRUE(accept(to({"bob@remote.test"})));
    run_for(minutes(3 * 60));
    EXPECT_TRUE(inbox().empty());
    run_for(minutes(2 * 60));
    ASSERT_EQ(inbox().size(), 1u);
    EXPECT_NE(inbox()[0].find("Action: delayed"), std::string::npos);
    EXPECT_NE(inbox()[0].find("no route to host"), std::string::npos);
    restart();
    run_for(minutes(4 * 24 * 60));
    EXPECT_EQ(inbox().size(), 1u);
    EXPECT_TRUE(run_empty(minutes(24 * 60)));
    const auto messages = inbox();
    ASSERT_EQ(messages.size(), 2u);
    EXPECT_NE(messages[1].find("Action: failed\r\nStatus: 5.4.7"), std::string::npos);
    EXPECT_NE(messages[1].find("no route to host"), std::string::npos);
    EXPECT_TRUE(files().empty());
}

TEST_F(AttemptTest, ADeadDomainIsProbedForAll) {
    script.answer = [](const Asked& asked) { return unreachable(asked.recipients.size()); };
    for (int i = 0; i < 100; ++i) {
        ASSERT_TRUE(accept(to({"user" + std::to_string(i) + "@dead.test"})));
    }
    run_for(minutes(60));
    EXPECT_GE(script.asked.size(), 3u);
    EXPECT_LE(script.asked.size(), 15u);
    script.answer = Script{}.answer;
    EXPECT_TRUE(run_empty(minutes(120)));
}

TEST_F(AttemptTest, ManyAtOnceButNotTooMany) {
    script.takes = seconds(1);
    for (int i = 0; i < 200; ++i) ASSERT_TRUE(accept(to({"bob@remote.test"})));
    ASSERT_TRUE(run_empty());
    EXPECT_GT(script.active_most, policy.concurrency_first);
    EXPECT_LE(script.active_most, policy.concurrency_max);
}

TEST_F(AttemptTest, UntriedDoesNotCount) {
    script.answer = [](const Asked& asked) {
        return everybody(asked.recipients.size(), Outcome::untried);
    };
    ASSERT_TRUE(accept(to({"bob@remote.test"})));
    run_for(seconds(90));
    EXPECT_EQ(script.asked.size(), 2u);
    EXPECT_EQ(counters().deferred, 0u);
}

TEST_F(AttemptTest, AnOrderlyEndWaitsForAttempts) {
    script.takes = seconds(2);
    ASSERT_TRUE(accept(to({"bob@remote.test"})));
    run_for(seconds(1));
    restart();
    EXPECT_EQ(script.asked.size(), 1u);
    EXPECT_EQ(script.closed, 2u);
    run_for(seconds(10));
    EXPECT_EQ(counters().entries, 0u);
    EXPECT_EQ(script.asked.size(), 1u);
}

TEST_F(AttemptTest, AnOrderlyEndDoesNotWaitForEver) {
    script.takes = minutes(60);
    ASSERT_TRUE(accept(to({"bob@remote.test"})));
    run_for(seconds(1));
    stop();
    script.takes = seconds(1);
    start();
    EXPECT_TRUE(run_empty());
    EXPECT_EQ(script.asked.size(), 1u);
}

}  // namespace
}  // namespace postern::queue
