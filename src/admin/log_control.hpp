// The command "log.tail" of the control protocol: the latest lines of the log. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace postern::admin {

bool is_log_request(std::string_view line);

// `lines`: all that are remembered, the latest last. The answer with its newline.
std::string answer_log_request(std::string_view line, const std::vector<std::string>& lines);

}  // namespace postern::admin
