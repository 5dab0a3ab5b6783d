// What POP3 has read; see retrieved_file.hpp.
#include "store/retrieved_file.hpp"

#include <algorithm>
#include <map>
#include <optional>

#include "base/ascii.hpp"
#include "store/checked_text.hpp"
#include "store/limits.hpp"

namespace postern::store {
namespace {

constexpr auto retrieved_what = "file of what POP3 has read";

// "5:9,12"
std::string format_ranges(const std::vector<std::uint32_t>& ascending) {
    std::string text;
    for (std::size_t i = 0; i < ascending.size();) {
        std::size_t last = i;
        while (last + 1 < ascending.size() && ascending[last + 1] == ascending[last] + 1) ++last;
        if (!text.empty()) text += ',';
        text += std::to_string(ascending[i]);
        if (last > i) text += ':' + std::to_string(ascending[last]);
        i = last + 1;
    }
    return text;
}

// One range of the text, which is advanced behind it and its comma.
std::optional<std::pair<std::uint32_t, std::uint32_t>> take_range(std::string_view& text) {
    auto range = text.substr(0, text.find(','));
    text.remove_prefix(std::min(text.size(), range.size() + 1));
    auto colon = range.find(':');
    auto first = parse_decimal32(range.substr(0, colon));
    auto last = colon == range.npos ? first : parse_decimal32(range.substr(colon + 1));
    if (!first || !last || *first == 0 || *last < *first) return std::nullopt;
    return std::pair(*first, *last);
}

// "20779 5:9,12" into the map; false when it makes no sense or goes beyond what a mailbox holds.
bool read_day(std::string_view line, Retrieved& into) {
    auto space = line.find(' ');
    auto day = parse_decimal32(line.substr(0, space));
    if (!day || space == line.npos) return false;
    for (std::string_view rest = line.substr(space + 1); !rest.empty();) {
        auto range = take_range(rest);
        if (!range || range->second - range->first >= messages_max) return false;
        if (into.entries.size() > messages_max) return false;
        for (std::uint64_t uid = range->first; uid <= range->second; ++uid) {
            into.entries.push_back({std::uint32_t(uid), *day});
        }
    }
    return true;
}

}  // namespace

std::string format_retrieved(const Retrieved& retrieved) {
    std::map<std::uint32_t, std::vector<std::uint32_t>> by_day;
    for (const auto& [uid, day] : retrieved.entries) by_day[day].push_back(uid);
    std::string text =
        "postern-retrieved 1\nuid_validity " + std::to_string(retrieved.uid_validity) + '\n';
    for (const auto& [day, uids] : by_day) {
        text += "day " + std::to_string(day) + ' ' + format_ranges(uids) + '\n';
    }
    return with_checksum(std::move(text));
}

Result<Retrieved> parse_retrieved(std::string_view text) {
    auto lines = checked_lines(text);
    if (!lines) return fail_internal(ErrorCode::corrupt, retrieved_what);
    auto version = take_value(*lines, "postern-retrieved");
    auto uid_validity = take_number(*lines, "uid_validity", max32);
    if (version != "1" || !uid_validity) return fail_internal(ErrorCode::corrupt, retrieved_what);
    Retrieved retrieved;
    retrieved.uid_validity = static_cast<std::uint32_t>(*uid_validity);
    while (!lines->empty()) {
        auto day = take_value(*lines, "day");
        if (!day || !read_day(*day, retrieved)) {
            return fail_internal(ErrorCode::corrupt, retrieved_what);
        }
    }
    auto& entries = retrieved.entries;
    std::ranges::stable_sort(entries, {}, &Retrieved::Entry::uid);
    auto again = std::ranges::unique(entries, {}, &Retrieved::Entry::uid);
    entries.erase(again.begin(), again.end());
    return retrieved;
}

std::vector<std::uint32_t> expired(const Retrieved& retrieved, std::uint32_t days,
                                   std::int64_t now_s) {
    std::vector<std::uint32_t> uids;
    for (const auto& [uid, day] : retrieved.entries) {
        // The day itself may have been nearly over or just begun: it does not count.
        const std::int64_t end_s = (std::int64_t{day} + 1 + days) * day_s;
        if (days == 0 || now_s >= end_s) uids.push_back(uid);
    }
    return uids;
}

}  // namespace postern::store
