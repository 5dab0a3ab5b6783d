// Text with a checksum; see checked_text.hpp.
#include "store/checked_text.hpp"

#include "base/ascii.hpp"
#include "base/checksum.hpp"
#include "base/hex.hpp"

namespace postern::store {

std::string with_checksum(std::string text) {
    return text + "crc32c " + format_hex(crc32c(text), 8) + '\n';
}

// The lines above the checksum, if it is right.
std::optional<std::string_view> checked_lines(std::string_view text) {
    constexpr std::size_t checksum_bytes = 7 + 8 + 1;
    if (text.size() < checksum_bytes) return std::nullopt;
    auto lines = text.substr(0, text.size() - checksum_bytes);
    if (with_checksum(std::string(lines)) != text) return std::nullopt;
    return lines;
}

// "key value\n" at the start of `lines`, which is advanced.
std::optional<std::string_view> take_value(std::string_view& lines, std::string_view key) {
    if (!lines.starts_with(key)) return std::nullopt;
    lines.remove_prefix(key.size());
    auto end = lines.find('\n');
    if (end == std::string_view::npos || lines[0] != ' ') return std::nullopt;
    auto value = lines.substr(1, end - 1);
    lines.remove_prefix(end + 1);
    return value;
}

std::optional<std::uint64_t> take_number(std::string_view& lines, std::string_view key,
                                         std::uint64_t max) {
    auto value = take_value(lines, key);
    if (!value) return std::nullopt;
    auto number = parse_decimal(*value);
    return number && *number <= max ? number : std::nullopt;
}

}  // namespace postern::store
