// The index: damage at every byte is seen or does not matter; many pages; the same key in many.
#include "timeline/index.hpp"

#include <algorithm>

#include "timeline/fixture.hpp"
#include "timeline/keys.hpp"

namespace postern::timeline {
namespace {

class IndexTest : public DirectoryTest {
 protected:
    std::string place() const { return directory + "/one.idx"; }

    // Of so many messages, all to the same recipient.
    static std::string many(std::uint64_t count) {
        std::string bytes;
        for (std::uint64_t id = 1; id <= count; ++id) bytes += delivered(id);
        return bytes;
    }
    static std::uint32_t hash_of_id(std::uint64_t id) { return hash_of(id_key(id)); }
};

TEST_F(IndexTest, NoneAndShortOnesAreNotGood) {
    EXPECT_FALSE(Index(place()).is_good());
    const std::string whole = build_index(many(3));
    for (std::size_t size : {0, 1, 31}) {
        write(place(), std::string_view(whole).substr(0, size));
        EXPECT_FALSE(Index(place()).is_good()) << size;
    }
    write(place(), std::string_view(whole).substr(0, whole.size() - 1));
    EXPECT_FALSE(Index(place()).find(hash_of_id(1))) << "a page that is cut off";
}

TEST_F(IndexTest, EachDamagedByteIsSeen) {
    const std::string whole = build_index(many(3));
    for (std::size_t at = 0; at < whole.size(); at += at < 200 ? 1 : 97) {
        std::string bad = whole;
        bad[at] = char(bad[at] ^ 0x10);
        write(place(), bad);
        Index index(place());
        EXPECT_FALSE(index.is_good() && index.find(hash_of_id(1))) << at;
    }
}

TEST_F(IndexTest, OfNothing) {
    write(place(), build_index(""));
    Index index(place());
    ASSERT_TRUE(index.is_good());
    EXPECT_EQ(index.covered(), 0u);
    EXPECT_EQ(index.find(1), std::vector<std::uint32_t>());
}

TEST_F(IndexTest, FindsEachOfManyPages) {
    const std::string bytes = many(3'000);
    write(place(), build_index(bytes));
    Index index(place());
    ASSERT_TRUE(index.is_good());
    EXPECT_EQ(index.covered(), bytes.size());
    for (std::uint64_t id = 1; id <= 3'000; id += 7) {
        const auto offsets = index.find(hash_of_id(id));
        ASSERT_TRUE(offsets);
        ASSERT_EQ(offsets->size(), 1u) << id;
        const auto event = parse_payload(take_record(bytes.substr(offsets->front())).value());
        EXPECT_EQ(event->ids.message, id);
    }
    const auto all = index.find(hash_of("abob@remote.test"));
    ASSERT_TRUE(all);
    EXPECT_EQ(all->size(), 3'000u);
    EXPECT_TRUE(std::ranges::is_sorted(*all));
    EXPECT_EQ(index.find(hash_of_id(3'001)), std::vector<std::uint32_t>());
}

TEST_F(IndexTest, SaysWhatIsDamagedAndWhereItEnds) {
    const std::string good = delivered(1) + "rubbish" + delivered(2);
    write(place(), build_index(good + "PTL1 torn"));
    Index index(place());
    EXPECT_EQ(index.damaged(), 1u);
    EXPECT_EQ(index.covered(), good.size());
}

}  // namespace
}  // namespace postern::timeline
