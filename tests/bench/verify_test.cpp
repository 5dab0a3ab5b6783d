// What --verify must find: messages that are lost, doubled, changed, or in the wrong mailbox.
#include <gtest/gtest.h>

#include <map>
#include <vector>

#include "load/ledger.hpp"
#include "load/mail.hpp"

namespace postern::bench {
namespace {

constexpr std::uint64_t mails = 50;
constexpr std::uint32_t users = 3;

// A server with mailboxes, that can go wrong.
class Mailboxes : public testing::Test {
 protected:
    Mailboxes() : maker(*parse_sizes("2k"), "00112233aabbccdd") {
        for (std::uint64_t number = 0; number < mails; ++number) {
            const Mail mail = maker.make(number, "a@x.test", "b@x.test", number);
            const auto user = std::uint32_t(number % users);
            ledger.sent(number, user, mail.hash(), Certainty::acknowledged);
            boxes[user].push_back("Received: from load\r\n\tby mx; now\r\n" + mail.header +
                                  mail.body->text);
        }
    }
    Verdict judge() {
        ledger.forget_found();
        for (const auto& [user, box] : boxes) {
            for (const std::string& message : box) {
                const auto mail = recognise(message, maker.run());
                if (mail) ledger.found(mail->number, user, mail->hash);
            }
        }
        return ledger.judge();
    }
    MailMaker maker;
    Ledger ledger;
    std::map<std::uint32_t, std::vector<std::string>> boxes;
};

TEST_F(Mailboxes, AllIsWell) {
    boxes[0].push_back("Subject: somebody else's\r\n\r\nhello\r\n");
    boxes[0].push_back("X-Postern-Bench: 0011 1\r\n\r\nof another run\r\n");
    const Verdict verdict = judge();
    EXPECT_TRUE(verdict.is_good());
    EXPECT_EQ(verdict.expected, mails);
    EXPECT_EQ(verdict.intact, mails);
}

TEST_F(Mailboxes, OneIsLost) {
    boxes[1].erase(boxes[1].begin() + 3);
    EXPECT_EQ(judge().lost, 1u);
    EXPECT_FALSE(judge().is_good());
}

TEST_F(Mailboxes, OneIsThereTwice) {
    boxes[2].push_back(boxes[2].front());
    EXPECT_EQ(judge().doubled, 1u);
    EXPECT_EQ(judge().intact, mails - 1);
    EXPECT_FALSE(judge().is_good());
}

TEST_F(Mailboxes, AnyByteThatChangesIsSeen) {
    const std::string good = boxes[0].front();
    const std::size_t first = good.find("X-Postern-Bench") + 60;
    for (std::size_t place = first; place < good.size(); place += 97) {
        boxes[0].front() = good;
        boxes[0].front()[place] ^= 1;
        EXPECT_EQ(judge().changed, 1u) << place;
    }
    boxes[0].front() = good.substr(0, good.size() - 2);
    EXPECT_EQ(judge().changed, 1u);
    boxes[0].front() = good;
    EXPECT_TRUE(judge().is_good());
}

TEST_F(Mailboxes, OneIsInTheWrongMailbox) {
    boxes[1].push_back(boxes[0].back());
    boxes[0].pop_back();
    EXPECT_EQ(judge().lost, 1u);
    EXPECT_EQ(judge().unknown, 1u);
}

TEST_F(Mailboxes, WhatWasNeverAcknowledgedMayBeThereOrNot) {
    const Mail mail = maker.make(1000, "a@x.test", "b@x.test", 0);
    ledger.sent(1000, 0, mail.hash(), Certainty::unsure);
    EXPECT_TRUE(judge().is_good());
    boxes[0].push_back(mail.header + mail.body->text);
    EXPECT_TRUE(judge().is_good());
    boxes[0].push_back(boxes[0].back());
    EXPECT_EQ(judge().doubled, 1u);
}

TEST_F(Mailboxes, LedgersOfSeveralShardsAreOne) {
    Ledger other;
    const Mail mail = maker.make(1000, "a@x.test", "b@x.test", 0);
    other.sent(1000, 0, mail.hash(), Certainty::acknowledged);
    ledger.merge(std::move(other));
    EXPECT_EQ(judge().lost, 1u);
    boxes[0].push_back(mail.header + mail.body->text);
    EXPECT_EQ(judge().intact, mails + 1);
}

TEST(Mail, SizesAreAboutAsAsked) {
    for (const char* size : {"512", "4k", "64k", "1M"}) {
        const MailMaker maker(*parse_sizes(size), "00");
        const double wanted = double(parse_sizes(size)->shares.front().bytes);
        const Mail mail = maker.make(12, "a@x.test", "b@x.test", 0);
        EXPECT_NEAR(double(mail.bytes()), wanted, 200) << size;
    }
}

TEST(Mail, DotsAreDoubledAtTheBeginningOfLinesOnly) {
    const MailMaker maker(*parse_sizes("8k"), "00");
    const Mail mail = maker.make(1, "a@x.test", "b@x.test", 0);
    std::string undotted = "\n" + mail.body->dotted;
    EXPECT_EQ(undotted.find("\n.\r\n"), std::string::npos);
    std::size_t dots = 0;
    for (std::size_t place = 0; (place = undotted.find("\n.", place)) != std::string::npos;) {
        undotted.erase(++place, 1);
        ++dots;
    }
    EXPECT_GT(dots, 2u);
    EXPECT_EQ(undotted.substr(1), mail.body->text);
}

}  // namespace
}  // namespace postern::bench
