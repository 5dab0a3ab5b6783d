// Changes by other programs, on the real kernel: they reach whoever has the mailbox selected.
#include "store/directory_watch.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

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

struct Listening final : DirectoryWatch::Listener {
    engine::Event called;
    void directory_changed(std::string_view, std::string_view, DirectoryWatch::Change) override {
        called.set();
    }
};

// The kernel knows both watches of the directory by one number: the first must be gone before the
// second is asked for.
task<Result<int>> let_go_and_watch(DirectoryWatch* watch, Listening* listener,
                                   std::string directory, int rounds) {
    const std::string label = "new/";
    int missed = 0;
    for (int round = 0; round < rounds; ++round) {
        bool watched = co_await watch->add(directory, label, listener);
        EXPECT_TRUE(watched);
        watch->remove(listener);
        watched = co_await watch->add(directory, label, listener);
        EXPECT_TRUE(watched);
        co_await engine::sleep_until(engine::Shard::current().now() + milliseconds(1));
        listener->called.clear();
        std::string name = directory + '/' + std::to_string(round);
        co_await try_(engine::create_file(std::move(name), ""));
        auto told = co_await listener->called.wait(engine::Shard::current().now() + seconds(5));
        if (!told) ++missed;
        watch->remove(listener);
        if (missed > 3) break;
    }
    co_return missed;
}

task<void> scenario_of_letting_go(std::string directory) {
    DirectoryWatch watch;
    Listening listener;
    co_await watch.start(minutes(1));
    auto missed = co_await let_go_and_watch(&watch, &listener, std::move(directory), 60);
    EXPECT_EQ(missed.value_or(-1), 0);
    co_await watch.stop();
}

TEST_F(DirectoryWatchTest, ADirectoryWatchedAgainAtOnceIsWatched) {
    engine::run_to_end(*shard, scenario_of_letting_go(directory));
}

bool has_proc() {
    return access("/proc/self/fdinfo", R_OK) == 0;
}

// The kernel lets a user have 128 instances: one is enough for any number of mailboxes.
constexpr int many = 140;

std::size_t inotify_instances() {
    std::size_t found = 0;
    for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
        std::error_code gone;  // the iterator's own is
        found += std::filesystem::read_symlink(entry, gone).string().ends_with("inotify");
    }
    return found;
}

task<Result<void>> look_on_many(Store* store, std::string directory, std::size_t* instances,
                                Seen* seen) {
    auto account = co_await try_(store->open_account("example.test/alice"));
    std::vector<std::unique_ptr<View>> views;
    for (int n = 0; n < many; ++n) {
        std::string name = "f" + std::to_string(n);
        co_await try_(account->create(name));
        auto mailbox = co_await try_(account->open(name));
        views.push_back(std::make_unique<View>(mailbox, Access::read_write));
    }
    co_await engine::sleep_until(engine::Shard::current().now() + seconds(1));
    *instances = inotify_instances();
    for (const char* name : {".f0", ".f139"}) {
        std::string path = directory + "/accounts/example.test/alice/" + name + "/new/1.foreign";
        co_await try_(engine::replace_file(path, "Subject: x\r\n\r\nx\r\n"));
    }
    for (std::size_t at : {std::size_t{0}, views.size() - 1}) {
        View* view = views[at].get();
        co_await try_(view->changed().wait(soon()));
        seen->arrived += view->take_changes(Expunges::report).exists.value_or(0);
    }
    co_return Result<void>{};
}

task<void> scenario_of_many(Store* store, std::string directory, std::size_t* instances,
                            Seen* seen) {
    auto started = co_await store->start();
    EXPECT_TRUE(started);
    co_await store->watch_directories();
    auto looked = co_await look_on_many(store, directory, instances, seen);
    EXPECT_TRUE(looked);
    co_await engine::sleep_until(engine::Shard::current().now() + seconds(3));
    co_await store->close();
}

TEST_F(DirectoryWatchTest, ManyMailboxesShareAnInstance) {
    if (!has_proc()) GTEST_SKIP() << "/proc is not mounted";
    Seen seen;
    std::size_t instances = 0;
    auto store = std::make_unique<Store>(directory, 1);
    engine::run_to_end(*shard, scenario_of_many(store.get(), directory, &instances, &seen));
    {
        engine::Shard::Enter enter(*shard);
        store.reset();
    }
    EXPECT_EQ(instances, 1u);
    EXPECT_EQ(seen.arrived, 2u);
}

std::size_t inotify_watches() {
    std::size_t found = 0;
    for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fdinfo")) {
        std::ifstream lines(entry.path());
        for (std::string line; std::getline(lines, line);) found += line.starts_with("inotify ");
    }
    return found;
}

task<Result<std::vector<std::size_t>>> select_twice(Store* store, Duration linger) {
    auto account = co_await try_(store->open_account("example.test/alice"));
    auto inbox = co_await try_(account->open("INBOX"));
    const Duration moment = milliseconds(500);
    std::vector<std::size_t> watches;
    for (int time = 0; time < 2; ++time) {
        auto view = std::make_unique<View>(inbox, Access::read_write);
        co_await engine::sleep_until(engine::Shard::current().now() + moment);
        watches.push_back(inotify_watches());
        view.reset();
        co_await engine::sleep_until(engine::Shard::current().now() + moment);
        watches.push_back(inotify_watches());
    }
    co_await engine::sleep_until(engine::Shard::current().now() + linger);
    watches.push_back(inotify_watches());
    co_return watches;
}

task<void> scenario_of_lingering(Store* store, std::vector<std::size_t>* watches) {
    const Duration linger = seconds(3);
    auto started = co_await store->start();
    EXPECT_TRUE(started);
    co_await store->watch_directories(linger);
    auto counted = co_await select_twice(store, linger);
    EXPECT_TRUE(counted);
    if (counted) *watches = std::move(*counted);
    co_await store->close();
}

// Who selects a mailbox again soon finds it watched; a while after the last one it is not.
TEST_F(DirectoryWatchTest, WatchesLinger) {
    if (!has_proc()) GTEST_SKIP() << "/proc is not mounted";
    std::vector<std::size_t> watches;
    auto store = std::make_unique<Store>(directory, 1);
    engine::run_to_end(*shard, scenario_of_lingering(store.get(), &watches));
    {
        engine::Shard::Enter enter(*shard);
        store.reset();
    }
    EXPECT_EQ(watches, (std::vector<std::size_t>{2, 2, 2, 2, 0}));
}

}  // namespace
}  // namespace postern::store
