// Rates: windows at their edges, and a table that is full.
#include "smtp/rate_table.hpp"

#include <gtest/gtest.h>

namespace postern::smtp {
namespace {

TEST(RateTable, AFloodOfNamesDoesNotGrowIt) {
    RateTable table(60, 100);
    for (int i = 0; i < 10'000; ++i) table.add(std::to_string(i), 1, 1'000);
    EXPECT_LE(table.size(), 100u);
    EXPECT_EQ(table.sum("9999", 1'000), 1u);
}

TEST(RateTable, OldWindowsGoFirst) {
    RateTable table(60, 100);
    for (int i = 0; i < 99; ++i) table.add(std::to_string(i), 1, 1'000);
    table.add("young", 5, 1'050);
    table.add("another", 1, 1'061);
    EXPECT_EQ(table.size(), 2u);
    EXPECT_EQ(table.sum("young", 1'061), 5u);
}

TEST(RateTable, AWindowBeginsWithItsFirstEvent) {
    RateTable table(60, 100);
    EXPECT_EQ(table.sum("a", 0), 0u);
    EXPECT_EQ(table.began_s("a", 0), -1);
    EXPECT_EQ(table.add("a", 2, 100), 2u);
    EXPECT_EQ(table.add("a", 3, 159), 5u);
    EXPECT_EQ(table.began_s("a", 159), 100);
    EXPECT_EQ(table.sum("a", 160), 0u);
    EXPECT_EQ(table.add("a", 1, 160), 1u);
    table.forget("a");
    EXPECT_EQ(table.sum("a", 160), 0u);
}

TEST(RateTable, WhatAnEarlierProcessCounted) {
    RateTable table(60, 100);
    table.restore("over", 40, 5, 100);
    table.restore("begun", 41, 5, 100);
    table.restore("in the future", 500, 5, 100);
    EXPECT_EQ(table.sum("over", 100), 0u);
    EXPECT_EQ(table.began_s("begun", 100), 41);
    EXPECT_EQ(table.add("begun", 2, 100), 7u);
    EXPECT_EQ(table.sum("begun", 101), 0u);
    EXPECT_EQ(table.began_s("in the future", 100), 100);
    table.restore("in the future", 50, 1, 100);
    EXPECT_EQ(table.began_s("in the future", 100), 50);
    EXPECT_EQ(table.sum("in the future", 100), 6u);
    std::size_t rows = 0;
    table.for_each(105, [&](const std::string& name, std::int64_t began_s, std::uint64_t sum) {
        EXPECT_EQ(name + std::to_string(began_s) + std::to_string(sum), "in the future506");
        ++rows;
    });
    EXPECT_EQ(rows, 1u);
}

}  // namespace
}  // namespace postern::smtp
