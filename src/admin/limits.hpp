// Limits of the control socket.
#pragma once

#include <cstddef>

namespace postern::admin {

constexpr std::size_t control_request_bytes_max = 64 * 1024;  // one line, its newline not counted

}  // namespace postern::admin
