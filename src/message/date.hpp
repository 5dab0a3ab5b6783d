// Dates of mail: the Date field (RFC 5322 §3.3, obsolete forms of §4.3), IMAP's INTERNALDATE and
// SEARCH dates (RFC 9051 §9), timestamps of protocols (RFC 3339). Own civil arithmetic on the
// proleptic Gregorian calendar; the C library's time zones are never asked. Pure functions;
// malformed text is fail_syntax.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.hpp"

namespace postern::message {

struct CivilDate {
    std::int32_t year = 1970;  // 1 to 9999 where it is parsed
    std::int32_t month = 1;    // 1 to 12
    std::int32_t day = 1;      // 1 to 31
    friend bool operator==(const CivilDate&, const CivilDate&) = default;
};

// Days since 1970-01-01 and back.
std::int64_t days_from_civil(CivilDate date);
CivilDate civil_from_days(std::int64_t days);
std::int32_t days_in_month(std::int32_t year, std::int32_t month);

struct DateTime {
    std::int64_t unix_seconds = 0;
    std::int32_t zone_minutes = 0;  // east of UTC
    bool zone_unknown = false;      // "-0000" or a zone nobody knows: the time is UTC (§3.3)
    friend bool operator==(const DateTime&, const DateTime&) = default;
};

// The date on the calendar of the time's own zone, as SEARCH SENTON compares (RFC 9051 §6.4.4).
CivilDate local_date(const DateTime& time);

// Comments, folding, missing seconds or day of week, two-digit years, names of zones, and the
// asctime() order some mailers write. A wrong day of week is ignored, everything else is checked.
Result<DateTime> parse_date_time(std::string_view text);
// "Fri, 21 Nov 1997 09:55:06 -0600"
std::string format_date_time(const DateTime& time);

// RFC 9051 §9 (date-time) without its double quotes: "17-Jul-1996 02:44:25 -0700".
Result<DateTime> parse_internal_date(std::string_view text);
std::string format_internal_date(const DateTime& time);

// RFC 3339 §5.6 (date-time): "1996-12-19T16:39:57.52-08:00", "…Z". A fraction of a second is
// dropped;
// "-00:00" is an unknown zone (§4.3).
Result<DateTime> parse_timestamp(std::string_view text);

// RFC 9051 §9 (date-text): "1-Feb-1994"
Result<CivilDate> parse_imap_date(std::string_view text);

}  // namespace postern::message
