// Members of the daemon's answers as they are shown: everything escaped, whoever chose it, so that
// nothing reaches a terminal as a control sequence. Pure. Unknown members are ignored, missing ones
// are empty. Only for source files: the header of the JSON library is a large one.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace postern::console {

using Json = nlohmann::ordered_json;

// Null for what cannot be parsed.
Json parse_json(std::string_view text);
// Whatever bytes are in it: what is not UTF-8 is replaced.
std::string dump(const Json& json);

// Null when there is no such member.
const Json& member(const Json& object, const char* name);
// Texts escaped, numbers in digits, true as "yes", lists joined with commas, null as "-".
std::string cell(const Json& object, const char* name);
// A line of the log: escaped for terminals, its own quotes and backslashes left alone.
std::string shown_line(std::string_view line);
std::string text_of(const Json& object, const char* name);  // "" when it is no text; not escaped
std::uint64_t number_of(const Json& object, const char* name);  // 0 when it is none
bool flag_of(const Json& object, const char* name);

// "12345", "1.2M": in units of 1024.
std::string format_size(std::uint64_t bytes);
// Unix seconds as "2026-11-22 04:30" in UTC; nothing for 0 and less.
std::string format_time(std::int64_t seconds);

}  // namespace postern::console
