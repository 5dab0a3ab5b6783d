// Names and files of segments; see segment.hpp.
#include "timeline/segment.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <memory>

#include "base/ascii.hpp"
#include "base/log.hpp"
#include "timeline/index.hpp"
#include "timeline/limits.hpp"

namespace postern::timeline {
namespace {

constexpr std::string_view log_suffix = ".log";
constexpr std::size_t read_bytes_max = segment_bytes_max + buffer_bytes_max + record_bytes_max;

// The digits before the next `end`, taken off.
std::optional<std::uint32_t> take_number(std::string_view& text, char end) {
    const std::size_t at = text.find(end);
    if (at == text.npos) return std::nullopt;
    const auto number = parse_decimal32(text.substr(0, at));
    text.remove_prefix(at + 1);
    return number;
}

std::optional<std::uint32_t> parse_day(std::uint32_t digits) {
    const std::chrono::year_month_day date{std::chrono::year(int(digits / 10'000)),
                                           std::chrono::month(digits / 100 % 100),
                                           std::chrono::day(digits % 100)};
    if (!date.ok()) return std::nullopt;
    const auto days = std::chrono::sys_days(date).time_since_epoch().count();
    if (days < 0) return std::nullopt;
    return std::uint32_t(days);
}

void remove_segment(const Segment& segment, Files& files) {
    files.remove(segment.path);
    files.remove(index_path(segment.path));
    log::info("timeline.expired", {{"segment", segment.path}, {"bytes", segment.bytes}});
}

}  // namespace

std::uint32_t day_of(WallTime time) {
    return std::uint32_t(std::max<std::int64_t>(0, time.unix_seconds()) / 86'400);
}

std::string format_segment_name(const SegmentName& name) {
    const std::chrono::year_month_day date{std::chrono::sys_days(std::chrono::days(name.day))};
    char text[64];
    std::snprintf(text, sizeof text, "%04d%02u%02u-%03u-%04u.log", int(date.year()),
                  unsigned(date.month()), unsigned(date.day()), name.shard, name.number);
    return text;
}

std::optional<SegmentName> parse_segment_name(std::string_view entry) {
    if (!entry.ends_with(log_suffix)) return std::nullopt;
    std::string_view rest = entry;
    const auto digits = take_number(rest, '-');
    const auto shard = take_number(rest, '-');
    const auto number = take_number(rest, '.');
    if (!digits || !shard || !number) return std::nullopt;
    const auto day = parse_day(*digits);
    if (!day) return std::nullopt;
    const SegmentName name{*day, *shard, *number};
    if (format_segment_name(name) != entry) return std::nullopt;
    return name;
}

std::string index_path(const std::string& path) {
    return path.substr(0, path.size() - log_suffix.size()) + ".idx";
}

std::vector<Segment> list_segments(const std::string& directory, Files& files) {
    std::vector<Segment> segments;
    for (const std::string& entry : files.list(directory)) {
        const auto name = parse_segment_name(entry);
        if (!name) continue;
        Segment segment{*name, directory + '/' + entry, 0};
        segment.bytes = files.bytes_of(segment.path) + files.bytes_of(index_path(segment.path));
        segments.push_back(std::move(segment));
    }
    std::ranges::sort(segments, {}, &Segment::name);
    return segments;
}

Result<std::string> read_segment(const std::string& path, std::uint64_t offset, Files& files) {
    const auto file = files.open(path);
    if (!file) return Failure(file.error());
    const std::uint64_t size = (*file)->bytes();
    std::string bytes(std::min<std::uint64_t>(size - std::min(size, offset), read_bytes_max), '\0');
    bytes.resize((*file)->read_at(bytes, offset));
    return bytes;
}

// Not synced: an index that a power cut damages is seen to be damaged, and made again.
Result<void> index_segment(const std::string& path, Files& files) {
    const auto bytes = read_segment(path, 0, files);
    if (!bytes) return Failure(bytes.error());
    return files.replace(index_path(path), build_index(*bytes));
}

void remove_expired(const std::string& directory, Keeping keeping, WallTime now, Files& files) {
    const std::vector<Segment> segments = list_segments(directory, files);
    std::uint64_t total = 0;
    for (const Segment& segment : segments) total += segment.bytes;
    const std::uint32_t today = day_of(now);
    for (const Segment& segment : segments) {
        if (segment.name.day >= today) break;
        const bool is_old = today - segment.name.day > keeping.days;
        if (!is_old && total <= keeping.bytes_max) break;
        total -= segment.bytes;
        remove_segment(segment, files);
    }
}

void index_missing(const std::string& directory, Files& files) {
    for (const Segment& segment : list_segments(directory, files)) {
        const Index index(index_path(segment.path), files);
        if (index.is_good() && index.covered() >= files.bytes_of(segment.path)) continue;
        const auto made = index_segment(segment.path, files);
        if (!made) {
            log::warning("timeline.not_indexed",
                         {{"segment", segment.path}, {"error", made.error()}});
        }
    }
}

}  // namespace postern::timeline
