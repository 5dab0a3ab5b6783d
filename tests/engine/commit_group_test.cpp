// Files and directories made durable together: each with its own outcome, one flush for all.
#include "engine/commit_group.hpp"

#include <gtest/gtest.h>
#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <string>
#include <vector>

#include "engine/io.hpp"
#include "engine/real_shard.hpp"

namespace postern::engine {
namespace {

constexpr std::string_view memory_directory = "/dev/shm";

// A file system without groups; in a build root it is a directory like others.
bool has_memory_directory() {
    struct statfs status{};
    return statfs(std::string(memory_directory).c_str(), &status) == 0 &&
           status.f_type == TMPFS_MAGIC;
}

class CommitGroupTest : public RealShardTest {
 protected:
    bool has_groups() const {
        struct statfs status{};
        EXPECT_EQ(statfs(directory.c_str(), &status), 0);
        return status.f_type == EXT4_SUPER_MAGIC;
    }
    TemporaryDirectory place;
    const std::string& directory = place.path();
};

task<void> keep_creation(std::string path, std::string content, Result<void>* result) {
    *result = co_await create_file(path, content);
}
task<void> keep_sync(std::string path, Result<void>* result) {
    *result = co_await sync_directory(path);
}

struct Wanted {
    std::string path;
    std::string content;
    Result<void> outcome;
};

// All at once; the directories among them end with a slash.
task<void> commit_all(std::vector<Wanted>* wanted) {
    std::vector<task<void>> works;
    for (Wanted& one : *wanted) {
        works.push_back(one.path.ends_with('/')
                            ? keep_sync(one.path, &one.outcome)
                            : keep_creation(one.path, one.content, &one.outcome));
    }
    co_await when_all(std::move(works));
}

// The files linked into the directory "names" beside them, all at once.
task<void> link_all(std::string directory, std::vector<Wanted>* files,
                    std::vector<Result<void>>* outcomes) {
    std::vector<task<Result<void>>> works;
    for (const Wanted& file : *files) {
        const std::string name = file.path.substr(directory.size());
        works.push_back(link_durably(file.path, directory + "/names" + name));
    }
    *outcomes = co_await when_all(std::move(works));
}

task<void> expect_content(std::string path, std::string content) {
    auto found = co_await read_file(path, 1'000'000);
    EXPECT_EQ(found.value_or("(not there)"), content);
}

std::vector<Wanted> many_files(const std::string& directory, std::size_t count) {
    std::vector<Wanted> files;
    for (std::size_t i = 0; i < count; ++i) {
        files.push_back({directory + '/' + std::to_string(i), std::string(i * 100, 'x'), {}});
    }
    return files;
}

TEST_F(CommitGroupTest, ManyShareAFlush) {
    std::vector<Wanted> files = many_files(directory, 200);
    files.push_back({directory + '/', "", {}});
    const std::uint64_t before = kernel->counters().syncs;
    run(commit_all(&files));
    for (std::size_t i = 0; i < 200; ++i) {
        EXPECT_TRUE(files[i].outcome) << files[i].path;
        run(expect_content(files[i].path, files[i].content));
    }
    EXPECT_TRUE(files.back().outcome);
    if (has_groups()) {  // the first by itself
        EXPECT_EQ(kernel->counters().syncs - before, 2u);
    }
}

TEST_F(CommitGroupTest, EachHasItsOwnOutcome) {
    std::vector<Wanted> wanted = many_files(directory, 3);
    wanted.push_back({directory + "/1", "another", {}});
    wanted.push_back({directory + "/absent/file", "", {}});
    wanted.push_back({directory + "/absent/", "", {}});
    wanted.push_back({directory + '/', "", {}});
    run(commit_all(&wanted));
    for (std::size_t i : {0u, 1u, 2u, 6u}) EXPECT_TRUE(wanted[i].outcome) << wanted[i].path;
    EXPECT_EQ(wanted[3].outcome.error().code, ErrorCode::exists);
    EXPECT_EQ(wanted[4].outcome.error().code, ErrorCode::not_found);
    EXPECT_EQ(wanted[5].outcome.error().code, ErrorCode::not_found);
    run(expect_content(wanted[1].path, wanted[1].content));
}

TEST_F(CommitGroupTest, LinksShareAFlush) {
    std::vector<Wanted> files = many_files(directory, 100);
    run(commit_all(&files));
    ASSERT_EQ(mkdir((directory + "/names").c_str(), 0700), 0);
    ASSERT_EQ(mkdir((directory + "/names/7").c_str(), 0700), 0);
    files.push_back({directory + "/absent", "", {}});
    std::vector<Result<void>> outcomes;
    const std::uint64_t before = kernel->counters().syncs;
    run(link_all(directory, &files, &outcomes));
    for (std::size_t i = 0; i < 100; ++i) {
        if (i == 7) continue;
        EXPECT_TRUE(outcomes[i]) << i;
        run(expect_content(directory + "/names/" + std::to_string(i), files[i].content));
    }
    EXPECT_EQ(outcomes[7].error().code, ErrorCode::exists);
    EXPECT_EQ(outcomes[100].error().code, ErrorCode::not_found);
    if (has_groups()) {
        EXPECT_EQ(kernel->counters().syncs - before, 2u);
    }
}

// Where syncfs promises nothing, each is synced by itself, now and from then on.
TEST_F(CommitGroupTest, OtherFileSystemsHaveNoGroups) {
    if (!has_memory_directory()) GTEST_SKIP() << memory_directory << " is not in memory";
    const std::string elsewhere = std::string(memory_directory) + "/postern-test-XXXXXX";
    std::string made = elsewhere;
    if (mkdtemp(made.data()) == nullptr) GTEST_SKIP() << memory_directory << " is not writable";
    for (int round = 0; round < 2; ++round) {
        std::vector<Wanted> files = many_files(made, 2 * chain_slots);
        const std::uint64_t before = kernel->counters().syncs;
        run(commit_all(&files));
        EXPECT_EQ(kernel->counters().syncs - before, files.size());
        for (const Wanted& file : files) {
            EXPECT_TRUE(file.outcome);
            EXPECT_EQ(unlink(file.path.c_str()), 0);
        }
    }
    EXPECT_EQ(rmdir(made.c_str()), 0);
}

TEST_F(CommitGroupTest, WhatIsOnAnotherDeviceIsSyncedByItself) {
    if (!has_memory_directory()) GTEST_SKIP() << memory_directory << " is not in memory";
    std::vector<Wanted> wanted = many_files(directory, 3);
    wanted.push_back({std::string(memory_directory) + '/', "", {}});
    const std::uint64_t before = kernel->counters().syncs;
    run(commit_all(&wanted));
    for (const Wanted& one : wanted) EXPECT_TRUE(one.outcome) << one.path;
    if (has_groups()) {
        EXPECT_EQ(kernel->counters().syncs - before, 3u);
    }
}

task<Result<void>> commit_well(std::vector<Wanted>* wanted) {
    co_await commit_all(wanted);
    for (const Wanted& one : *wanted) EXPECT_TRUE(one.outcome) << one.path;
    co_return {};
}

task<void> discard_while_committing(std::string directory) {
    std::vector<Wanted> files = many_files(directory, 5);
    co_await commit_all(&files);
    std::vector<Wanted> more = {{directory + "/a", "a", {}}, {directory + "/b", "b", {}}};
    std::vector<task<Result<void>>> works;
    works.push_back(commit_well(&more));
    for (const Wanted& file : files) works.push_back(discard_file(file.path));
    works.push_back(discard_file(directory + "/absent"));
    const auto outcomes = co_await when_all(std::move(works));
    for (std::size_t i = 0; i + 1 < outcomes.size(); ++i) EXPECT_TRUE(outcomes[i]);
    EXPECT_EQ(outcomes.back().error().code, ErrorCode::not_found);
    auto left = co_await list_directory(directory);
    EXPECT_EQ(left.value_or(std::vector<DirectoryEntry>{}).size(), 2u);
    co_await discard_file(directory + "/a");
    auto gone = co_await stat_file(directory + "/a");
    EXPECT_EQ(gone.error().code, ErrorCode::not_found);
}

TEST_F(CommitGroupTest, DiscardsOnTheWay) {
    run(discard_while_committing(directory));
}

// All at once: from "a" to "b", into a directory that is not there, from nowhere, and away.
task<void> displace_many(std::string directory) {
    std::vector<Wanted> files = many_files(directory, 5);
    co_await commit_all(&files);
    std::vector<task<Result<void>>> works;
    works.push_back(displace_file(files[0].path, directory + "/elsewhere"));
    works.push_back(displace_file(files[1].path, directory + "/absent/elsewhere"));
    works.push_back(displace_file(directory + "/absent", directory + "/nothing"));
    works.push_back(displace_file(files[2].path, ""));
    works.push_back(displace_file(files[3].path, files[4].path));
    const auto outcomes = co_await when_all(std::move(works));
    EXPECT_TRUE(outcomes[0]);
    EXPECT_EQ(outcomes[1].error().code, ErrorCode::not_found);
    EXPECT_EQ(outcomes[2].error().code, ErrorCode::not_found);
    EXPECT_TRUE(outcomes[3]);
    EXPECT_EQ(outcomes[4].error().code, ErrorCode::exists);
    const auto content = co_await read_file(directory + "/elsewhere", 100);
    EXPECT_EQ(content.value_or(""), files[0].content);
    auto left = co_await list_directory(directory);
    EXPECT_EQ(left.value_or(std::vector<DirectoryEntry>{}).size(), 4u);  // 1, 3, 4 and elsewhere
}

TEST_F(CommitGroupTest, WhatCannotBeDisplacedStays) {
    run(displace_many(directory));
}

}  // namespace
}  // namespace postern::engine
