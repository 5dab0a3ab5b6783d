// Targets that are directories: not there, not a directory, taken names, drafts that were left.
#include <gtest/gtest.h>

#include "backup/a_gateway.hpp"
#include "backup/remembered.hpp"
#include "backup/target.hpp"

namespace postern::backup {
namespace {

TEST(DirectoryTarget, WhatIsNotThereOrNoDirectoryIsRefused) {
    const TemporaryDirectory directory;
    put_file(directory / "file", "x");
    EXPECT_EQ(open_directory_target(directory / "none").error().reason, Reason::not_found);
    EXPECT_EQ(open_directory_target(directory / "file").error().reason, Reason::refused);
}

TEST(DirectoryTarget, OneThatIsPulledOutIsNotMadeAgain) {
    const TemporaryDirectory directory;
    std::filesystem::create_directory(directory / "stick");
    auto target = open_directory_target(directory / "stick");
    ASSERT_TRUE(target);
    ASSERT_TRUE((*target)->write(pack_name(1), "one"));
    std::filesystem::remove_all(directory / "stick");
    EXPECT_FALSE((*target)->write(pack_name(2), "two"));
    EXPECT_FALSE((*target)->list("packs"));
    EXPECT_FALSE((*target)->read(pack_name(1), 0, 3));
    EXPECT_FALSE(std::filesystem::exists(directory / "stick"));
}

TEST(DirectoryTarget, NamesAreWrittenOnceAndDraftsAreNoFiles) {
    const TemporaryDirectory directory;
    auto target = open_directory_target(directory.path());
    ASSERT_TRUE(target);
    ASSERT_TRUE((*target)->write(pack_name(0x2a), "abcdef"));
    EXPECT_EQ((*target)->write(pack_name(0x2a), "other").error().reason, Reason::refused);
    EXPECT_EQ((*target)->read(pack_name(0x2a), 2, 3), "cde");
    EXPECT_EQ((*target)->read(pack_name(0x2a), 4, 30), "ef");
    EXPECT_EQ((*target)->read(pack_name(0x2a), 40, 30), "");
    EXPECT_EQ((*target)->read_end(pack_name(0x2a), 2), "ef");
    EXPECT_EQ((*target)->read_end(pack_name(0x2a), 20), "abcdef");
    EXPECT_EQ((*target)->read(pack_name(1), 0, 3).error().reason, Reason::not_found);
    put_file(directory / "packs/0000002b.pack.tmp", "half");
    put_file(directory / "packs/notes.txt", "not ours");
    EXPECT_EQ(list_numbers(**target, packs_folder), std::vector<std::uint32_t>{0x2a});
    (*target)->clear_drafts();
    EXPECT_FALSE(std::filesystem::exists(directory / "packs/0000002b.pack.tmp"));
    EXPECT_TRUE(std::filesystem::exists(directory / "packs/notes.txt"));
}

TEST(Remembered, WhatIsDamagedOrNotThereIsSaid) {
    const TemporaryDirectory directory;
    const Remembered remembered(directory / "backup");
    EXPECT_EQ(remembered.target().error().reason, Reason::not_found);
    EXPECT_EQ(remembered.last(), "");
    ASSERT_TRUE(remembered.set_target({"/mnt/stick", std::string(32, '\x81')}));
    EXPECT_EQ(remembered.target()->target, "/mnt/stick");
    EXPECT_EQ(remembered.target()->key, std::string(32, '\x81'));
    std::string text = get_file(directory / "backup/target");
    text[30] ^= 1;
    put_file(directory / "backup/target", text);
    EXPECT_EQ(remembered.target().error().reason, Reason::damaged);
    EXPECT_EQ(remembered.set_target({"two\nlines", "k"}).error().reason, Reason::refused);
}

TEST(Remembered, OnlyOneBackupRuns) {
    const TemporaryDirectory directory;
    const Remembered remembered(directory / "backup");
    auto first = remembered.lock();
    ASSERT_TRUE(first);
    EXPECT_EQ(remembered.lock().error().reason, Reason::not_now);
}

}  // namespace
}  // namespace postern::backup
