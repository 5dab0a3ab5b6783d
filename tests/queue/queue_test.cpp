// Start and end of the queue: power cuts, leftovers, damaged files.
#include "queue/fixture.hpp"

namespace postern::queue {
namespace {

TEST_F(QueueTest, WhatWasAcceptedSurvivesAPowerCut) {
    script.takes = minutes(60);
    for (int i = 0; i < 20; ++i) {
        ASSERT_TRUE(accept(to({"a@" + std::to_string(i) + ".test", "b@other.test"})));
    }
    crash(true);
    script.takes = milliseconds(5);
    start();
    ASSERT_TRUE(run_empty());
    EXPECT_EQ(script.asked.size(), 40u);
    EXPECT_TRUE(files().empty());
}

TEST_F(QueueTest, HalvesOfEntriesGoAtStart) {
    const std::string in = queue->files().directory_of(0) + "/";
    for (std::string name : {"0000000000001.msg", "0000000000002.env", "0000000000003.bad",
                             "0000000000003.msg", "notes.txt", "0000000000004"}) {
        ASSERT_TRUE(run_on(0, engine::replace_file(in + name, "x")));
    }
    restart();
    auto names = files();
    std::ranges::sort(names);
    EXPECT_EQ(names, (std::vector<std::string>{"0000000000003.bad", "0000000000003.msg",
                                               "0000000000004", "notes.txt"}));
}

TEST_F(QueueTest, DamagedEnvelopesAreSetAside) {
    const std::string in = queue->files().directory_of(0) + "/";
    ASSERT_TRUE(run_on(0, engine::replace_file(in + "0000000000001.env", "no envelope\n")));
    ASSERT_TRUE(run_on(0, engine::replace_file(in + "0000000000001.msg", "Subject: x\r\n\r\n")));
    restart();
    run_for(seconds(1));
    auto names = files();
    std::ranges::sort(names);
    EXPECT_EQ(names, (std::vector<std::string>{"0000000000001.bad", "0000000000001.msg"}));
    EXPECT_EQ(counters().entries, 0u);
}

TEST_F(QueueTest, WithoutATransportMailWaits) {
    stop();
    machine.boot();
    store = std::make_unique<store::Store>("/data", machine.shard_count());
    queue = std::make_unique<Queue>(Settings{}, *store, machine.shard_count());
    ASSERT_TRUE(run_on(0, store->start()));
    ASSERT_TRUE(run_on(0, queue->start()));
    for (unsigned i = 0; i < machine.shard_count(); ++i) {
        machine.enter(i, [&] { queue->run(nullptr); });
    }
    ASSERT_TRUE(accept(to({"bob@remote.test"})));
    run_for(minutes(10));
    EXPECT_EQ(counters().entries, 1u);
    restart();
    EXPECT_TRUE(run_empty());
    EXPECT_EQ(script.asked.size(), 1u);
}

}  // namespace
}  // namespace postern::queue
