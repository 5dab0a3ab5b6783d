// Names of message files, keyword tables and state files: durable text formats.
#include "store/file_name.hpp"

#include <gtest/gtest.h>

#include <set>

#include "store/keyword_table.hpp"
#include "store/limits.hpp"
#include "store/state_file.hpp"

namespace postern::store {
namespace {

const FileName sample{1732231372, 0x3f2a91c06b7d1e55, 0xdeadbeef, 4096, 17};
constexpr std::string_view sample_base = "1732231372.R3f2a91c06b7d1e55.pdeadbeef,S=4096,U=17";

TEST(FileName, AnythingElseIsForeign) {
    EXPECT_FALSE(parse_file_name(""));
    EXPECT_FALSE(parse_file_name(".hidden"));
    for (std::string_view name :
         {"x", "1732231372.M1P2.host", "1732231372.R3f2a91c06b7d1e55.pdeadbeef,S=4096,U=0",
          "1732231372.R3f2a91c06b7d1e55.pdeadbeef,S=4096,U=017",
          "1732231372.R3F2A91C06B7D1E55.pdeadbeef,S=4096,U=17",
          "1732231372.R3f2a91c06b7d1e5.pdeadbeef,S=4096,U=17",
          "1732231372.R3f2a91c06b7d1e55.pdeadbeef,S=4294967296,U=17",
          "1732231372.R3f2a91c06b7d1e55.pdeadbeef,S=4096,U=17,x"}) {
        auto parsed = parse_file_name(name);
        ASSERT_TRUE(parsed);
        EXPECT_FALSE(parsed->ours) << name;
    }
    EXPECT_EQ(parse_file_name("1732231372.M1P2.host:2,SRx")->flags,
              name_flags({flag::seen | flag::answered, 1ull << 23}));
    // What other programs mean by these is theirs.
    EXPECT_EQ(parse_file_name("1732231372.M1P2.host:2,+-09ABSZ")->flags, name_flags({flag::seen}));
    EXPECT_EQ(parse_file_name("1732231372.M1P2.host")->date_s, 1732231372u);
}

TEST(FileName, RoundTrips) {
    EXPECT_EQ(format_file_path(sample, Place::fresh, 0), "new/" + std::string(sample_base));
    FlagSet flags{flag::seen | flag::deleted | flag::draft, 1ull << 0 | 1ull << 25};
    std::string path = format_file_path(sample, Place::cur, name_flags(flags));
    EXPECT_EQ(path, "cur/" + std::string(sample_base) + ":2,DSTaz");
    auto parsed = parse_file_name(path.substr(4));
    ASSERT_TRUE(parsed && parsed->ours);
    EXPECT_EQ(*parsed->ours, sample);
    EXPECT_EQ(parsed->flags, name_flags(flags));
}

TEST(FileName, HasACharacterForEachKeyword) {
    std::set<std::string> paths;
    for (unsigned n = 0; n < keywords_max; ++n) {
        const std::uint64_t packed = name_flags({0, 1ull << n});
        const std::string path = format_file_path(sample, Place::cur, packed);
        EXPECT_EQ(path.size(), 4 + sample_base.size() + 4);
        EXPECT_EQ(path.find_first_of("DFPRST/,:.", 4 + sample_base.size() + 3), path.npos);
        EXPECT_EQ(parse_file_name(path.substr(4))->flags, packed);
        paths.insert(path);
    }
    EXPECT_EQ(paths.size(), keywords_max);
    // All in ASCII order, as mutt sorts them.
    const std::string all = format_file_path(sample, Place::cur, ~std::uint64_t{0});
    const std::string letters = all.substr(4 + sample_base.size() + 3);
    EXPECT_EQ(letters, "+-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");
    EXPECT_EQ(parse_file_name(all.substr(4))->flags, ~std::uint64_t{0});
}

TEST(StateFile, DamageIsFound) {
    MailboxState state{1732231372, 0x3f2a91c06b7d1e55, 1001, 1'000'000};
    std::string text = format_mailbox_state(state);
    EXPECT_EQ(*parse_mailbox_state(text), state);
    EXPECT_EQ(state.tag(), 0x3f2a91c0u);
    for (std::size_t i = 0; i < text.size(); ++i) {
        EXPECT_FALSE(parse_mailbox_state(text.substr(0, i)));
        std::string damaged = text;
        damaged[i] ^= 1;
        EXPECT_FALSE(parse_mailbox_state(damaged)) << i;
    }
    EXPECT_EQ(*parse_account_state(format_account_state(7)), 7u);
    EXPECT_FALSE(parse_account_state(text));
}

TEST(KeywordTable, RefusesWhatIsNoAtom) {
    for (std::string_view name : {"", "a b", "a(", "\\Foo", "a\"", "a%", "a]", "\xc3\xa9", "a\n"}) {
        EXPECT_FALSE(is_keyword(name)) << name;
    }
    EXPECT_TRUE(is_keyword("$Junk"));
    EXPECT_TRUE(is_keyword(std::string(keyword_bytes_max, 'k')));
    EXPECT_FALSE(is_keyword(std::string(keyword_bytes_max + 1, 'k')));
}

TEST(KeywordTable, ReadsWhatItWrote) {
    KeywordTable table;
    table.add("$Junk");
    table.add("work");
    EXPECT_EQ(table.format(), "0 $Junk\n1 work\n");
    KeywordTable read = KeywordTable::parse("junk\n0 $Junk\n3 late\n1 work\n4 WORK\n99 x\n5 a b\n");
    EXPECT_EQ(read.find("$JUNK"), 0u);
    EXPECT_EQ(read.find("work"), 1u);
    EXPECT_EQ(read.find("late"), 3u);
    EXPECT_EQ(read.names().size(), 4u);
}

}  // namespace
}  // namespace postern::store
