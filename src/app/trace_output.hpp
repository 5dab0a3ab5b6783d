// What `postern trace` prints: a paragraph a message, a line an event. Pure. Everything shown is
// escaped: remote servers chose much of it.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

namespace postern::app {

// Of the daemon's answer, or of several put together; what is missing is left out.
std::string format_trace(const nlohmann::ordered_json& response);

}  // namespace postern::app
