// Lines that are asked for; see log_control.hpp.
#include "admin/log_control.hpp"

#include <algorithm>

#include "admin/json_answer.hpp"
#include "admin/limits.hpp"
#include "base/ascii.hpp"

namespace postern::admin {

bool is_log_request(std::string_view line) {
    return command_of(line) == "log.tail";
}

std::string answer_log_request(std::string_view line, const std::vector<std::string>& lines) {
    const Json request = Json::parse(line, nullptr, /*allow_exceptions=*/false);
    std::string contains;
    std::size_t limit = log_lines_listed_max;
    for (const auto& [name, value] : request.items()) {
        if (name == "contains" && value.is_string()) {
            contains = value.get<std::string>();
        } else if (name == "limit" && value.is_number_unsigned()) {
            limit = std::min(limit, value.get<std::size_t>());
        } else if (name != "command") {
            return line_of(sorry("log.tail: bad field \"" + escape_for_log(name) + "\""));
        }
    }
    std::vector<std::string> chosen;
    for (auto at = lines.rbegin(); at != lines.rend() && chosen.size() < limit; ++at) {
        if (at->contains(contains)) chosen.push_back(*at);
    }
    std::ranges::reverse(chosen);
    Json response = fine();
    response["lines"] = chosen;
    return line_of(response);
}

}  // namespace postern::admin
