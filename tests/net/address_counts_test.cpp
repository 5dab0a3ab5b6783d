// Connections counted by network: at the limit, given back, and by many threads at once.
#include "net/address_counts.hpp"

#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <vector>

namespace postern::net {
namespace {

constexpr std::string_view key = "a key of no importance";

TEST(AddressCounts, CountsANetworkUpToItsLimit) {
    AddressCounts counts(2, {}, key);
    const auto first = counts.take("192.0.2.1");
    auto second = counts.take("192.0.2.1");
    EXPECT_TRUE(first && second);
    EXPECT_FALSE(counts.take("192.0.2.1"));
    EXPECT_FALSE(counts.take("::ffff:192.0.2.1"));
    EXPECT_TRUE(counts.take("192.0.2.2"));
    second.reset();
    EXPECT_TRUE(counts.take("192.0.2.1")) << "a refusal must not cost a place";
}

TEST(AddressCounts, OneCustomerHasOneSixtyFourth) {
    AddressCounts counts(1, {}, key);
    const auto first = counts.take("2001:db8:1:2::1");
    EXPECT_FALSE(counts.take("2001:db8:1:2:ffff::9"));
    EXPECT_TRUE(counts.take("2001:db8:1:3::1"));
}

TEST(AddressCounts, TheTrustedAndUnixSocketsAreNotCounted) {
    AddressCounts counts(1, parse_networks({"127.0.0.0/8"}), key);
    std::vector<std::optional<AddressShare>> held;
    for (int i = 0; i < 3; ++i) {
        held.push_back(counts.take("127.0.0.9"));
        held.push_back(counts.take(""));
    }
    for (const auto& share : held) EXPECT_TRUE(share);
}

TEST(AddressCounts, AMovedShareIsGivenBackOnce) {
    AddressCounts counts(1, {}, key);
    {
        auto share = counts.take("192.0.2.1");
        AddressShare moved = std::move(*share);
        AddressShare assigned;
        assigned = std::move(moved);
        share.reset();
        EXPECT_FALSE(counts.take("192.0.2.1"));
    }
    const auto again = counts.take("192.0.2.1");
    EXPECT_TRUE(again);
    EXPECT_FALSE(counts.take("192.0.2.1"));
}

TEST(AddressCounts, ManyThreadsNeverExceedIt) {
    AddressCounts counts(50, {}, key);
    std::atomic<int> held = 0, held_max = 0;
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i) {
        threads.emplace_back([&] {
            std::vector<AddressShare> shares;
            for (int round = 0; round < 2'000; ++round) {
                if (auto share = counts.take("192.0.2.1")) {
                    shares.push_back(std::move(*share));
                    const int now = ++held;
                    for (int most = held_max; most < now;) {
                        if (held_max.compare_exchange_weak(most, now)) break;
                    }
                }
                if (round % 40 == 39) {
                    held -= int(shares.size());
                    shares.clear();
                }
            }
            held -= int(shares.size());
        });
    }
    for (std::thread& thread : threads) thread.join();
    EXPECT_LE(held_max, 50);
    EXPECT_GT(held_max, 0);
    std::vector<std::optional<AddressShare>> all;
    for (int i = 0; i < 50; ++i) all.push_back(counts.take("192.0.2.1"));
    for (const auto& share : all) EXPECT_TRUE(share);
    EXPECT_FALSE(counts.take("192.0.2.1"));
}

}  // namespace
}  // namespace postern::net
