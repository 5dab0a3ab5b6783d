// The limits of POP3 sessions, named once. Units last.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/time.hpp"

namespace postern::pop3 {

// One command line with its CRLF. RFC 2449 §4 says 255; responses of AUTH may be longer.
inline constexpr std::size_t command_line_bytes_max = 4'096;
inline constexpr std::size_t last_logins_max = 65'536;  // accounts that LOGIN-DELAY remembers
// A longer header section goes out as it is.
inline constexpr std::size_t surrogate_header_bytes_max = 1024 * 1024;
inline constexpr std::size_t read_piece_bytes = 64 * 1024;  // of a message on the slow path

// What the administrator may set and tests make small. Each is of one session.
struct Limits {
    std::uint32_t errors_max = 100;
    std::uint32_t commands_before_login_max = 20'000;
    std::uint32_t login_failures_max = 3;
    Duration command_timeout = minutes(10);  // RFC 1939 §3: at least ten minutes
    Duration login_timeout = minutes(1);     // before the login
    Duration reply_timeout = minutes(10);    // a peer that reads nothing
    Duration handshake_timeout = seconds(60);
    Duration login_failure_delay = seconds(2);
    Duration close_timeout = seconds(5);
};

}  // namespace postern::pop3
