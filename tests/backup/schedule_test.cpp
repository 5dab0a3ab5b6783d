// When a nightly backup is due, in time zones and after missed nights; what is remembered of it.
#include "backup/schedule.hpp"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <time.h>

#include <fstream>

#include "backup/remembered.hpp"
#include "base/temporary_directory.hpp"

namespace postern::backup {
namespace {

constexpr std::int64_t midnight_s = 1'785'628'800;  // 2026-08-02 00:00 UTC
constexpr std::int64_t hour_s = 3'600;
constexpr std::int64_t day_s = 24 * hour_s;

class BackupSchedule : public testing::Test {
 protected:
    void SetUp() override { set_zone("UTC"); }
    void TearDown() override { set_zone("UTC"); }
    static void set_zone(const char* zone) {
        setenv("TZ", zone, 1);
        tzset();
    }
};

TEST_F(BackupSchedule, WhatIsNoTimeIsNone) {
    for (const char* bad : {"", ":", "3", "03", "03:0", "3:000", "24:00", "03:60", "-1:00", "a:bc",
                            "03:00 ", "003:00", "03;00", "+3:00"}) {
        EXPECT_EQ(parse_minute(bad), std::nullopt) << bad;
    }
    EXPECT_EQ(parse_minute("0:00"), 0U);
    EXPECT_EQ(parse_minute("23:59"), 1'439U);
    EXPECT_EQ(format_minute(1'439), "23:59");
    EXPECT_EQ(format_minute(0), "00:00");
}

TEST_F(BackupSchedule, IsDueOnceADay) {
    const std::int64_t three_s = midnight_s + 3 * hour_s;
    EXPECT_FALSE(is_due(180, three_s - day_s, three_s - 1));
    EXPECT_TRUE(is_due(180, three_s - day_s, three_s));
    EXPECT_FALSE(is_due(180, three_s, three_s + 1));
    EXPECT_FALSE(is_due(180, three_s, three_s + day_s - 1));
    EXPECT_TRUE(is_due(180, three_s, three_s + day_s));
}

TEST_F(BackupSchedule, AMissedNightIsMadeUpFor) {
    EXPECT_TRUE(is_due(180, midnight_s - 2 * day_s, midnight_s + 12 * hour_s));
    EXPECT_TRUE(is_due(180, midnight_s - 2 * day_s, midnight_s));
    EXPECT_TRUE(is_due(180, 0, midnight_s));
    EXPECT_TRUE(is_due(180, midnight_s + 365 * day_s, midnight_s)) << "noted by a wrong clock";
}

TEST_F(BackupSchedule, TheMinuteIsTheMachines) {
    set_zone("XXX-5");  // five hours east: 03:00 there is 22:00 UTC
    const std::int64_t three_s = midnight_s - 2 * hour_s;
    EXPECT_FALSE(is_due(180, three_s - day_s, three_s - 1));
    EXPECT_TRUE(is_due(180, three_s - day_s, three_s));
}

TEST(BackupRemembered, TheScheduleIsKeptAndADamagedOneIsTheUsual) {
    const TemporaryDirectory place;
    const Remembered remembered(place / "backup");
    EXPECT_EQ(remembered.schedule(), Schedule());
    const Schedule schedule{270, {7, 3}};
    ASSERT_TRUE(remembered.set_schedule(schedule));
    EXPECT_EQ(remembered.schedule(), schedule);
    for (const char* bad : {"", "postern-backup-schedule 1\nminute 1440\n", "\n\n\n"}) {
        std::ofstream(place / "backup/schedule") << bad;
        EXPECT_EQ(remembered.schedule(), Schedule()) << bad;
    }
}

}  // namespace
}  // namespace postern::backup
