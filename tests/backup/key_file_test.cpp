// Keys of targets: files that are cut, changed, too costly or of later versions, wrong passphrases.
#include "backup/key_file.hpp"

#include <gtest/gtest.h>

#include "backup/a_gateway.hpp"
#include "store/checked_text.hpp"

namespace postern::backup {
namespace {

const std::string file_name(key_file_name);

Reason reason_of_opening(MemoryTarget& target, std::string_view passphrase = good_passphrase) {
    const auto key = open_key_file(target, passphrase);
    EXPECT_FALSE(key);
    return key ? Reason::io : key.error().reason;
}

TEST(KeyFile, NothingThereIsNoBackup) {
    MemoryTarget target;
    EXPECT_EQ(reason_of_opening(target), Reason::no_backup);
}

TEST(KeyFile, EveryCutAndEveryChangedByteIsDamage) {
    MemoryTarget target;
    ASSERT_TRUE(create_key_file(target, good_passphrase, cheap_key_cost));
    const std::string good = target.files[file_name];
    for (std::size_t i = 0; i < good.size(); ++i) {
        target.files[file_name] = good.substr(0, i);
        EXPECT_EQ(reason_of_opening(target), Reason::damaged) << i;
        target.files[file_name] = good;
        target.files[file_name][i] ^= 1;
        EXPECT_EQ(reason_of_opening(target), Reason::damaged) << i;
    }
}

TEST(KeyFile, WhatALaterVersionWroteAndWhatCostsTooMuchIsRefused) {
    MemoryTarget target;
    target.files[file_name] = store::with_checksum("postern-backup 2\nnews\n");
    EXPECT_EQ(reason_of_opening(target), Reason::newer);
    target.files[file_name] = store::with_checksum(
        "postern-backup 1\nmemory_kib 4000000000\npasses 1\nlanes 1\nsalt 00\nkey 00\n");
    EXPECT_EQ(reason_of_opening(target), Reason::damaged);
}

TEST(KeyFile, AWrongPassphraseDoesNotOpenIt) {
    MemoryTarget target;
    const auto made = create_key_file(target, good_passphrase, cheap_key_cost);
    ASSERT_TRUE(made);
    EXPECT_EQ(reason_of_opening(target, "correct horse batterz"), Reason::passphrase);
    EXPECT_EQ(reason_of_opening(target, ""), Reason::passphrase);
    EXPECT_EQ(open_key_file(target, good_passphrase), *made);
}

TEST(KeyFile, ShortPassphrasesAreRefusedAndNoKeyIsReplaced) {
    MemoryTarget target;
    EXPECT_EQ(create_key_file(target, "1234567", cheap_key_cost).error().reason, Reason::refused);
    EXPECT_TRUE(target.files.empty());
    ASSERT_TRUE(create_key_file(target, "12345678", cheap_key_cost));
    EXPECT_EQ(create_key_file(target, "another one", cheap_key_cost).error().reason,
              Reason::refused);
    EXPECT_TRUE(open_key_file(target, "12345678"));
}

}  // namespace
}  // namespace postern::backup
