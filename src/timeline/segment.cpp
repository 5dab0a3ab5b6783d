// Names and files of segments; see segment.hpp.
#include "timeline/segment.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <filesystem>

#include "base/ascii.hpp"
#include "base/log.hpp"
#include "timeline/blocking_file.hpp"
#include "timeline/index.hpp"
#include "timeline/limits.hpp"

namespace postern::timeline {
namespace {

constexpr std::string_view log_suffix = ".log";
constexpr std::size_t read_bytes_max = segment_bytes_max + buffer_bytes_max + record_bytes_max;

std::uint64_t file_bytes(const std::string& path) {
    std::error_code problem;
    const auto bytes = std::filesystem::file_size(path, problem);
    return problem ? 0 : bytes;
}

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

void remove_segment(const Segment& segment) {
    ::unlink(segment.path.c_str());
    ::unlink(index_path(segment.path).c_str());
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

std::vector<Segment> list_segments(const std::string& directory) {
    std::vector<Segment> segments;
    std::error_code problem;
    for (const auto& entry : std::filesystem::directory_iterator(directory, problem)) {
        const auto name = parse_segment_name(entry.path().filename().string());
        if (!name) continue;
        Segment segment{*name, entry.path().string(), 0};
        segment.bytes = file_bytes(segment.path) + file_bytes(index_path(segment.path));
        segments.push_back(std::move(segment));
    }
    std::ranges::sort(segments, {}, &Segment::name);
    return segments;
}

Result<std::string> read_segment(const std::string& path, std::uint64_t offset) {
    const BlockingFile file(path, O_RDONLY);
    struct stat status{};
    if (!file.is_open() || ::fstat(file.fd(), &status) != 0) {
        return fail_errno(errno, "open segment");
    }
    const auto size = std::uint64_t(status.st_size);
    std::string bytes(std::min<std::uint64_t>(size - std::min(size, offset), read_bytes_max), '\0');
    bytes.resize(file.read_at(bytes, offset));
    return bytes;
}

// Not synced: an index that a power cut damages is seen to be damaged, and made again.
Result<void> index_segment(const std::string& path) {
    const auto bytes = read_segment(path, 0);
    if (!bytes) return Failure(bytes.error());
    const std::string place = index_path(path);
    const std::string draft = place + ".tmp";
    {
        const BlockingFile file(draft, O_WRONLY | O_CREAT | O_TRUNC);
        if (!file.is_open() || !file.write(build_index(*bytes))) {
            return fail_errno(errno, "write index");
        }
    }
    if (::rename(draft.c_str(), place.c_str()) != 0) return fail_errno(errno, "rename index");
    return {};
}

void remove_expired(const std::string& directory, Keeping keeping, WallTime now) {
    const std::vector<Segment> segments = list_segments(directory);
    std::uint64_t total = 0;
    for (const Segment& segment : segments) total += segment.bytes;
    const std::uint32_t today = day_of(now);
    for (const Segment& segment : segments) {
        if (segment.name.day >= today) break;
        const bool is_old = today - segment.name.day > keeping.days;
        if (!is_old && total <= keeping.bytes_max) break;
        total -= segment.bytes;
        remove_segment(segment);
    }
}

void index_missing(const std::string& directory) {
    for (const Segment& segment : list_segments(directory)) {
        const Index index(index_path(segment.path));
        if (index.is_good() && index.covered() >= file_bytes(segment.path)) continue;
        const auto made = index_segment(segment.path);
        if (!made) {
            log::warning("timeline.not_indexed",
                         {{"segment", segment.path}, {"error", made.error()}});
        }
    }
}

}  // namespace postern::timeline
