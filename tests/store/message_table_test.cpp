// What large mailboxes cost, in counts: bytes of memory a message, operations of a delivery and of
// a STATUS. Times are bench/micro/index_bench's.
#include <gtest/gtest.h>

#include "fixture.hpp"
#include "store/limits.hpp"
#include "store/maildir_mailbox.hpp"
#include "store/state_file.hpp"

namespace postern::store {
namespace {

constexpr std::size_t bytes_a_message_max = 96;

class ScaleTest : public StoreTest {
 protected:
    void fill(const std::string& name, int messages) {
        for (int n = 0; n < messages; ++n) ASSERT_TRUE(deliver(text_of(n), alice, name));
    }
    // Closed in good order and long ago, so that nothing has to be listed.
    void settle() {
        world.run_for(seconds(10));
        restart();
        world.run_for(seconds(10));
    }
    std::uint64_t operations() {
        std::uint64_t sum = 0;
        for (unsigned i = 0; i < machine.shard_count(); ++i) {
            sum += machine.kernel(i).counters().submissions;
        }
        return sum;
    }
    std::size_t size_of(const std::string& file) {
        auto content = machine.disk().content(file);
        return content ? content->size() : 0;
    }
};

TEST_F(ScaleTest, MemoryAMessage) {
    constexpr std::size_t messages = 2'000;
    fill("INBOX", messages);
    for (bool again : {false, true}) {
        if (again) settle();
        auto inbox = open("INBOX");
        auto view = select(inbox, Access::read_only);
        std::size_t bytes = static_cast<MaildirMailbox&>(*inbox).memory_bytes() +
                            view->uids().capacity() * sizeof(std::uint32_t);
        EXPECT_LE(bytes, messages * bytes_a_message_max) << again;
        EXPECT_GT(bytes, messages * sizeof(Record)) << again;
    }
    check();
}

TEST_F(ScaleTest, ADeliveryCostsTheSameWhateverIsThere) {
    open();
    ASSERT_TRUE(run(open().create("Large")));
    ASSERT_TRUE(run(open().create("Small")));
    fill("Large", 1'500);
    struct Cost {
        std::uint64_t operations;
        std::size_t index_bytes;
        std::size_t facts_bytes;
        bool operator==(const Cost&) const = default;
    };
    auto cost_of_one = [&](const std::string& name) {
        fill(name, 2);  // whatever is made with the first
        world.run_for(seconds(10));
        std::string index = alice_path("/." + name + '/') + index_file;
        std::string facts = alice_path("/." + name + '/') + facts_file;
        Cost before{operations(), size_of(index), size_of(facts)};
        fill(name, 1);
        world.run_for(seconds(10));
        return Cost{operations() - before.operations, size_of(index) - before.index_bytes,
                    size_of(facts) - before.facts_bytes};
    };
    for (bool selected : {false, true}) {
        auto large = selected ? select(open("Large"), Access::read_write) : nullptr;
        auto small = selected ? select(open("Small"), Access::read_write) : nullptr;
        Cost in_large = cost_of_one("Large");
        Cost in_small = cost_of_one("Small");
        EXPECT_EQ(in_large.operations, in_small.operations) << selected;
        EXPECT_EQ(in_large.index_bytes, in_small.index_bytes) << selected;
        EXPECT_EQ(in_large.facts_bytes, in_small.facts_bytes) << selected;
        EXPECT_GT(in_small.operations, 0u);
    }
    check();
}

TEST_F(ScaleTest, StatusReadsNoMessage) {
    std::vector<std::uint64_t> costs;
    for (int messages : {10, 30}) {
        std::vector<std::string> names;
        for (int n = 0; n < 50; ++n) {
            names.push_back("Folder" + std::to_string(messages) + '-' + std::to_string(n));
            ASSERT_TRUE(run(open().create(names.back())));
            run(open().status(names.back()));
            fill(names.back(), messages);
        }
        settle();
        open();
        std::uint64_t before = operations();
        for (const std::string& name : names) {
            auto status = run(open().status(name));
            ASSERT_TRUE(status);
            EXPECT_EQ(status->messages, std::uint32_t(messages));
        }
        costs.push_back(operations() - before);
    }
    EXPECT_EQ(costs[0], costs[1]);
    check();
}

}  // namespace
}  // namespace postern::store
