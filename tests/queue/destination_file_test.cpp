// What is remembered of destinations: damage, limits, there and back.
#include "queue/destination_file.hpp"

#include <gtest/gtest.h>

#include "queue/limits.hpp"
#include "store/checked_text.hpp"

namespace postern::queue {
namespace {

DestinationStatus suspended(std::string key) {
    DestinationStatus status;
    status.key = std::move(key);
    status.is_suspended = true;
    return status;
}
DestinationStatus blocked(std::string key, Seconds until) {
    DestinationStatus status;
    status.key = std::move(key);
    status.failures = 3;
    status.blocked_until_s = until;
    status.last_problem = "refused\nby all";
    return status;
}

TEST(DestinationFile, EachDamagedByteIsSeen) {
    const std::string good =
        format_destinations({suspended("mx:a.test"), blocked("mx:b.test", 9)}, 5);
    ASSERT_TRUE(parse_destinations(good));
    for (std::size_t at = 0; at < good.size(); ++at) {
        std::string bad = good;
        bad[at] = char(bad[at] ^ 1);
        EXPECT_FALSE(parse_destinations(bad)) << at;
        EXPECT_EQ(parse_destinations(good.substr(0, at)).has_value(), at == 0) << at;
    }
}

TEST(DestinationFile, LinesThatMakeNoSense) {
    for (const char* line :
         {"destination", "destination x:y suspended 0 0 ", "destination mx:a.test away 0 0 ",
          "destination mx:a.test waiting -1 0 ", "destination mx:a.test waiting 1 99999999999 ",
          "destination mx:a.test waiting 1", "other mx:a.test waiting 1 1 "}) {
        const std::string text = "postern-destinations 1\n" + std::string(line) + "\n";
        EXPECT_FALSE(parse_destinations(store::with_checksum(text))) << line;
    }
    EXPECT_FALSE(parse_destinations(store::with_checksum("postern-destinations 2\n")));
}

TEST(DestinationFile, OnlyWhatIsWorthIt) {
    EXPECT_EQ(format_destinations({}, 5), "");
    EXPECT_EQ(format_destinations({blocked("mx:b.test", 5)}, 5), "") << "its time has come";
    EXPECT_EQ(format_destinations({suspended("mx:a b.test")}, 5), "");
}

TEST(DestinationFile, ThereAndBack) {
    const auto all = parse_destinations(
        format_destinations({suspended("host:2001:db8::1:25"), blocked("mx:b.test", 9)}, 5));
    ASSERT_TRUE(all);
    ASSERT_EQ(all->size(), 2u);
    EXPECT_TRUE((*all)[0].is_suspended);
    EXPECT_EQ((*all)[0].key, "host:2001:db8::1:25");
    EXPECT_FALSE((*all)[1].is_suspended);
    EXPECT_EQ((*all)[1].failures, 3u);
    EXPECT_EQ((*all)[1].blocked_until_s, 9);
    EXPECT_EQ((*all)[1].last_problem, "refused\\x0aby all");
}

TEST(DestinationFile, ManyInBackOffButAllSuspensions) {
    std::vector<DestinationStatus> all;
    for (std::size_t i = 0; i <= destinations_remembered_max; ++i) {
        all.push_back(blocked("mx:" + std::to_string(i) + ".test", 9));
    }
    all.push_back(suspended("mx:last.test"));
    const auto kept = parse_destinations(format_destinations(all, 5));
    ASSERT_TRUE(kept);
    EXPECT_EQ(kept->size(), destinations_remembered_max + 1);
    EXPECT_TRUE(kept->back().is_suspended);
}

TEST(DestinationFile, Names) {
    EXPECT_EQ(destination_file_name(12), "destinations.12");
    EXPECT_EQ(parse_destination_file_name("destinations.12"), 12u);
    for (const char* name : {"destinations.", "destinations.012", "destinations.1.tmp", "0", ""}) {
        EXPECT_FALSE(parse_destination_file_name(name)) << name;
    }
}

}  // namespace
}  // namespace postern::queue
