// Quotas: what is refused, what is counted, and the file maildirsize.
#include "store/quota.hpp"

#include <gtest/gtest.h>

#include "fixture.hpp"
#include "store/state_file.hpp"

namespace postern::store {
namespace {

TEST(MaildirSize, Malformed) {
    for (const char* text : {"", "\n", "x\n1 1\n", "1S\n", "1S\n1\n", "1S\n1 x\n", "1S\n-1 1\n",
                             "1S\n1 -1\n", "S\n1 1\n", "1S\n99999999999999999999 1\n"}) {
        EXPECT_FALSE(parse_maildirsize(text)) << text;
    }
}

TEST(MaildirSize, SumsItsLines) {
    auto size = parse_maildirsize("1000S,10C\n  100   2\n-50 -1\n7 1");
    ASSERT_TRUE(size);
    EXPECT_EQ(size->limits, (QuotaLimits{1000, 10}));
    EXPECT_EQ(size->usage, (QuotaUsage{57, 2}));
    EXPECT_EQ(size->lines, 3u);
    auto again = parse_maildirsize(format_maildirsize({{0, 5}, {57, 2}}));
    ASSERT_TRUE(again);
    EXPECT_EQ(again->limits, (QuotaLimits{0, 5}));
    EXPECT_EQ(again->usage, (QuotaUsage{57, 2}));
    EXPECT_EQ(size_in_name("1.R2.p3,S=45,U=6:2,S"), 45u);
    EXPECT_FALSE(size_in_name("1.R2.p3,S=,U=6"));
}

class QuotaTest : public StoreTest {
 protected:
    void limit(std::uint64_t bytes, std::uint64_t messages) {
        limits = {bytes, messages};
        machine.enter(home(), [&] {
            // By value: the store outlives this fixture's own members.
            store->set_rules([limits = limits](std::string_view directory) {
                AccountRules rules;
                if (directory == alice) rules.quota = limits;
                return rules;
            });
        });
    }
    QuotaUsage usage() { return run(open().quota())->usage; }
    static ErrorCode code(const Result<void>& outcome) {
        return outcome ? ErrorCode::closed : outcome.error().code;
    }
    // Counted from the messages themselves.
    QuotaUsage counted() {
        QuotaUsage all;
        auto list = *run(open().list());
        for (const MailboxInfo& info : list) {
            MailboxStatus status = *run(open().status(info.name));
            all.bytes += status.size_bytes;
            all.messages += status.messages;
        }
        return all;
    }
    std::string maildirsize() {
        auto content = machine.disk().content(alice_path("/") + maildirsize_file);
        return content ? *content : "none";
    }

