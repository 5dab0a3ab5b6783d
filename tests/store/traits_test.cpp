// What POP3 must know of a message: found whatever the pieces, kept over restarts, learnt again
// when the index was lost.
#include "store/traits.hpp"

#include <gtest/gtest.h>

#include "fixture.hpp"
#include "store/state_file.hpp"

namespace postern::store {
namespace {

struct Case {
    std::string text;
    std::uint8_t traits;
};

const std::vector<Case> cases = {
    {"", trait::known},
    {"x", trait::known | trait::unfinished},
    {"\xe9", trait::known | trait::unfinished | trait::header_8bit},
    {"\r", trait::known | trait::unfinished},
    {"\n", trait::known | trait::unfinished},
    {"\r\n", trait::known},
    {"A: b\r\n", trait::known},
    {"A: b\r\n\r\n\xc3\xa9\r\n", trait::known},
    {"A: b\n\n\xc3\xa9\r\n", trait::known},
    {"A: b\r\n\r\nbody", trait::known | trait::unfinished},
    {"A: b\r\n\r\nbody\r", trait::known | trait::unfinished},
    {"A: b\r\n\r\nbody\n", trait::known | trait::unfinished},
    {"A: b\r\nC: \xc3\xa9\r\n\r\nbody\r\n", trait::known | trait::header_8bit},
    {"A: b\r\n \r\nC: \xc3\xa9\r\n\r\nbody", trait::all},
};

TEST(Traits, WhateverThePieces) {
    for (const Case& each : cases) {
        for (std::size_t size = 1; size <= each.text.size() + 1; ++size) {
            TraitScanner scanner;
            for (std::size_t at = 0; at < each.text.size(); at += size) {
                scanner.take(std::string_view(each.text).substr(at, size));
            }
            EXPECT_EQ(scanner.traits(), each.traits) << each.text << " by " << size;
        }
    }
}

class TraitsTest : public StoreTest {
 protected:
    std::vector<std::uint8_t> known() {
        auto inbox = open("INBOX");
        std::vector<std::uint8_t> all;
        for (std::uint32_t uid : inbox->uids()) all.push_back(inbox->find(uid)->traits);
        return all;
    }
    std::vector<std::uint8_t> expected;
};

TEST_F(TraitsTest, KeptAndLearntAgain) {
    for (const Case& each : cases) {
        append(open("INBOX"), each.text);
        expected.push_back(each.traits);
    }
    ASSERT_TRUE(run(open("INBOX")->copy({2}, open("Sent"))));
    EXPECT_EQ(open("Sent")->find(1)->traits, cases[1].traits);
    put_file(alice_path("/new/1.foreign"), "A: b\n\n\xe9");
    world.run_for(seconds(10));
    ASSERT_TRUE(run(open("INBOX")->refresh()));
    expected.push_back(trait::known | trait::unfinished);
    EXPECT_EQ(known(), expected);
    restart();
    EXPECT_EQ(known(), expected);
    restart();
    ASSERT_TRUE(run(engine::unlink_file(alice_path("/") + index_file)));
    EXPECT_EQ(known(), std::vector<std::uint8_t>(expected.size(), 0));
    ASSERT_TRUE(run(open("INBOX")->learn_traits()));
    EXPECT_EQ(known(), expected);
    restart();
    EXPECT_EQ(known(), expected);
    check();
}

}  // namespace
}  // namespace postern::store
