// Small text files with a checksum in their last line, as state_file.hpp and retrieved_file.hpp
// describe them: "key value" lines, then "crc32c 5d1e2a3b" over all of them. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace postern::store {

inline constexpr std::uint64_t max32 = 0xffff'ffff;

std::string with_checksum(std::string text);
// The lines above the checksum, if it is right.
std::optional<std::string_view> checked_lines(std::string_view text);
// The value of "key value\n" at the start of `lines`, which is advanced; nothing for another key.
std::optional<std::string_view> take_value(std::string_view& lines, std::string_view key);
std::optional<std::uint64_t> take_number(std::string_view& lines, std::string_view key,
                                         std::uint64_t max);

}  // namespace postern::store
