// The judge itself: each kind of wrong is noticed, and nothing else is.
#include "sim/mail_oracle.hpp"

#include <gtest/gtest.h>

namespace postern::sim {
namespace {

struct OracleFixture {
    Random random{1};
    MailOracle oracle{2, TraceFields::none};
    SentMessage* message;

    OracleFixture() {
        do {
            message = &oracle.compose(random);
        } while (message->recipients != std::vector<unsigned>{0});
    }
    std::size_t judge(std::vector<SeenMessage> seen, unsigned account = 0) {
        std::size_t before = oracle.complaints().size();
        oracle.judge_mailbox(account, seen, oracle.now());
        return oracle.complaints().size() - before;
    }
};

TEST(MailOracle, MissesWhatWasAcknowledged) {
    OracleFixture f;
    EXPECT_EQ(f.judge({}), 0u);
    f.oracle.acknowledge(*f.message);
    EXPECT_EQ(f.judge({}), 1u);
    EXPECT_EQ(f.judge({{"1", f.message->body}}), 0u);
}

TEST(MailOracle, SeesWhatIsNotYetCertainAsOptional) {
    OracleFixture f;
    MailOracle::Moment before = f.oracle.now();
    f.oracle.acknowledge(*f.message);
    f.oracle.judge_mailbox(0, {}, before);  // opened before the acknowledgement
    EXPECT_TRUE(f.oracle.complaints().empty());
}

TEST(MailOracle, HoldsShownMailForCertain) {
    OracleFixture f;
    EXPECT_EQ(f.judge({{"1", f.message->body}}), 0u);
    EXPECT_EQ(f.judge({}), 1u);
}

TEST(MailOracle, NoticesDamageStrangersAndDoubles) {
    OracleFixture f;
    std::string body = f.message->body;
    EXPECT_EQ(f.judge({{"1", body.substr(0, body.size() - 1)}}), 1u);
    EXPECT_EQ(f.judge({{"1", "X" + body}}), 1u);
    EXPECT_EQ(f.judge({{"1", ""}}), 1u);
    EXPECT_EQ(f.judge({{"1", "X-Sim-Message: 9999999\r\n"}}), 1u);
    EXPECT_EQ(f.judge({{"1", body}, {"2", body}}), 2u);  // twice, and its id changed
    EXPECT_EQ(f.judge({{"1", body}}, 1), 1u);            // not for account 1
}

TEST(MailOracle, NoticesUniqueIdsThatChange) {
    OracleFixture f;
    EXPECT_EQ(f.judge({{"1", f.message->body}}), 0u);
    EXPECT_EQ(f.judge({{"2", f.message->body}}), 1u);
    SentMessage* other;
    do {
        other = &f.oracle.compose(f.random);
    } while (other->recipients != std::vector<unsigned>{0});
    EXPECT_EQ(f.judge({{"2", f.message->body}, {"1", other->body}}), 1u);
}

TEST(MailOracle, AllowsWhatWasDeletedToBeGone) {
    OracleFixture f;
    f.judge({{"1", f.message->body}});
    f.oracle.ask_deletion(0, "1");
    EXPECT_EQ(f.judge({}), 0u);
    EXPECT_EQ(f.judge({{"1", f.message->body}}), 0u);
    f.oracle.confirm_deletion(0, "1");
    EXPECT_EQ(f.judge({{"1", f.message->body}}), 1u);
}

TEST(MailOracle, WantsTraceFieldsWhereTheyBelong) {
    OracleFixture f;
    MailOracle strict(1, TraceFields::required);
    Random random(1);
    SentMessage& message = strict.compose(random);
    auto judge = [&](std::string prefix) {
        std::size_t before = strict.complaints().size();
        strict.judge_mailbox(0, {{"1", prefix + message.body}}, strict.now());
        return strict.complaints().size() == before;
    };
    EXPECT_FALSE(judge(""));
    EXPECT_FALSE(judge("Return-Path: <a@b>\r\n"));
    EXPECT_FALSE(judge("Received: x\r\nSubject: y\r\n"));
    EXPECT_FALSE(judge("Received: x"));
    EXPECT_TRUE(judge("Return-Path: <a@b>\r\nReceived: from x\r\n\tby y\r\n"));
}

}  // namespace
}  // namespace postern::sim
