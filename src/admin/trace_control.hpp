// The command "trace" of the control protocol: the timelines of messages, a page at a time. A task
// that reads in the offload pool. No request, however malformed, is answered by anything but a
// line. README.md shows it.
#pragma once

#include <string>
#include <string_view>

#include "engine/task.hpp"

namespace postern::timeline {
class Timelines;
}

namespace postern::admin {

bool is_trace_request(std::string_view line);

// `timelines` null: none are kept. A bare name is one of `default_domain`. `line` comes without its
// newline; the response ends in one and holds no other.
engine::task<std::string> handle_trace_request(timeline::Timelines* timelines,
                                               std::string default_domain, std::string line);

}  // namespace postern::admin
