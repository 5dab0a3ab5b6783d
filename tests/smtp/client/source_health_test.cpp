// Which of our addresses is used: in turns, without those that cannot be.
#include "smtp/client/source_health.hpp"

#include <gtest/gtest.h>

namespace postern::smtp::client {
namespace {

const std::vector<queue::Source> three = {{"192.0.2.1", ""}, {"192.0.2.2", ""}, {"192.0.2.3", ""}};

std::string next(SourceHealth& health, MonotonicTime now) {
    const queue::Source* source = health.choose(three, now);
    return source == nullptr ? "none" : source->address.substr(8);
}

TEST(SourceHealth, NothingToChooseFrom) {
    SourceHealth health;
    EXPECT_EQ(health.choose({}, MonotonicTime{}), nullptr);
    EXPECT_FALSE(health.has_usable({}, MonotonicTime{}));
}

TEST(SourceHealth, InTurns) {
    SourceHealth health;
    std::string order;
    for (int i = 0; i < 6; ++i) order += next(health, MonotonicTime{});
    EXPECT_EQ(order, "123123");
}

TEST(SourceHealth, WhatCannotBeBoundIsLeftOutLongerAndLonger) {
    SourceHealth health;
    MonotonicTime now{};
    for (const int pause : {1, 2, 4, 8, 16, 32, 60, 60}) {
        health.note_failure("192.0.2.2", now);
        for (int i = 0; i < 6; ++i) EXPECT_NE(next(health, now), "2");
        now = now + minutes(pause);
        std::string order;
        for (int i = 0; i < 3; ++i) order += next(health, now);
        EXPECT_TRUE(order.contains('2')) << pause;
    }
    health.note_success("192.0.2.2");
    health.note_failure("192.0.2.2", now);
    EXPECT_TRUE(health.has_usable({three[1]}, now + minutes(1))) << "begun anew";
}

// Mail goes on, if from anywhere then from there.
TEST(SourceHealth, WhenNoneCanBeUsedTheFirstToComeBack) {
    SourceHealth health;
    const MonotonicTime now{};
    health.note_failure("192.0.2.2", now);
    health.note_failure("192.0.2.1", now + seconds(1));
    health.note_failure("192.0.2.3", now + seconds(2));
    EXPECT_FALSE(health.has_usable(three, now + seconds(3)));
    for (int i = 0; i < 4; ++i) EXPECT_EQ(next(health, now + seconds(3)), "2");
}

}  // namespace
}  // namespace postern::smtp::client
