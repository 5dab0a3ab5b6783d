// When backups are made by themselves, and how long they are kept. Pure but for the time zone of
// the process.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "backup/limits.hpp"

namespace postern::backup {

// Days and months count back from the latest backup, whatever the clock says.
struct Keeping {
    std::uint32_t days = limits::keep_days;      // all of these
    std::uint32_t months = limits::keep_months;  // of each the last
    bool operator==(const Keeping&) const = default;
};

struct Schedule {
    std::uint32_t minute = limits::nightly_minute;  // of the day, in the machine's time zone
    Keeping keep;
    bool operator==(const Schedule&) const = default;
};

// "03:00"; nothing for what is no time of the day.
std::optional<std::uint32_t> parse_minute(std::string_view text);
std::string format_minute(std::uint32_t minute);

// Whether one has been missed: the last was before the latest such minute. A machine that was off
// at that minute makes up for it. A last one that lies ahead was noted by a wrong clock.
bool is_due(std::uint32_t minute, std::int64_t last_s, std::int64_t now_s);

}  // namespace postern::backup
