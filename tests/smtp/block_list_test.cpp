// Block lists as the administrator names them, and their answers: malformed forms first.
// RFC 5782 §2.1, §2.3, §2.4.
#include "smtp/block_list.hpp"

#include <gtest/gtest.h>

#include "smtp/list_watch.hpp"

namespace postern::smtp {
namespace {

TEST(BlockLists, WhatIsNoList) {
    for (const char* text : {"",
                             "=1",
                             "zone",
                             "list.test=",
                             "list.test=x",
                             "list.test=1001",
                             "list.test=--1",
                             "list.test=1=2",
                             "list..test",
                             "list.test:",
                             "list.test:x",
                             "list.test:127.0.0",
                             "list.test:126.0.0.1",
                             "list.test:127.0.0.9-127.0.0.4",
                             "list.test:127.0.0.4-",
                             "list.test:127.0.0.4-128.0.0.1",
                             "list.test:&",
                             "list.test:&0",
                             "list.test:&16777216",
                             "list.test:&x",
                             ":127.0.0.2",
                             "a b.test"}) {
        EXPECT_FALSE(parse_block_list(text)) << text;
    }
}

TEST(BlockLists, Lists) {
    EXPECT_EQ(*parse_block_list("List.test"), (BlockList{"list.test"}));
    EXPECT_EQ(*parse_block_list("list.test=3"), (BlockList{"list.test", 3}));
    EXPECT_EQ(*parse_block_list("list.test=-2"), (BlockList{"list.test", -2}));
    EXPECT_EQ(*parse_block_list("list.test=0"), (BlockList{"list.test", 0}));
    EXPECT_EQ(*parse_block_list("list.test:127.0.0.4"),
              (BlockList{"list.test", 1, 0x7f000004, 0x7f000004}));
    EXPECT_EQ(*parse_block_list("list.test:127.0.0.4-127.0.1.7=2"),
              (BlockList{"list.test", 2, 0x7f000004, 0x7f000107}));
    EXPECT_EQ(*parse_block_list("list.test:&6=2"),
              (BlockList{"list.test", 2, 0x7f000000, 0x7fffffff, 6}));
}

TEST(BlockLists, NotEveryAnswerIsAListing) {
    EXPECT_TRUE(is_listing("127.0.0.2"));
    EXPECT_TRUE(is_listing("127.0.1.255"));
    EXPECT_FALSE(is_listing("127.255.255.254")) << "the list refuses to answer";
    EXPECT_FALSE(is_listing("192.0.2.1")) << "somebody has taken the zone over";
    EXPECT_FALSE(is_listing("127.0.0"));
    EXPECT_FALSE(is_listing("::1"));
    EXPECT_FALSE(is_listing(""));
}

TEST(BlockLists, PartsOfCombinedLists) {
    const BlockList range = *parse_block_list("list.test:127.0.0.4-127.0.0.7");
    EXPECT_FALSE(is_listing("127.0.0.3", range));
    EXPECT_TRUE(is_listing("127.0.0.4", range));
    EXPECT_TRUE(is_listing("127.0.0.7", range));
    EXPECT_FALSE(is_listing("127.0.0.8", range));
    const BlockList bits = *parse_block_list("list.test:&6");
    EXPECT_FALSE(is_listing("127.0.0.1", bits));
    EXPECT_TRUE(is_listing("127.0.0.2", bits));
    EXPECT_TRUE(is_listing("127.0.0.12", bits));
    EXPECT_FALSE(is_listing("127.0.0.8", bits));
}

TEST(BlockLists, Names) {
    EXPECT_EQ(block_list_name("", "list.test"), "");
    EXPECT_EQ(block_list_name("mail.example.test", "list.test"), "");
    EXPECT_EQ(block_list_name("192.0.2.99", "list.test"), "99.2.0.192.list.test");
    EXPECT_EQ(block_list_name("::ffff:192.0.2.99", "list.test"), "99.2.0.192.list.test");
    EXPECT_EQ(block_list_name("2001:db8:1:2:3:4:567:89ab", "list.test"),
              "b.a.9.8.7.6.5.0.4.0.0.0.3.0.0.0.2.0.0.0.1.0.0.0.8.b.d.0.1.0.0.2.list.test");
}

}  // namespace
}  // namespace postern::smtp
