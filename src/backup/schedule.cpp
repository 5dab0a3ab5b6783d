// See schedule.hpp.
#include "backup/schedule.hpp"

#include <ctime>

#include "base/ascii.hpp"

namespace postern::backup {
namespace {

constexpr std::uint32_t hour_minutes = 60;
constexpr std::uint32_t day_hours = limits::day_minutes / hour_minutes;

std::string two_digits(std::uint32_t number) {
    return {char('0' + number / 10), char('0' + number % 10)};
}

}  // namespace

std::optional<std::uint32_t> parse_minute(std::string_view text) {
    const std::size_t colon = text.find(':');
    const bool has_form =
        colon != std::string_view::npos && colon >= 1 && colon <= 2 && text.size() == colon + 3;
    if (!has_form) return std::nullopt;
    const auto hour = parse_decimal(text.substr(0, colon));
    const auto minute = parse_decimal(text.substr(colon + 1));
    if (!hour || !minute || *hour >= day_hours || *minute >= hour_minutes) return std::nullopt;
    return std::uint32_t(*hour * hour_minutes + *minute);
}

std::string format_minute(std::uint32_t minute) {
    return two_digits(minute / hour_minutes % day_hours) + ":" + two_digits(minute % hour_minutes);
}

bool is_due(std::uint32_t minute, std::int64_t last_s, std::int64_t now_s) {
    if (last_s > now_s) return true;
    const std::time_t now = now_s;
    std::tm day{};
    if (localtime_r(&now, &day) == nullptr) return false;
    day.tm_hour = int(minute / hour_minutes);
    day.tm_min = int(minute % hour_minutes);
    day.tm_sec = 0;
    day.tm_isdst = -1;
    std::tm yesterday = day;
    std::time_t moment = std::mktime(&day);
    if (moment > now) {
        --yesterday.tm_mday;
        moment = std::mktime(&yesterday);
    }
    return last_s < moment;
}

}  // namespace postern::backup
