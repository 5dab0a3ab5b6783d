// The file system model keeps its promises: errno by errno, then what a power cut may and may not
// leave behind. The second half draws many worlds, because each cut chooses.
#include "sim/disk.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>

#include <cerrno>
#include <set>

namespace postern::sim {
namespace {

struct Fixture {
    explicit Fixture(std::uint64_t seed = 1) : disk(Random(seed), plan) {}
    Plan plan;
    Disk disk;

    OpenFile open(std::string_view path, int flags) {
        OpenFile file;
        EXPECT_EQ(disk.open(path, flags, file, 0), 0) << path;
        return file;
    }
    int try_open(std::string_view path, int flags) {
        OpenFile file;
        return disk.open(path, flags, file, 0);
    }
    OpenFile create(std::string_view path, std::string_view bytes) {
        OpenFile file = open(path, O_RDWR | O_CREAT | O_EXCL);
        EXPECT_EQ(disk.write(file, bytes, 0, 0), int(bytes.size()));
        return file;
    }
    void sync_directory(std::string_view path) {
        OpenFile directory = open(path, O_RDONLY | O_DIRECTORY);
        EXPECT_EQ(disk.sync(directory), 0);
    }
};

// As durable as the rest of what is known of a directory: with its sync.
TEST(Disk, AttributesAreCertainOnceTheirDirectoryIsSynced) {
    std::set<std::string> left;
    for (std::uint64_t seed = 0; seed < 40; ++seed) {
        Fixture f(seed);
        std::string value(10, '\0');
        EXPECT_EQ(f.disk.set_attribute("/none", "user.a", "x"), -ENOENT);
        EXPECT_EQ(f.disk.make_directory("/d", 0), 0);
        EXPECT_EQ(f.disk.get_attribute("/d", "user.a", value), -ENODATA);
        EXPECT_EQ(f.disk.set_attribute("/d", "user.a", "old"), 0);
        f.sync_directory("/");
        f.sync_directory("/d");
        EXPECT_EQ(f.disk.set_attribute("/d", "user.a", "newer"), 0);
        EXPECT_EQ(f.disk.get_attribute("/d", "user.a", value), 5);
        f.disk.power_cut();
        const int bytes = f.disk.get_attribute("/d", "user.a", value);
        ASSERT_GT(bytes, 0);
        left.insert(value.substr(0, std::size_t(bytes)));
    }
    EXPECT_EQ(left, (std::set<std::string>{"old", "newer"}));
    Fixture f;
    f.plan.attributes = false;
    std::string value(10, '\0');
    EXPECT_EQ(f.disk.set_attribute("/", "user.a", "x"), -EOPNOTSUPP);
    EXPECT_EQ(f.disk.get_attribute("/", "user.a", value), -EOPNOTSUPP);
}

TEST(Disk, RefusesWhatTheSystemCallsRefuse) {
    Fixture f;
    EXPECT_EQ(f.try_open("", O_RDONLY), -ENOENT);
    EXPECT_EQ(f.try_open("/a", O_RDONLY), -ENOENT);
    EXPECT_EQ(f.try_open("/a/b", O_RDWR | O_CREAT), -ENOENT);
    EXPECT_EQ(f.try_open("/..", O_RDONLY), -EINVAL);
    EXPECT_EQ(f.try_open("/" + std::string(256, 'x'), O_CREAT | O_RDWR), -ENAMETOOLONG);
    OpenFile file = f.create("/a", "x");
    EXPECT_EQ(f.try_open("/a", O_CREAT | O_EXCL | O_RDWR), -EEXIST);
    EXPECT_EQ(f.try_open("/a/b", O_RDONLY), -ENOTDIR);
    EXPECT_EQ(f.try_open("/a", O_RDONLY | O_DIRECTORY), -ENOTDIR);
    EXPECT_EQ(f.try_open("/", O_RDWR), -EISDIR);
    EXPECT_EQ(f.disk.make_directory("/a", 0), -EEXIST);
    EXPECT_EQ(f.disk.make_directory("/d", 0), 0);
    EXPECT_EQ(f.disk.unlink("/d"), -EISDIR);
    EXPECT_EQ(f.disk.unlink("/none"), -ENOENT);
    EXPECT_EQ(f.disk.remove_directory("/a"), -ENOTDIR);
    EXPECT_EQ(f.disk.link("/d", "/e"), -EPERM);
    EXPECT_EQ(f.disk.link("/a", "/d"), -EEXIST);
    EXPECT_EQ(f.disk.link("/a", "/d/a"), 0);
    EXPECT_EQ(f.disk.remove_directory("/d"), -ENOTEMPTY);
    EXPECT_EQ(f.disk.rename("/none", "/x"), -ENOENT);
    EXPECT_EQ(f.disk.rename("/a", "/d"), -EISDIR);
    EXPECT_EQ(f.disk.rename("/d", "/a"), -ENOTDIR);
    OpenFile read_only = f.open("/a", O_RDONLY);
    EXPECT_EQ(f.disk.write(read_only, "y", 0, 0), -EBADF);
    OpenFile write_only = f.open("/a", O_WRONLY);
    char c = 0;
    EXPECT_EQ(f.disk.read(write_only, &c, 1, 0), -EBADF);
    OpenFile root = f.open("/", O_RDONLY);
    EXPECT_EQ(f.disk.read(root, &c, 1, 0), -EISDIR);
}

TEST(Disk, ReadsWhatWasWritten) {
    Fixture f;
    OpenFile file = f.create("/a", "hello");
    char memory[16];
    EXPECT_EQ(f.disk.read(file, memory, sizeof memory, 1), 4);
    EXPECT_EQ(std::string_view(memory, 4), "ello");
    EXPECT_EQ(f.disk.read(file, memory, sizeof memory, 5), 0);
    EXPECT_EQ(f.disk.write(file, "!", 7, 0), 1);
    EXPECT_EQ(*f.disk.content("/a"), std::string("hello\0\0!", 8));
    OpenFile append = f.open("/a", O_WRONLY | O_APPEND);
    EXPECT_EQ(f.disk.write(append, "x", 0, 0), 1);
    EXPECT_EQ(f.disk.content("/a")->back(), 'x');
    f.open("/a", O_WRONLY | O_TRUNC);
    EXPECT_EQ(*f.disk.content("/a"), "");
}

TEST(Disk, CountsLinksAndKeepsUnlinkedFilesOpen) {
    Fixture f;
    OpenFile file = f.create("/a", "x");
    EXPECT_EQ(f.disk.link("/a", "/b"), 0);
    engine::FileStatus status;
    EXPECT_EQ(f.disk.stat("/b", status), 0);
    EXPECT_EQ(status.links, 2u);
    EXPECT_EQ(status.size_bytes, 1u);
    EXPECT_EQ(f.disk.unlink("/a"), 0);
    EXPECT_EQ(f.disk.unlink("/b"), 0);
    char c = 0;
    EXPECT_EQ(f.disk.read(file, &c, 1, 0), 1);
    EXPECT_EQ(f.disk.used_bytes(), 1u);
}

TEST(Disk, RenameReplacesAndListsAll) {
    Fixture f;
    f.create("/a", "new");
    f.create("/b", "old");
    EXPECT_EQ(f.disk.rename("/a", "/b"), 0);
    EXPECT_EQ(*f.disk.content("/b"), "new");
    EXPECT_FALSE(f.disk.content("/a"));
    std::vector<engine::DirectoryEntry> entries;
    EXPECT_EQ(f.disk.list("/", entries), 1);
    EXPECT_EQ(entries[0].name, "b");
    EXPECT_EQ(f.disk.list("/b", entries), -ENOTDIR);
}

TEST(Disk, IsFullWhenItIsFull) {
    Fixture f;
    f.plan.disk_bytes = 1000;
    OpenFile file = f.create("/a", std::string(900, 'x'));
    int written = f.disk.write(file, std::string(200, 'y'), 900, 0);
    EXPECT_TRUE(written == -ENOSPC || written == 100) << written;
    if (written == 100) {
        EXPECT_EQ(f.disk.write(file, "z", 1000, 0), -ENOSPC);
    }
    EXPECT_EQ(f.disk.write(file, "overwrite", 0, 0), 9);
}

TEST(Disk, PowerCutKeepsWhatWasSynced) {
    for (std::uint64_t seed = 0; seed < 300; ++seed) {
        Fixture f(seed);
        ASSERT_EQ(f.disk.make_directory("/d", 0), 0);
        f.sync_directory("/");
        {
            OpenFile file = f.create("/d/a", "durable");
            ASSERT_EQ(f.disk.sync(file), 0);
        }
        f.sync_directory("/d");
        f.disk.power_cut();
        ASSERT_EQ(f.disk.content("/d/a"), "durable") << seed;
    }
}

TEST(Disk, PowerCutLosesEntriesWhoseDirectoryWasNotSynced) {
    unsigned lost = 0;
    for (std::uint64_t seed = 0; seed < 300; ++seed) {
        Fixture f(seed);
        {
            OpenFile file = f.create("/a", "synced");
            ASSERT_EQ(f.disk.sync(file), 0);
        }
        f.disk.power_cut();
        auto content = f.disk.content("/a");
        lost += !content;
        if (content) {
            ASSERT_EQ(*content, "synced");
        }
    }
    EXPECT_GT(lost, 30u);
    EXPECT_LT(lost, 270u);
}

TEST(Disk, PowerCutTearsWhatWasNotSynced) {
    std::set<std::string> kinds;
    for (std::uint64_t seed = 0; seed < 500; ++seed) {
        Fixture f(seed);
        {
            OpenFile file = f.create("/a", std::string(2000, 'x'));
        }
        f.sync_directory("/");
        f.disk.power_cut();
        std::string content = f.disk.content("/a").value();
        ASSERT_EQ(content.find_first_not_of(std::string("x\0", 2)), std::string::npos);
        bool zeros = content.find('\0') != std::string::npos;
        kinds.insert(content.empty()           ? "empty"
                     : zeros                   ? "holes"
                     : content.size() == 2000u ? "whole"
                                               : "short");
    }
    EXPECT_EQ(kinds, (std::set<std::string>{"empty", "holes", "whole", "short"}));
}

TEST(Disk, AppendingNeverHurtsWhatWasDurable) {
    for (std::uint64_t seed = 0; seed < 300; ++seed) {
        Fixture f(seed);
        {
            OpenFile file = f.create("/log", std::string(700, 'a'));
            ASSERT_EQ(f.disk.sync(file), 0);
            f.sync_directory("/");
            ASSERT_EQ(f.disk.write(file, std::string(700, 'b'), 700, 0), 700);
        }
        f.disk.power_cut();
        ASSERT_EQ(f.disk.content("/log")->substr(0, 700), std::string(700, 'a')) << seed;
    }
}

TEST(Disk, RenameIsAtomicAcrossPowerCuts) {
    unsigned moved = 0;
    for (std::uint64_t seed = 0; seed < 300; ++seed) {
        Fixture f(seed);
        ASSERT_EQ(f.disk.make_directory("/tmp", 0), 0);
        ASSERT_EQ(f.disk.make_directory("/new", 0), 0);
        {
            OpenFile file = f.create("/tmp/m", "m");
            ASSERT_EQ(f.disk.sync(file), 0);
        }
        f.sync_directory("/tmp");
        f.sync_directory("/");
        ASSERT_EQ(f.disk.rename("/tmp/m", "/new/m"), 0);
        bool synced = seed % 2 == 0;
        if (synced) f.sync_directory("/new");
        f.disk.power_cut();
        bool before = f.disk.content("/tmp/m").has_value();
        bool after = f.disk.content("/new/m").has_value();
        ASSERT_NE(before, after) << seed;
        if (synced) {
            ASSERT_TRUE(after);
        } else {
            moved += after;
        }
    }
    EXPECT_GT(moved, 20u);
    EXPECT_LT(moved, 130u);
}

TEST(Disk, ReplacingByRenameShowsOldOrNew) {
    std::set<std::string> seen;
    for (std::uint64_t seed = 0; seed < 200; ++seed) {
        Fixture f(seed);
        {
            OpenFile old_file = f.create("/f", "old");
            OpenFile new_file = f.create("/f.tmp", "new");
            ASSERT_EQ(f.disk.sync(old_file), 0);
            f.sync_directory("/");
            ASSERT_EQ(f.disk.sync(new_file), 0);
        }
        ASSERT_EQ(f.disk.rename("/f.tmp", "/f"), 0);
        f.disk.power_cut();
        seen.insert(f.disk.content("/f").value_or("none"));
    }
    EXPECT_EQ(seen, (std::set<std::string>{"old", "new"}));
}

TEST(Disk, ASyncOfAllMakesFilesAndEntriesDurable) {
    Fixture f(1);
    f.create("/a", "data");
    ASSERT_EQ(f.disk.make_directory("/d", 0), 0);
    f.create("/d/b", "more");
    ASSERT_EQ(f.disk.rename("/a", "/d/c"), 0);
    ASSERT_EQ(f.disk.sync_all(), 0);
    f.disk.power_cut();
    EXPECT_EQ(f.disk.content("/a"), std::nullopt);
    EXPECT_EQ(f.disk.content("/d/b"), "more");
    EXPECT_EQ(f.disk.content("/d/c"), "data");
}

TEST(Disk, AFailedSyncOfAllMayLoseSomeOfIt) {
    unsigned lost = 0;
    for (std::uint64_t seed = 0; seed < 200; ++seed) {
        Fixture f(seed);
        f.create("/a", "data");
        f.plan.faults.sync_eio = 1;
        ASSERT_EQ(f.disk.sync_all(), -EIO);
        f.plan.faults.sync_eio = 0;
        ASSERT_EQ(f.disk.sync_all(), 0);
        ASSERT_EQ(f.disk.content("/a"), "data");
        f.disk.power_cut();
        lost += f.disk.content("/a") != "data";
    }
    EXPECT_GT(lost, 10u);
    EXPECT_LT(lost, 100u);
}

TEST(Disk, FailedSyncMayLoseDataThatALaterSyncDoesNotBringBack) {
    unsigned lost = 0;
    for (std::uint64_t seed = 0; seed < 200; ++seed) {
        Fixture f(seed);
        {
            OpenFile file = f.create("/a", "data");
            f.sync_directory("/");
            f.plan.faults.sync_eio = 1;
            ASSERT_EQ(f.disk.sync(file), -EIO);
            f.plan.faults.sync_eio = 0;
            ASSERT_EQ(f.disk.sync(file), 0);
        }
        ASSERT_EQ(f.disk.content("/a"), "data");
        f.disk.power_cut();
        lost += f.disk.content("/a") != "data";
    }
    EXPECT_GT(lost, 20u);
    EXPECT_LT(lost, 180u);
}

TEST(Disk, DirectoryNotSyncedTakesItsFilesWithIt) {
    unsigned gone = 0;
    for (std::uint64_t seed = 0; seed < 200; ++seed) {
        Fixture f(seed);
        ASSERT_EQ(f.disk.make_directory("/d", 0), 0);
        {
            OpenFile file = f.create("/d/a", "x");
            ASSERT_EQ(f.disk.sync(file), 0);
        }
        f.sync_directory("/d");
        f.disk.power_cut();
        gone += f.disk.tree().empty();
        if (!f.disk.tree().empty()) {
            ASSERT_EQ(f.disk.content("/d/a"), "x");
        }
    }
    EXPECT_GT(gone, 20u);
    EXPECT_LT(gone, 180u);
}

}  // namespace
}  // namespace postern::sim
