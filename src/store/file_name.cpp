// Names of message files; see file_name.hpp.
#include "store/file_name.hpp"

#include <algorithm>
#include <bit>
#include <cstddef>

#include "base/ascii.hpp"
#include "base/hex.hpp"

namespace postern::store {
namespace {

// By bit of the packed flags.
constexpr std::string_view flag_letters =
    "DFPRST"
    "abcdefghijklmnopqrstuvwxyz"
    "0123456789"
    "ABCEGHIJKLMNOQUVWXYZ"
    "+-";
static_assert(flag_letters.size() == name_keywords_shift + keywords_max);
constexpr std::uint64_t foreign_flags = 0xffff'ffff;  // DFPRST, a-z

std::uint64_t bit_of(char letter) {
    const auto at = flag_letters.find(letter);
    return at == std::string_view::npos ? 0 : std::uint64_t{1} << at;
}

std::string format_base(const FileName& name) {
    return std::to_string(name.date_s) + ".R" + format_hex(name.unique, 16) + ".p" +
           format_hex(name.tag, 8) + ",S=" + std::to_string(name.size_bytes) +
           ",U=" + std::to_string(name.uid);
}

std::uint64_t parse_flags(std::string_view letters) {
    std::uint64_t packed = 0;
    for (char c : letters) packed |= bit_of(c);
    return packed;
}

// The part of `text` before `mark`; `text` is advanced behind it.
std::optional<std::string_view> take_until(std::string_view& text, std::string_view mark) {
    auto at = text.find(mark);
    if (at == std::string_view::npos) return std::nullopt;
    auto part = text.substr(0, at);
    text.remove_prefix(at + mark.size());
    return part;
}

std::optional<FileName> parse_ours(std::string_view base) {
    std::string_view rest = base;
    auto date = take_until(rest, ".R");
    auto unique = take_until(rest, ".p");
    auto tag = take_until(rest, ",S=");
    auto size = take_until(rest, ",U=");
    if (!date || !unique || !tag || !size) return std::nullopt;
    auto date_s = parse_decimal32(*date);
    auto unique_value = parse_hex(*unique);
    auto tag_value = parse_hex(*tag);
    auto size_bytes = parse_decimal32(*size);
    auto uid = parse_decimal32(rest);
    if (!date_s || !unique_value || !tag_value || !size_bytes || !uid || *uid == 0) {
        return std::nullopt;
    }
    FileName name{*date_s, *unique_value, static_cast<std::uint32_t>(*tag_value), *size_bytes,
                  *uid};
    if (format_base(name) != base) return std::nullopt;
    return name;
}

}  // namespace

std::string_view directory_name(Place place) {
    return place == Place::fresh ? "new" : "cur";
}

std::string format_file_path(const FileName& name, Place place, std::uint64_t packed) {
    std::string path(directory_name(place));
    path += '/' + format_base(name);
    if (place == Place::fresh) return path;
    path += ":2,";
    const auto flags_at = static_cast<std::ptrdiff_t>(path.size());
    for (; packed != 0; packed &= packed - 1) {
        path.push_back(flag_letters[static_cast<std::size_t>(std::countr_zero(packed))]);
    }
    std::sort(path.begin() + flags_at, path.end());
    return path;
}

std::optional<ParsedFileName> parse_file_name(std::string_view entry) {
    if (entry.empty() || entry[0] == '.') return std::nullopt;
    ParsedFileName parsed;
    auto info = entry.find(":2,");
    auto base = entry.substr(0, info);
    if (info != std::string_view::npos) parsed.flags = parse_flags(entry.substr(info + 3));
    parsed.ours = parse_ours(base);
    if (!parsed.ours) parsed.flags &= foreign_flags;
    parsed.date_s = parse_decimal32(base.substr(0, base.find('.')));
    return parsed;
}

}  // namespace postern::store
