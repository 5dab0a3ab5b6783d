// Dates: malformed first, RFC 5322 §3.3, §4.3 and appendix A, RFC 3501 §8. Seconds checked against
// Python's email.utils.mktime_tz(parsedate_tz()) and calendar.timegm().
#include "message/date.hpp"

#include <gtest/gtest.h>

namespace postern::message {
namespace {

std::string again(std::string_view text) {
    auto time = parse_date_time(text);
    return time ? format_date_time(*time) : "malformed";
}

std::int64_t unix_of(std::string_view text) {
    auto time = parse_date_time(text);
    return time ? time->unix_seconds : -999;
}

}  // namespace

TEST(Date, MalformedIsRefused) {
    for (std::string_view bad : {"",
                                 "Fri",
                                 "Fri,",
                                 "21",
                                 "21 Nov",
                                 "21 Nov 1997",
                                 "21 Nov 1997 09",
                                 "21 Nov 1997 09:",
                                 "32 Jan 2000 00:00:00 +0000",
                                 "0 Jan 2000 00:00:00 +0000",
                                 "29 Feb 1900 00:00:00 +0000",
                                 "30 Feb 2000 00:00:00 +0000",
                                 "1 Foo 2000 00:00:00 +0000",
                                 "1 Jan 2000 24:00:00 +0000",
                                 "1 Jan 2000 00:60:00 +0000",
                                 "1 Jan 2000 00:00:61 +0000",
                                 "1 Jan 0 00:00:00 +0000",
                                 "1 Jan 20000 00:00:00 +0000",
                                 "111 Jan 2000 00:00:00 +0000",
                                 "yesterday",
                                 "(",
                                 "\"",
                                 "1 Jan 2000 999:00:00 +0000",
                                 "99999999999999999999 Jan 2000 00:00 +0000"}) {
        EXPECT_EQ(again(bad), "malformed") << bad;
    }
}

TEST(Date, Rfc5322Examples) {
    EXPECT_EQ(unix_of("Fri, 21 Nov 1997 09:55:06 -0600"), 880127706);
    EXPECT_EQ(unix_of("Thu, 13 Feb 1969 23:32:54 -0330"), -27723426);
    EXPECT_EQ(unix_of("Tue, 1 Jul 2003 10:52:37 +0200"), 1057049557);
    EXPECT_EQ(again("Thu,\r\n      13\r\n        Feb\r\n          1969\r\n      23:32\r\n"
                    "               -0330 (Newfoundland Time)"),
              "Thu, 13 Feb 1969 23:32:00 -0330");
    EXPECT_EQ(again("21 Nov 97 09:55:06 GMT"), "Fri, 21 Nov 1997 09:55:06 +0000");
    EXPECT_EQ(again("Fri, 21 Nov 1997 09(comment):   55  :  06 -0600"),
              "Fri, 21 Nov 1997 09:55:06 -0600");
}

// RFC 5322 §4.3
TEST(Date, ObsoleteYearsAndZones) {
    EXPECT_EQ(again("1 Jan 49 00:00 UT"), "Fri, 1 Jan 2049 00:00:00 +0000");
    EXPECT_EQ(again("1 Jan 50 00:00 EST"), "Sun, 1 Jan 1950 00:00:00 -0500");
    EXPECT_EQ(again("1 Jan 100 00:00 EDT"), "Sat, 1 Jan 2000 00:00:00 -0400");
    EXPECT_EQ(again("1 Jan 2000 00:00 CST"), "Sat, 1 Jan 2000 00:00:00 -0600");
    EXPECT_EQ(again("1 Jan 2000 00:00 mdt"), "Sat, 1 Jan 2000 00:00:00 -0600");
    EXPECT_EQ(again("1 Jan 2000 00:00 PST"), "Sat, 1 Jan 2000 00:00:00 -0800");
    for (std::string_view unknown : {"A", "z", "CEST", "-0000", ""}) {
        EXPECT_EQ(again("1 Jan 2000 00:00:00 " + std::string(unknown)),
                  "Sat, 1 Jan 2000 00:00:00 -0000")
            << unknown;
    }
}

TEST(Date, WhatRealMailWrites) {
    EXPECT_EQ(again("Fri Nov 21 09:55:06 1997"), "Fri, 21 Nov 1997 09:55:06 -0000");
    EXPECT_EQ(again("Fri Nov 21 09:55:06 EST 1997"), "Fri, 21 Nov 1997 09:55:06 -0500");
    EXPECT_EQ(again("Fri, 21 November 1997 9:55:06 +0100"), "Fri, 21 Nov 1997 09:55:06 +0100");
    EXPECT_EQ(again("21-Nov-1997 09:55:06 GMT+0100"), "Fri, 21 Nov 1997 09:55:06 +0100");
    EXPECT_EQ(again("Fri, 21 Nov 1997 09:55:06 +01:00"), "Fri, 21 Nov 1997 09:55:06 +0100");
    EXPECT_EQ(again("Mon, 21 Nov 1997 09:55:06 -0600"), "Fri, 21 Nov 1997 09:55:06 -0600");
    EXPECT_EQ(again("31 Dec 1998 23:59:60 +0000"), "Fri, 1 Jan 1999 00:00:00 +0000");
    EXPECT_EQ(again("Sat, 1 Jan 2000 00:00:00 +0099"), "Sat, 1 Jan 2000 00:00:00 -0000");
}

TEST(Date, LocalDateIgnoresUtc) {
    EXPECT_EQ(local_date(*parse_date_time("1 Jan 2000 00:30 +0100")), (CivilDate{2000, 1, 1}));
    EXPECT_EQ(local_date(*parse_date_time("31 Dec 1969 23:30 -0800")), (CivilDate{1969, 12, 31}));
}

TEST(Date, CalendarBothWays) {
    EXPECT_EQ(days_from_civil({1970, 1, 1}), 0);
    EXPECT_EQ(days_from_civil({2000, 2, 29}), 11016);
    EXPECT_EQ(days_from_civil({1900, 3, 1}), -25508);
    EXPECT_EQ(days_from_civil({9999, 12, 31}), 2932896);
    EXPECT_EQ(days_from_civil({1, 1, 1}), -719162);
    std::int64_t days = days_from_civil({1899, 12, 31});
    for (std::int32_t year = 1900; year <= 2401; ++year) {
        for (std::int32_t month = 1; month <= 12; ++month) {
            for (std::int32_t day = 1; day <= days_in_month(year, month); ++day) {
                ASSERT_EQ(civil_from_days(++days), (CivilDate{year, month, day}));
                ASSERT_EQ(days_from_civil({year, month, day}), days);
            }
        }
    }
}

TEST(InternalDate, MalformedIsRefused) {
    for (std::string_view bad :
         {"", "17-Jul-1996", "17-Jul-1996 02:44:25", "17-Jul-96 02:44:25 -0700",
          "17-July-1996 02:44:25 -0700", "32-Jul-1996 02:44:25 -0700", "17-Jul-1996 2:44:25 -0700",
          "17-Jul-1996 24:44:25 -0700", "17-Jul-1996 02:44:25 0700", "17-Jul-1996 02:44:25 -07000",
          "17-Jul-1996 02:44:25 -0760", "17 Jul 1996 02:44:25 -0700",
          "17-Jul-1996 02:44:-1 -0700"}) {
        EXPECT_FALSE(parse_internal_date(bad)) << bad;
    }
}

TEST(InternalDate, BothWays) {
    auto time = parse_internal_date("17-Jul-1996 02:44:25 -0700");
    ASSERT_TRUE(time);
    EXPECT_EQ(time->unix_seconds, 837596665);
    EXPECT_EQ(format_internal_date(*time), "17-Jul-1996 02:44:25 -0700");
    EXPECT_EQ(format_internal_date(*parse_internal_date("01-Feb-1994 00:00:00 +0530")),
              " 1-Feb-1994 00:00:00 +0530");
    EXPECT_EQ(format_internal_date({.zone_unknown = true}), " 1-Jan-1970 00:00:00 +0000");
}

TEST(ImapDate, BothWays) {
    EXPECT_EQ(parse_imap_date("1-Feb-1994"), (CivilDate{1994, 2, 1}));
    EXPECT_EQ(parse_imap_date("29-feb-2000"), (CivilDate{2000, 2, 29}));
    for (std::string_view bad :
         {"", "29-Feb-1999", "1-Feb-94", "1-2-1994", "1-Feb-1994 ", "0-Feb-1994"}) {
        EXPECT_FALSE(parse_imap_date(bad)) << bad;
    }
}

// RFC 3339 §5.8, and what §5.6 and §5.7 forbid.
TEST(Date, Timestamps) {
    auto unix_time = [](std::string_view text) {
        auto time = parse_timestamp(text);
        return time ? time->unix_seconds : -999;
    };
    EXPECT_EQ(unix_time("1985-04-12T23:20:50.52Z"), 482'196'050);
    EXPECT_EQ(unix_time("1996-12-19T16:39:57-08:00"), 851'042'397);
    EXPECT_EQ(unix_time("1990-12-31T23:59:60Z"), 662'688'000);
    EXPECT_EQ(unix_time("1990-12-31T15:59:60-08:00"), 662'688'000);
    EXPECT_EQ(unix_time("1937-01-01T12:00:27.87+00:20"), -1'041'337'173);
    EXPECT_EQ(unix_time("2024-02-29t00:00:00z"), 1'709'164'800);
    EXPECT_TRUE(parse_timestamp("1985-04-12T23:20:50-00:00")->zone_unknown);
    EXPECT_EQ(parse_timestamp("1996-12-19T16:39:57-08:00")->zone_minutes, -480);
    for (std::string_view bad : {"",
                                 "1985-04-12",
                                 "1985-04-12T23:20:50",
                                 "1985-04-12 23:20:50Z",
                                 "1985-04-12T23:20Z",
                                 "1985-04-12T23:20:50.Z",
                                 "1985-04-12T23:20:50,5Z",
                                 "1985-04-12T24:00:00Z",
                                 "1985-04-12T23:60:00Z",
                                 "1985-04-12T23:20:61Z",
                                 "1985-13-12T23:20:50Z",
                                 "1985-00-12T23:20:50Z",
                                 "1985-04-31T23:20:50Z",
                                 "1985-04-00T23:20:50Z",
                                 "2023-02-29T00:00:00Z",
                                 "0000-01-01T00:00:00Z",
                                 "1985-04-12T23:20:50+0100",
                                 "1985-04-12T23:20:50+24:00",
                                 "1985-04-12T23:20:50+01:60",
                                 "1985-04-12T23:20:50Zx",
                                 "85-04-12T23:20:50Z",
                                 "+985-04-12T23:20:50Z"}) {
        EXPECT_FALSE(parse_timestamp(bad)) << bad;
    }
}

}  // namespace postern::message
