// See utc_text.hpp.
#include "base/utc_text.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>

namespace postern {

std::string format_utc(std::int64_t unix_ms, char between) {
    const std::chrono::milliseconds time{std::max<std::int64_t>(0, unix_ms)};
    const auto day = std::chrono::floor<std::chrono::days>(time);
    const std::chrono::year_month_day date{std::chrono::sys_days(day)};
    const std::chrono::hh_mm_ss clock{time - day};
    char text[48];
    std::snprintf(text, sizeof text, "%04d-%02u-%02u%c%02d:%02d:%02d.%03d", int(date.year()),
                  unsigned(date.month()), unsigned(date.day()), between, int(clock.hours().count()),
                  int(clock.minutes().count()), int(clock.seconds().count()),
                  int(clock.subseconds().count()));
    return text;
}

}  // namespace postern
