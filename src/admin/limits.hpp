// Limits of the control socket.
#pragma once

#include <cstddef>

namespace postern::admin {

constexpr std::size_t control_request_bytes_max = 64 * 1024;  // one line, its newline not counted
constexpr std::size_t log_lines_listed_max = 1'000;

}  // namespace postern::admin
