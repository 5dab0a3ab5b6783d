// Escaped texts of JSON; see cells.hpp.
#include "console/cells.hpp"

#include <cstdio>

#include "base/ascii.hpp"
#include "base/utc_text.hpp"
#include "console/limits.hpp"

namespace postern::console {

Json parse_json(std::string_view text) {
    Json parsed = Json::parse(text, nullptr, /*allow_exceptions=*/false);
    return parsed.is_discarded() ? Json() : parsed;
}

std::string dump(const Json& json) {
    return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

const Json& member(const Json& object, const char* name) {
    static const Json nothing;
    return object.is_object() && object.contains(name) ? object[name] : nothing;
}

std::string cell(const Json& object, const char* name) {
    if (!object.is_object() || !object.contains(name)) return {};
    const Json& value = object[name];
    if (value.is_string()) return escape_for_log(value.get<std::string>());
    if (value.is_null()) return "-";
    if (value.is_boolean()) return value.get<bool>() ? "yes" : "";
    if (!value.is_array()) return dump(value);
    std::string joined;
    for (const Json& item : value) {
        if (!joined.empty()) joined += ", ";
        joined += item.is_string() ? escape_for_log(item.get<std::string>()) : dump(item);
    }
    return joined;
}

std::string shown_line(std::string_view line) {
    std::string out, part;
    for (std::size_t i = 0; i <= line.size(); ++i) {
        const bool is_mark = i < line.size() && (line[i] == '"' || line[i] == '\\');
        if (i < line.size() && !is_mark) {
            part += line[i];
            continue;
        }
        out += escape_for_log(part, line_bytes_max);
        part.clear();
        if (is_mark) out += line[i];
    }
    return out;
}

std::string text_of(const Json& object, const char* name) {
    const Json& value = member(object, name);
    return value.is_string() ? value.get<std::string>() : std::string();
}

std::uint64_t number_of(const Json& object, const char* name) {
    const Json& value = member(object, name);
    return value.is_number_unsigned() ? value.get<std::uint64_t>() : 0;
}

bool flag_of(const Json& object, const char* name) {
    const Json& value = member(object, name);
    return value.is_boolean() && value.get<bool>();
}

std::string format_size(std::uint64_t bytes) {
    constexpr std::string_view units = "KMGT";
    std::size_t unit = 0;
    double value = double(bytes);
    for (; value >= 10'000 && unit < units.size(); ++unit) value /= 1024;
    if (unit == 0) return std::to_string(bytes);
    char text[32];
    std::snprintf(text, sizeof text, "%.*f%c", value < 100 ? 1 : 0, value, units[unit - 1]);
    return text;
}

std::string format_time(std::int64_t seconds) {
    if (seconds <= 0) return {};
    return format_utc(seconds * 1'000).substr(0, std::string_view("2026-11-22 04:30").size());
}

}  // namespace postern::console