    QuotaLimits limits;
};

TEST_F(QuotaTest, NoLimitNoFile) {
    ASSERT_TRUE(deliver(text_of(1)));
    EXPECT_EQ(usage(), (QuotaUsage{text_of(1).size(), 1}));
    world.run_for(seconds(5));
    EXPECT_EQ(maildirsize(), "none");
    check();
}

TEST_F(QuotaTest, RefusesWhatIsOverIt) {
    std::uint64_t size = text_of(1).size();
    limit(3 * size, 0);
    for (int n = 1; n <= 3; ++n) ASSERT_TRUE(deliver(text_of(n))) << n;
    EXPECT_EQ(code(deliver(text_of(4))), ErrorCode::over_quota);
    EXPECT_EQ(code(run_on(0, store->check_quota(alice, 0))), ErrorCode::closed);
    EXPECT_EQ(code(run_on(1, store->check_quota(alice, 1))), ErrorCode::over_quota);
    auto inbox = open("INBOX");
    auto appended = run(append_task(store.get(), inbox, text_of(5), {}, std::nullopt));
    ASSERT_FALSE(appended);
    EXPECT_EQ(appended.error().code, ErrorCode::over_quota);
    auto copied = run(inbox->copy({1}, open("Sent")));
    ASSERT_FALSE(copied);
    EXPECT_EQ(copied.error().code, ErrorCode::over_quota);
    // What is moved is not more than it was; what is expunged does not count.
    EXPECT_TRUE(run(inbox->move({1}, open("Sent"))));
    EXPECT_EQ(code(deliver(text_of(4))), ErrorCode::over_quota);
    ASSERT_TRUE(run(inbox->remove({2})));
    EXPECT_TRUE(deliver(text_of(4)));
    EXPECT_EQ(usage(), counted());
    ASSERT_TRUE(run(open().remove("Sent")));
    EXPECT_TRUE(deliver(text_of(5)));
    EXPECT_EQ(usage(), counted());
    check();
}

TEST_F(QuotaTest, CountsMessagesToo) {
    limit(0, 2);
    open();
    ASSERT_TRUE(deliver(text_of(1)));
    ASSERT_TRUE(deliver(text_of(2)));
    EXPECT_EQ(code(deliver(text_of(3))), ErrorCode::over_quota);
    limit(0, 3);
    EXPECT_TRUE(deliver(text_of(3)));
    EXPECT_TRUE(deliver(text_of(3), "example.test/bob"));
    check();
}

// All of them or none: who has room gets nothing either.
TEST_F(QuotaTest, OneFullRecipientRefusesAll) {
    limit(0, 1);
    ASSERT_TRUE(deliver(text_of(1)));
    std::vector<DeliveryTarget> targets(2);
    targets[0].account_directory = alice;
    targets[1].account_directory = "example.test/bob";
    auto delivered = run_on(0, deliver_task(store.get(), text_of(2), targets));
    EXPECT_EQ(code(delivered), ErrorCode::over_quota);
    EXPECT_EQ(usage(), (QuotaUsage{text_of(1).size(), 1}));
    check();
}

TEST_F(QuotaTest, AHundredAtOnceDoNotPassIt) {
    constexpr std::size_t room = 17;
    limit(0, room);
    open();
    std::vector<std::optional<Result<void>>> slots(100);
    for (std::size_t i = 0; i < slots.size(); ++i) {
        std::vector<DeliveryTarget> targets(1);
        targets[0].account_directory = alice;
        targets[0].mailbox = i % 3 == 0 ? "Archive" : "INBOX";
        machine.spawn(unsigned(i % 2),
                      keep_result(deliver_task(store.get(), text_of(int(i)), targets), &slots[i]));
    }
    auto all_done = [&] {
        return std::all_of(slots.begin(), slots.end(), [](auto& s) { return s.has_value(); });
    };
    ASSERT_TRUE(world.run_until(all_done, world.now() + seconds(600)));
    std::size_t accepted = 0;
    for (auto& slot : slots) accepted += slot->has_value();
    EXPECT_EQ(accepted, room);
    EXPECT_EQ(usage(), counted());
    EXPECT_EQ(usage().messages, room);
    check();
}

TEST_F(QuotaTest, MaildirsizeIsKept) {
    std::uint64_t size = text_of(1).size();
    limit(100'000, 50);
    ASSERT_TRUE(deliver(text_of(1)));
    world.run_for(seconds(5));
    auto first = parse_maildirsize(maildirsize());
    ASSERT_TRUE(first) << maildirsize();
    EXPECT_EQ(first->limits, limits);
    EXPECT_EQ(first->usage, (QuotaUsage{size, 1}));
    EXPECT_GT(first->lines, 1u);
    ASSERT_TRUE(deliver(text_of(2)));
    ASSERT_TRUE(run(open("INBOX")->remove({1})));
    world.run_for(seconds(5));
    EXPECT_EQ(parse_maildirsize(maildirsize())->usage, (QuotaUsage{size, 1}));
    ASSERT_TRUE(deliver(text_of(3)));
    stop();
    std::string clean = maildirsize();
    EXPECT_EQ(clean, "100000S,50C\n" + format_maildirsize_line(std::int64_t(2 * size), 2));
    start();
    limit(100'000, 50);
    EXPECT_EQ(usage(), (QuotaUsage{2 * size, 2}));
    stop();
    EXPECT_EQ(maildirsize(), clean);
    start();
    check();
}

// One line is believed, as another program may have written it; until it would refuse mail.
TEST_F(QuotaTest, AWrongCountRefusesNobodyForLong) {
    limit(100'000, 0);
    ASSERT_TRUE(deliver(text_of(1)));
    stop();
    start();
    limit(100'000, 0);
    put_file(alice_path("/") + maildirsize_file, "100000S\n99999 7\n");
    EXPECT_EQ(usage(), (QuotaUsage{99'999, 7}));
    EXPECT_EQ(code(deliver(text_of(2))), ErrorCode::over_quota);
    world.run_for(minutes(16));
    EXPECT_TRUE(deliver(text_of(2)));
    EXPECT_EQ(usage(), counted());
    check();
}

// While there is no limit nobody keeps the file up: it goes, and is made anew when there is one.
TEST_F(QuotaTest, MaildirsizeGoesWithTheLimit) {
    limit(100'000, 0);
    ASSERT_TRUE(deliver(text_of(1)));
    stop();
    EXPECT_NE(maildirsize(), "none");
    start();
    ASSERT_TRUE(deliver(text_of(2)));
    stop();
    EXPECT_EQ(maildirsize(), "none");
    start();
    limit(100'000, 0);
    EXPECT_EQ(usage(), (QuotaUsage{2 * text_of(1).size(), 2}));
    EXPECT_EQ(usage(), counted());
}

TEST_F(QuotaTest, AfterAPowerCutItIsCountedAnew) {
    limit(100'000, 0);
    ASSERT_TRUE(deliver(text_of(1)));
    world.run_for(seconds(5));
    for (int n = 2; n < 5; ++n) ASSERT_TRUE(deliver(text_of(n)));
    power_cut();
    start();
    limit(100'000, 0);
    EXPECT_EQ(usage(), (QuotaUsage{4 * text_of(1).size(), 4}));
    EXPECT_EQ(usage(), counted());
    check();
}

}  // namespace
}  // namespace postern::store
