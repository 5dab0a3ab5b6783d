// Date syntax and calendar arithmetic; see date.hpp. RFC 5322 §3.3, §4.3; RFC 9051 §9.
#include "message/date.hpp"

#include <algorithm>
#include <array>
#include <optional>

#include "base/ascii.hpp"
#include "message/lexer.hpp"
#include "message/limits.hpp"

namespace postern::message {
namespace {

constexpr std::int64_t day_s = 86'400;
constexpr std::int32_t year_max = 9999;
constexpr std::array<std::string_view, 7> day_names = {"Sun", "Mon", "Tue", "Wed",
                                                       "Thu", "Fri", "Sat"};
constexpr std::array<std::string_view, 12> month_names = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                          "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

struct Zone {
    std::string_view name;
    std::int32_t minutes;
};
// RFC 5322 §4.3 (obs-zone); "UTC" is no RFC's name for it but everybody's.
constexpr std::array<Zone, 11> zones = {{{"UT", 0},
                                         {"GMT", 0},
                                         {"UTC", 0},
                                         {"EST", -300},
                                         {"EDT", -240},
                                         {"CST", -360},
                                         {"CDT", -300},
                                         {"MST", -420},
                                         {"MDT", -360},
                                         {"PST", -480},
                                         {"PDT", -420}}};

std::int64_t floor_divide(std::int64_t a, std::int64_t b) {
    return a / b - (a % b != 0 && (a < 0) != (b < 0) ? 1 : 0);
}

bool is_leap(std::int32_t year) {
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

// The first three letters decide: "Sept" and "September" are read too.
std::optional<std::int32_t> month_number(std::string_view word) {
    for (std::size_t i = 0; i < month_names.size(); ++i) {
        if (istarts_with(word, month_names[i])) return std::int32_t(i + 1);
    }
    return std::nullopt;
}

bool is_day_name(std::string_view word) {
    return std::any_of(day_names.begin(), day_names.end(),
                       [&](std::string_view name) { return istarts_with(word, name); });
}

std::string two_digits(std::int64_t value) {
    return {char('0' + value / 10 % 10), char('0' + value % 10)};
}

std::string four_digits(std::int64_t value) {
    return two_digits(value / 100) + two_digits(value % 100);
}

struct Clock {
    std::int32_t hour = 0, minute = 0, second = 0;
};

// Checks the ranges of RFC 5322 §3.3; a leap second counts as the second after it.
Result<DateTime> make_date_time(CivilDate date, Clock clock, std::int32_t zone_minutes) {
    if (date.year < 1 || date.year > year_max) return fail_syntax("year");
    if (date.month < 1 || date.month > 12) return fail_syntax("month");
    if (date.day < 1 || date.day > days_in_month(date.year, date.month)) return fail_syntax("day");
    if (clock.hour > 23 || clock.minute > 59 || clock.second > 60) return fail_syntax("time");
    bool beyond = clock.second == 60 && date == CivilDate{year_max, 12, 31};
    if (beyond) return fail_syntax("year");
    DateTime time;
    time.zone_minutes = zone_minutes;
    time.unix_seconds = days_from_civil(date) * day_s + clock.hour * 3600 + clock.minute * 60 +
                        clock.second - zone_minutes * 60;
    return time;
}

// One read of a Date field.
class DateParser {
 public:
    explicit DateParser(std::string_view text) : in_(text) {}
    Result<DateTime> run();

 private:
    bool take_number(std::int32_t& value, std::size_t digits_max);
    std::string_view take_word();
    Result<void> take_date();
    Result<void> take_time();
    Result<void> take_year();
    void take_zone();
    void take_numeric_zone(char sign);
    void skip_separators();

    Lexer in_;
    CivilDate date_;
    Clock clock_;
    std::int32_t zone_minutes_ = 0;
    bool zone_unknown_ = true;
    bool asctime_ = false;  // "Nov 21 09:55:06 1997": the year comes last
};

void DateParser::skip_separators() {
    while (in_.skip_cfws() || in_.take(',')) {
    }
}

bool DateParser::take_number(std::int32_t& value, std::size_t digits_max) {
    in_.skip_cfws();
    std::string_view digits = in_.take_while(is_ascii_digit);
    if (digits.empty() || digits.size() > digits_max) return false;
    value = std::int32_t(*parse_decimal32(digits));
    return true;
}

std::string_view DateParser::take_word() {
    skip_separators();
    return in_.take_while(is_ascii_alpha);
}

// RFC 5322 §4.3: two digits are 2000-2049 and 1950-1999, three digits are years since 1900.
Result<void> DateParser::take_year() {
    skip_separators();
    std::size_t start = in_.position();
    if (!take_number(date_.year, 4)) return fail_syntax("year");
    std::size_t digits = in_.position() - start;
    if (digits < 2) return fail_syntax("year");
    if (digits == 2) date_.year += date_.year < 50 ? 2000 : 1900;
    if (digits == 3) date_.year += 1900;
    return {};
}

Result<void> DateParser::take_date() {
    skip_separators();
    std::string_view word = take_word();
    if (is_day_name(word)) {
        in_.take('.');
        word = take_word();
    }
    auto month = month_number(word);
    if (!word.empty() && !month) return fail_syntax("day name");
    asctime_ = month.has_value();
    skip_separators();
    if (!take_number(date_.day, 2)) return fail_syntax("day");
    if (!asctime_) {
        skip_separators();
        in_.take('-');
        month = month_number(take_word());
        if (!month) return fail_syntax("month");
    }
    date_.month = *month;
    in_.take('.');
    in_.take('-');
    return asctime_ ? Result<void>() : take_year();
}

// RFC 5322 §4.3: white space and comments may stand around the colons; one digit is forgiven.
Result<void> DateParser::take_time() {
    skip_separators();
    if (!take_number(clock_.hour, 2)) return fail_syntax("hour");
    in_.skip_cfws();
    if (!in_.take(':') && !in_.take('.')) return fail_syntax("time");
    if (!take_number(clock_.minute, 2)) return fail_syntax("minute");
    in_.skip_cfws();
    if (in_.take(':') || in_.take('.')) {
        if (!take_number(clock_.second, 2)) return fail_syntax("second");
    }
    return {};
}

// "+hhmm", "+hh:mm" as ISO 8601 writes it, "+hh".
void DateParser::take_numeric_zone(char sign) {
    std::string_view digits = in_.take_while(is_ascii_digit);
    std::string joined(digits);
    if (digits.size() <= 2 && in_.take(':')) joined += in_.take_while(is_ascii_digit);
    if (joined.size() == 2) joined += "00";
    if (joined.size() != 4) return;
    std::int32_t value = std::int32_t(*parse_decimal32(joined));
    if (value % 100 > 59) return;
    zone_minutes_ = (value / 100 * 60 + value % 100) * (sign == '-' ? -1 : 1);
    zone_unknown_ = sign == '-' && value == 0;
}

// RFC 5322 §4.3: a zone nobody knows, military letters included, is -0000.
void DateParser::take_zone() {
    skip_separators();
    std::string_view name = in_.take_while(is_ascii_alpha);
    auto known = std::find_if(zones.begin(), zones.end(),
                              [&](const Zone& zone) { return iequals(zone.name, name); });
    if (known != zones.end()) {
        zone_minutes_ = known->minutes;
        zone_unknown_ = false;
    }
    in_.skip_cfws();
    bool may_follow = name.empty() || (known != zones.end() && known->minutes == 0);
    if (may_follow && in_.at('+')) {  // "GMT+0100" too
        in_.skip_one();
        take_numeric_zone('+');
    } else if (may_follow && in_.at('-')) {
        in_.skip_one();
        take_numeric_zone('-');
    }
}

Result<DateTime> DateParser::run() {
    if (auto taken = take_date(); !taken) return Failure(taken.error());
    if (auto taken = take_time(); !taken) return Failure(taken.error());
    if (asctime_) {
        skip_separators();
        if (!in_.at_end() && !is_ascii_digit(in_.current())) take_zone();
        if (auto taken = take_year(); !taken) return Failure(taken.error());
    }
    if (zone_unknown_) take_zone();
    auto time = make_date_time(date_, clock_, zone_minutes_);
    if (time) time->zone_unknown = zone_unknown_;
    return time;
}

Result<CivilDate> take_imap_date(Lexer& in) {
    CivilDate date;
    auto day = parse_decimal32(in.take_while(is_ascii_digit));
    bool ok = day && *day <= 31 && in.take('-');
    std::string_view name = in.take_while(is_ascii_alpha);
    auto month = month_number(name);
    ok = ok && name.size() == 3 && month && in.take('-');
    std::string_view digits = in.take_while(is_ascii_digit);
    if (!ok || digits.size() != 4) return fail_syntax("date");
    date = {std::int32_t(*parse_decimal32(digits)), *month, std::int32_t(*day)};
    bool exists = date.year >= 1 && date.day >= 1 && date.day <= days_in_month(date.year, *month);
    if (!exists) return fail_syntax("date");
    return date;
}

}  // namespace

// Eras of 400 years that begin on 1 March.
std::int64_t days_from_civil(CivilDate date) {
    std::int64_t year = date.year - (date.month <= 2 ? 1 : 0);
    std::int64_t era = floor_divide(year, 400);
    std::int64_t year_of_era = year - era * 400;
    std::int64_t day_of_year =
        (153 * (date.month + (date.month > 2 ? -3 : 9)) + 2) / 5 + date.day - 1;
    std::int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * 146'097 + day_of_era - 719'468;
}

CivilDate civil_from_days(std::int64_t days) {
    days += 719'468;
    std::int64_t era = floor_divide(days, 146'097);
    std::int64_t day_of_era = days - era * 146'097;
    std::int64_t year_of_era =
        (day_of_era - day_of_era / 1'460 + day_of_era / 36'524 - day_of_era / 146'096) / 365;
    std::int64_t day_of_year =
        day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    std::int64_t shifted = (5 * day_of_year + 2) / 153;
    std::int64_t month = shifted + (shifted < 10 ? 3 : -9);
    std::int64_t year = year_of_era + era * 400 + (month <= 2 ? 1 : 0);
    return {std::int32_t(year), std::int32_t(month),
            std::int32_t(day_of_year - (153 * shifted + 2) / 5 + 1)};
}

std::int32_t days_in_month(std::int32_t year, std::int32_t month) {
    constexpr std::array<std::int32_t, 12> days = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    if (month < 1 || month > 12) return 0;
    return days[std::size_t(month - 1)] + (month == 2 && is_leap(year) ? 1 : 0);
}

CivilDate local_date(const DateTime& time) {
    return civil_from_days(floor_divide(time.unix_seconds + time.zone_minutes * 60, day_s));
}

Result<DateTime> parse_date_time(std::string_view text) {
    return DateParser(text.substr(0, field_bytes_max)).run();
}

namespace {

std::string format_clock(std::int64_t seconds_of_day) {
    return two_digits(seconds_of_day / 3600) + ":" + two_digits(seconds_of_day / 60 % 60) + ":" +
           two_digits(seconds_of_day % 60);
}

std::string format_zone(const DateTime& time) {
    std::int32_t minutes = time.zone_minutes;
    bool west = minutes < 0 || time.zone_unknown;
    if (minutes < 0) minutes = -minutes;
    return (west ? "-" : "+") + two_digits(minutes / 60) + two_digits(minutes % 60);
}

struct LocalTime {
    std::int64_t days;
    std::int64_t seconds_of_day;
};

LocalTime local_time(const DateTime& time) {
    std::int64_t seconds = time.unix_seconds + time.zone_minutes * 60;
    std::int64_t days = floor_divide(seconds, day_s);
    return {days, seconds - days * day_s};
}

}  // namespace

std::string format_date_time(const DateTime& time) {
    auto [days, seconds_of_day] = local_time(time);
    CivilDate date = civil_from_days(days);
    std::int64_t weekday = (days + 4) - floor_divide(days + 4, 7) * 7;  // 1970-01-01: Thursday
    std::string out(day_names[std::size_t(weekday)]);
    out += ", " + std::to_string(date.day) + " ";
    out += month_names[std::size_t(date.month - 1)];
    return out + " " + four_digits(date.year) + " " + format_clock(seconds_of_day) + " " +
           format_zone(time);
}

std::string format_internal_date(const DateTime& time) {
    auto [days, seconds_of_day] = local_time(time);
    CivilDate date = civil_from_days(days);
    std::string out = date.day < 10 ? " " + std::to_string(date.day) : std::to_string(date.day);
    out += "-";
    out += month_names[std::size_t(date.month - 1)];
    DateTime known = time;
    known.zone_unknown = false;
    return out + "-" + four_digits(date.year) + " " + format_clock(seconds_of_day) + " " +
           format_zone(known);
}

// date-time = DQUOTE date-day-fixed "-" date-month "-" date-year SP time SP zone DQUOTE
Result<DateTime> parse_internal_date(std::string_view text) {
    while (text.starts_with(' ')) text.remove_prefix(1);  // date-day-fixed: " 1" or "01"
    Lexer in(text);
    auto date = take_imap_date(in);
    if (!date) return Failure(date.error());
    std::string_view rest = in.rest();
    if (rest.size() != 15 || rest[0] != ' ' || rest[3] != ':' || rest[6] != ':' || rest[9] != ' ' ||
        (rest[10] != '+' && rest[10] != '-')) {
        return fail_syntax("date-time");
    }
    auto hour = parse_decimal32(rest.substr(1, 2)), minute = parse_decimal32(rest.substr(4, 2));
    auto second = parse_decimal32(rest.substr(7, 2)), zone = parse_decimal32(rest.substr(11, 4));
    if (!hour || !minute || !second || !zone || *zone % 100 > 59) return fail_syntax("date-time");
    std::int32_t minutes = std::int32_t(*zone / 100 * 60 + *zone % 100);
    Clock clock{std::int32_t(*hour), std::int32_t(*minute), std::int32_t(*second)};
    return make_date_time(*date, clock, rest[10] == '-' ? -minutes : minutes);
}

namespace {

// time-offset = "Z" / ("+" / "-") time-hour ":" time-minute; in minutes
std::optional<std::int32_t> parse_offset(std::string_view text) {
    if (text == "Z" || text == "z") return 0;
    if (text.size() != 6 || (text[0] != '+' && text[0] != '-') || text[3] != ':') {
        return std::nullopt;
    }
    auto hours = parse_decimal32(text.substr(1, 2)), minutes = parse_decimal32(text.substr(4, 2));
    if (!hours || !minutes || *hours > 23 || *minutes > 59) return std::nullopt;
    const auto offset = std::int32_t(*hours * 60 + *minutes);
    return text[0] == '-' ? -offset : offset;
}

}  // namespace

// full-date "T" partial-time time-offset
Result<DateTime> parse_timestamp(std::string_view text) {
    constexpr std::string_view form = "dddd-dd-ddtdd:dd:dd";
    bool fits = text.size() > form.size();
    for (std::size_t i = 0; fits && i < form.size(); ++i) {
        fits = form[i] == 'd' ? is_ascii_digit(text[i]) : (text[i] | 0x20) == (form[i] | 0x20);
    }
    if (!fits) return fail_syntax("timestamp");
    auto number = [text](std::size_t at, std::size_t digits) {
        return std::int32_t(parse_decimal32(text.substr(at, digits)).value_or(0));
    };
    const CivilDate date{number(0, 4), number(5, 2), number(8, 2)};
    const Clock clock{number(11, 2), number(14, 2), number(17, 2)};
    std::string_view rest = text.substr(form.size());
    if (rest.starts_with('.')) {
        rest.remove_prefix(1);
        const std::size_t digits = std::min(rest.find_first_not_of("0123456789"), rest.size());
        if (digits == 0) return fail_syntax("timestamp");
        rest.remove_prefix(digits);
    }
    const auto offset = parse_offset(rest);
    const bool exists = date.year >= 1 && date.month >= 1 && date.month <= 12 && date.day >= 1 &&
                        date.day <= days_in_month(date.year, date.month);
    if (!offset || !exists) return fail_syntax("timestamp");
    auto time = make_date_time(date, clock, *offset);
    if (time && rest == "-00:00") time->zone_unknown = true;
    return time;
}

// date-text = date-day "-" date-month "-" date-year
Result<CivilDate> parse_imap_date(std::string_view text) {
    Lexer in(text);
    auto date = take_imap_date(in);
    if (date && !in.at_end()) return fail_syntax("text after the date");
    return date;
}

}  // namespace postern::message
