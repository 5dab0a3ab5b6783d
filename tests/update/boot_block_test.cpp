// GRUB's environment block: what is none, what does not fit, what a change leaves alone.
#include "update/boot_block.hpp"

#include <gtest/gtest.h>

#include "update/limits.hpp"

namespace postern::update {
namespace {

std::string block_of(std::string text) {
    text.insert(0, "# GRUB Environment Block\n");
    text.resize(limits::boot_block_bytes, '#');
    return text;
}

TEST(BootBlock, WhatIsNoBlockGivesNothing) {
    EXPECT_FALSE(BootBlock::parse(""));
    EXPECT_FALSE(BootBlock::parse(std::string(limits::boot_block_bytes, '\0')));
    EXPECT_FALSE(BootBlock::parse(block_of("cur=a\n").substr(1)));
    EXPECT_FALSE(BootBlock::parse(block_of("cur=a\n") + "#"));
    EXPECT_FALSE(BootBlock::parse(block_of("cur\n")));
    EXPECT_FALSE(BootBlock::parse(block_of("cur\nleft=3\n")));
    EXPECT_FALSE(BootBlock::parse(block_of("=a\n")));
    EXPECT_FALSE(BootBlock::parse(block_of("CUR=a\n")));
    EXPECT_FALSE(BootBlock::parse(block_of("\n")));
}

TEST(BootBlock, StaysWithinOneSector) {
    auto block = BootBlock::parse(block_of("cur=a\n"));
    ASSERT_TRUE(block);
    const std::size_t used = block_of("cur=a\n").find("##");
    block->set("extra", std::string(limits::boot_variables_bytes_max - used - 7, 'x'));
    ASSERT_TRUE(block->format());
    EXPECT_EQ(block->format()->size(), limits::boot_block_bytes);
    block->set("extra", std::string(limits::boot_variables_bytes_max - used - 6, 'x'));
    EXPECT_FALSE(block->format());
}

TEST(BootBlock, AVariableIsSetAndTheOthersStay) {
    const std::string before = block_of("cur=a\nleft=2\nextra=one two=2\nother_ok=0\n");
    auto block = BootBlock::parse(before);
    ASSERT_TRUE(block);
    EXPECT_EQ(*block->format(), before);
    EXPECT_EQ(block->get("extra"), "one two=2");
    EXPECT_EQ(block->get("nothing"), "");
    block->bless(Slot::a);
    EXPECT_EQ(*block->format(), block_of("cur=a\nleft=3\nextra=one two=2\nother_ok=0\n"));
    block->try_slot(Slot::b);
    EXPECT_EQ(*block->format(), block_of("cur=b\nleft=3\nextra=one two=2\nother_ok=1\nrolled=0\n"));
    EXPECT_EQ(block->chosen(), Slot::b);
    EXPECT_TRUE(block->can_fall_back());
    EXPECT_FALSE(block->given_up());
}

}  // namespace
}  // namespace postern::update
