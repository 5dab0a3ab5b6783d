// Changes by other programs, on the real kernel: they reach whoever has the mailbox selected.
#include "store/directory_watch.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "engine/io.hpp"
#include "engine/real_shard.hpp"
#include "store/store.hpp"
#include "store/view.hpp"

namespace postern::store {
namespace {

using engine::task;
using engine::try_;

class DirectoryWatchTest : public engine::RealShardTest {
 protected:
    TemporaryDirectory place;
    const std::string& directory = place.path();
};

struct Seen {
    std::uint32_t arrived = 0;
    std::size_t vanished = 0;
};

MonotonicTime soon() {
    return engine::Shard::current().now() + seconds(30);
}

// Without a watch nobody would wake the view: nothing here calls refresh().
task<Result<void>> look_on(Store* store, std::string directory, Seen* seen) {
    auto account = co_await try_(store->open_account("example.test/alice"));
    auto inbox = co_await try_(account->open("INBOX"));
    View view(inbox, Access::read_write);
    std::string path = directory + "/accounts/example.test/alice/new/1.foreign";
    co_await try_(engine::replace_file(path, "Subject: x\r\n\r\nx\r\n"));
    co_await try_(view.changed().wait(soon()));
    seen->arrived = view.take_changes(Expunges::report).exists.value_or(0);
    // Its name is ours now; away with it.
    std::string cur = directory + "/accounts/example.test/alice/";
    co_await engine::sleep_until(engine::Shard::current().now() + seconds(3));
    for (const char* part : {"new", "cur"}) {
        auto entries = co_await try_(engine::list_directory(cur + part));
        for (const engine::DirectoryEntry& entry : entries) {
            co_await try_(engine::unlink_file(cur + part + '/' + entry.name));
        }
    }
    co_await try_(view.changed().wait(soon()));
    seen->vanished = view.take_changes(Expunges::report).expunged.size();
    co_return Result<void>{};
}

task<void> scenario(Store* store, std::string directory, Seen* seen) {
    auto started = co_await store->start();
    EXPECT_TRUE(started);
    co_await store->watch_directories();
    auto looked = co_await look_on(store, directory, seen);
    EXPECT_TRUE(looked);
    co_await engine::sleep_until(engine::Shard::current().now() + seconds(3));
    co_await store->close();
}

TEST_F(DirectoryWatchTest, SelectedMailboxesSeeForeignMailAtOnce) {
    Seen seen;
    auto store = std::make_unique<Store>(directory, 1);
    engine::run_to_end(*shard, scenario(store.get(), directory, &seen));
    {
        engine::Shard::Enter enter(*shard);
        store.reset();
    }
    EXPECT_EQ(seen.arrived, 1u);
    EXPECT_EQ(seen.vanished, 1u);
}

}  // namespace
}  // namespace postern::store
