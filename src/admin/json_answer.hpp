// Requests and answers of the control protocol as JSON, for the commands that are tasks on shards.
// Only for source files: the header of the library is a large one.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace postern::admin {

using Json = nlohmann::ordered_json;

inline Json fine() {
    return Json{{"ok", true}};
}
inline Json sorry(std::string_view text) {
    return Json{{"ok", false}, {"error", text}};
}
// Whatever bytes are in it: what is not UTF-8 is replaced.
inline std::string line_of(const Json& json) {
    return json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

// The command of a request; empty: it is no request.
inline std::string command_of(std::string_view line) {
    const Json request = Json::parse(line, nullptr, /*allow_exceptions=*/false);
    if (!request.is_object() || !request.contains("command")) return {};
    const Json& command = request["command"];
    return command.is_string() ? command.get<std::string>() : std::string();
}

}  // namespace postern::admin
