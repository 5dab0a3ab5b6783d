// Taking over messages: all recipients or none, an entry a destination. Malformed first.
#include "queue/fixture.hpp"
#include "queue/limits.hpp"

namespace postern::queue {
namespace {

using AcceptTest = QueueTest;

TEST_F(AcceptTest, RefusesWhatIsOverALimit) {
    auto submission = to({"bob@" + std::string(address_bytes_max, 'x')});
    EXPECT_EQ(accept(submission).error().code, ErrorCode::limit);
    submission = to({""});
    EXPECT_EQ(accept(submission).error().code, ErrorCode::limit);
    submission = to({"no domain"});
    EXPECT_EQ(accept(submission).error().kind, ErrorKind::peer_request);
    submission = to({"bob@remote.test"});
    submission.envelope.envelope_id = std::string(envelope_id_bytes_max + 1, 'x');
    EXPECT_EQ(accept(submission).error().code, ErrorCode::limit);
    EXPECT_TRUE(files().empty());
    EXPECT_EQ(counters().entries, 0u);
}

TEST_F(AcceptTest, AllOrNone) {
    // The local part cannot be delivered, so nothing may stay of the rest.
    world.plan().faults.sync_eio = 1;
    auto submission = to({"bob@remote.test", "carol@other.test"});
    submission.targets.push_back({"here.test/alice"});
    EXPECT_FALSE(accept(submission));
    world.plan().faults = {};
    EXPECT_TRUE(files().empty());
    EXPECT_TRUE(inbox().empty());
    EXPECT_TRUE(run_empty());
    EXPECT_TRUE(script.asked.empty());
}

TEST_F(AcceptTest, AnEntryForEachDestination) {
    script.takes = seconds(1);
    auto submission =
        to({"bob@remote.test", "dan@REMOTE.test", "carol@other.test", "bob@remote.test"});
    submission.targets.push_back({"here.test/alice"});
    ASSERT_TRUE(accept(submission));
    EXPECT_EQ(files().size(), 4u);
    EXPECT_EQ(inbox().size(), 1u);
    ASSERT_TRUE(run_empty());
    EXPECT_TRUE(files().empty());
    ASSERT_EQ(script.asked.size(), 2u);
    std::ranges::sort(script.asked, {}, &Asked::route_key);
    EXPECT_EQ(script.asked[0].route_key, "mx:other.test");
    EXPECT_EQ(script.asked[1].recipients,
              (std::vector<std::string>{"bob@remote.test", "dan@REMOTE.test"}));
    EXPECT_EQ(script.asked[1].content, "Subject: x\r\n\r\nhello\r\n");
}

TEST_F(AcceptTest, WhatIsForwardedHasAnEntryOfItsOwn) {
    auto submission = to({"bob@remote.test"});
    submission.forwarded.push_back({"dan@remote.test"});
    submission.forwarding_sender = "SRS0=x@here.test";
    ASSERT_TRUE(accept(submission));
    EXPECT_EQ(files().size(), 4u);
    ASSERT_TRUE(run_empty());
    ASSERT_EQ(script.asked.size(), 2u);
    submission = to({"bob@remote.test"});
    submission.forwarded.push_back({""});
    EXPECT_EQ(accept(submission).error().code, ErrorCode::limit);
    EXPECT_TRUE(files().empty());
}

TEST_F(AcceptTest, HeldFromTheStart) {
    auto submission = to({"bob@remote.test"});
    submission.hold_reason = "over the limit of the account";
    ASSERT_TRUE(accept(submission));
    restart();
    run_for(minutes(10 * 24 * 60));
    EXPECT_EQ(counters().entries, 1u);
    EXPECT_TRUE(script.asked.empty());
}

// RFC 4865
TEST_F(AcceptTest, NotBeforeItsTime) {
    auto submission = to({"bob@remote.test"});
    submission.envelope.hold_until_s = world.now().ns / 1'000'000'000 + 100'000;
    const std::int64_t wall = [&] {
        std::int64_t now = 0;
        machine.enter(0, [&] { now = wall_s(); });
        return now;
    }();
    submission.envelope.hold_until_s = wall + 3'600;
    ASSERT_TRUE(accept(submission));
    run_for(minutes(59));
    EXPECT_TRUE(script.asked.empty());
    restart();
    run_for(minutes(2));
    EXPECT_EQ(script.asked.size(), 1u);
}

// RFC 4865 §4: the same for mailboxes here, which are looked up when the time has come.
TEST_F(AcceptTest, MailboxesHereBeforeTheirTimeNeither) {
    auto submission = to({"alice@here.test", "nobody@here.test"});
    submission.envelope.sender = "bob@remote.test";
    submission.envelope.facts.content_offset = 0;
    machine.enter(0, [&] { submission.envelope.hold_until_s = wall_s() + 3'600; });
    ASSERT_TRUE(accept(submission));
    run_for(minutes(59));
    EXPECT_TRUE(inbox().empty());
    restart();
    run_for(minutes(2));
    const auto messages = inbox();
    ASSERT_EQ(messages.size(), 1u);
    EXPECT_TRUE(messages[0].starts_with("Return-Path: <bob@remote.test>\r\n")) << messages[0];
    run_for(minutes(2));
    ASSERT_EQ(script.asked.size(), 1u) << "the report of who is unknown, and nothing else";
    EXPECT_EQ(script.asked[0].route_key, "mx:remote.test");
    EXPECT_EQ(counters().entries, 0u);
}

// RFC 3461 §4.1 (SUCCESS) for a recipient of ours.
TEST_F(AcceptTest, ConfirmsLocalDelivery) {
    Submission submission;
    submission.envelope.sender = "alice@here.test";
    submission.targets.push_back({"here.test/alice"});
    submission.delivered_here.push_back({"alice@here.test", "", notify::success, {}});
    submission.delivered_here.push_back({"bob@here.test", "", notify::failure, {}});
    ASSERT_TRUE(accept(submission));
    const auto messages = inbox();
    ASSERT_EQ(messages.size(), 2u);
    EXPECT_NE(messages[1].find("Final-Recipient: rfc822; alice@here.test\r\nAction: delivered"),
              std::string::npos);
    EXPECT_EQ(messages[1].find("bob@here.test"), std::string::npos);
}

}  // namespace
}  // namespace postern::queue
