// Files as tasks see them, under short transfers and failures; descriptors close themselves.
#include "engine/io.hpp"

#include <fcntl.h>

#include "engine_fixture.hpp"

namespace postern::engine {
namespace {

task<Result<void>> write_and_read() {
    std::string bytes;
    for (int i = 0; i < 10'000; ++i) bytes += std::to_string(i) + ",";
    std::vector<std::string_view> slices;
    for (std::size_t at = 0; at < bytes.size(); at += 777) {
        slices.push_back(std::string_view(bytes).substr(at, 777));
        slices.push_back({});
    }
    co_await try_(make_directories("/a/b/c"));
    co_await try_(make_directories("/a/b/c"));
    File file = co_await try_(open_file("/a/b/c/f", O_RDWR | O_CREAT | O_EXCL));
    co_await try_(write_all_at(file.fd(), std::move(slices), 0));
    co_await try_(write_at(file.fd(), "tail", bytes.size()));
    co_await try_(sync_file(file.fd(), SyncWhat::data));
    co_await try_(close_file(std::move(file)));
    co_await try_(sync_directory("/a/b/c"));
    std::string read = co_await try_(read_file("/a/b/c/f", 1 << 20));
    EXPECT_TRUE(read == bytes + "tail");
    auto too_big = co_await read_file("/a/b/c/f", 10);
    EXPECT_EQ(too_big.error().code, ErrorCode::too_big);
    for (std::size_t size : {0u, 1u, 4'095u, 4'096u, 4'097u, 100'000u}) {
        const std::string content(size, 'y');
        co_await try_(create_file("/a/sized", content));
        auto whole = co_await read_file("/a/sized", size);
        EXPECT_TRUE(whole == content) << size;
        if (size > 0) {
            auto refused = co_await read_file("/a/sized", size - 1);
            EXPECT_EQ(refused.error().code, ErrorCode::too_big) << size;
        }
        co_await try_(unlink_file("/a/sized"));
    }
    co_await try_(link_file("/a/b/c/f", "/a/g"));
    co_await try_(rename_file("/a/g", "/a/h"));
    FileStatus status = co_await try_(stat_file("/a/h"));
    EXPECT_EQ(status.links, 2u);
    EXPECT_EQ(status.size_bytes, bytes.size() + 4);
    co_await try_(unlink_file("/a/b/c/f"));
    co_await try_(remove_directory("/a/b/c"));
    auto entries = co_await try_(list_directory("/a"));
    EXPECT_EQ(entries.size(), 2u);
    auto missing = co_await open_file("/none", O_RDONLY);
    EXPECT_EQ(missing.error().code, ErrorCode::not_found);
    co_return {};
}

TEST(Io, GoesOnAfterShortReadsAndWrites) {
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
        sim::Plan plan;
        plan.faults.short_read = 0.7;
        plan.faults.short_write = 0.7;
        SimMachine sim(1, seed, plan);
        sim.run(expect_success(write_and_read()));
        sim.machine.shut_down();
        EXPECT_EQ(sim.world.bad_descriptors, 0u);
    }
}

task<void> replace_until_power_cut(int* replaced) {
    for (int i = 1; i <= 1000; ++i) {
        auto result = co_await replace_file("/d/f", std::to_string(i) + std::string(3000, 'x'));
        if (!result) co_return;
        *replaced = i;
    }
}

task<Result<void>> make_d() {
    co_await try_(make_directories("/d"));
    co_return {};
}

TEST(Io, ReplacedFileIsOldOrNewAfterAPowerCut) {
    for (std::uint64_t seed = 0; seed < 200; ++seed) {
        SimMachine sim(1, seed);
        sim.run(expect_success(make_d()));
        int replaced = 0;
        sim.spawn(replace_until_power_cut(&replaced));
        sim.run_for(microseconds(std::int64_t(sim.world.random().below(20'000))));
        int promised = replaced;
        sim.machine.power_cut();
        std::string content = sim.machine.disk().content("/d/f").value_or("0");
        int found = std::stoi(content);
        EXPECT_TRUE(found == promised || found == promised + 1) << seed;
        if (found > 0) {
            EXPECT_EQ(content, std::to_string(found) + std::string(3000, 'x')) << seed;
        }
    }
}

TEST(Io, MadeDirectoriesSurviveAPowerCut) {
    for (std::uint64_t seed = 0; seed < 100; ++seed) {
        SimMachine sim(1, seed);
        sim.run(expect_success(make_directories("/a/b/c")));
        sim.machine.power_cut();
        EXPECT_EQ(sim.machine.disk().tree().size(), 3u) << seed;
    }
}

task<void> make_somehow(std::string path) {
    co_await make_directories(std::move(path));
}

TEST(Io, DirectoryThatAnotherTaskIsStillMakingSurvivesToo) {
    for (std::uint64_t seed = 0; seed < 200; ++seed) {
        SimMachine sim(1, seed);
        sim.spawn(make_somehow("/a"));
        sim.run_for(microseconds(std::int64_t(sim.world.random().below(500))));
        sim.run(expect_success(make_directories("/a")));
        sim.machine.power_cut();
        ASSERT_EQ(sim.machine.disk().tree().size(), 1u) << seed;
    }
}

TEST(Io, DirectoriesThatCouldNotBeSyncedAreSyncedByTheNext) {
    for (std::uint64_t seed = 0; seed < 50; ++seed) {
        SimMachine sim(1, seed);
        sim.world.plan().faults.sync_eio = 0.5;
        sim.run(make_somehow("/a/b/c"));
        sim.world.plan().heal();
        sim.run(expect_success(make_directories("/a/b/c")));
        sim.machine.power_cut();
        ASSERT_EQ(sim.machine.disk().tree().size(), 3u) << seed;
    }
}

task<void> open_and_drop() {
    auto file = co_await open_file("/f", O_RDWR | O_CREAT);
    EXPECT_TRUE(file.has_value());
    EXPECT_EQ(file->fd(), 3);  // the first after the standard three: none is left open
    File moved = std::move(*file);
    EXPECT_FALSE(file->is_open());
    File other;
    other = std::move(moved);
    EXPECT_TRUE(other.is_open());
}

TEST(Io, FileClosesItself) {
    SimMachine sim;
    for (int i = 0; i < 5; ++i) {
        sim.run(open_and_drop());
        sim.run_for(seconds(1));
    }
    EXPECT_EQ(sim.machine.kernel(0).counters().submissions, 10u);
    EXPECT_EQ(sim.world.bad_descriptors, 0u);
}

task<Result<void>> write_to_a_full_disk(ErrorCode* code) {
    File file = co_await try_(open_file("/big", O_RDWR | O_CREAT));
    auto written = co_await write_at(file.fd(), std::string(5000, 'x'), 0);
    *code = written.has_value() ? ErrorCode::syntax : written.error().code;
    co_return {};
}

TEST(Io, FullDiskIsAnErrorOfItsOwn) {
    sim::Plan plan;
    plan.disk_bytes = 4000;
    SimMachine sim(1, 1, plan);
    ErrorCode code = ErrorCode::syntax;
    sim.run(expect_success(write_to_a_full_disk(&code)));
    EXPECT_EQ(code, ErrorCode::no_space);
}

}  // namespace
}  // namespace postern::engine
