// The named limits of the SMTP client. What a server sends beyond one of them ends the connection,
// and the message waits for the next attempt. RFC 5321 §4.5.3.2 gives the timeouts. Units last.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/time.hpp"

namespace postern::smtp::client {

inline constexpr std::size_t reply_line_bytes_max = 8'192;  // RFC 5321 §4.5.3.1.5: at least 512
inline constexpr std::size_t reply_bytes_max = 64 * 1024;   // all lines of one reply
inline constexpr std::size_t reply_lines_max = 128;
inline constexpr std::size_t auth_mechanisms_max = 32;
inline constexpr std::size_t exchangers_max = 20;  // of one domain, best first
inline constexpr Duration source_pause_min = minutes(1);
inline constexpr Duration source_pause_max = minutes(60);
inline constexpr Duration resolution_delay = milliseconds(50);  // RFC 8305 §8
inline constexpr std::size_t addresses_per_host_max = 8;
inline constexpr std::size_t addresses_tried_max = 10;  // in one attempt, over all hosts
inline constexpr std::size_t tlsa_records_max = 32;
inline constexpr std::size_t policy_bytes_max = 64 * 1024;  // RFC 8461 §3.3 suggests as much
inline constexpr std::size_t policy_exchangers_max = 100;
inline constexpr std::uint32_t policy_age_max_s = 31'557'600;     // RFC 8461 §3.2
inline constexpr std::int64_t policy_refresh_s = 86'400;          // RFC 8461 §3.3
inline constexpr std::int64_t policy_unused_s_max = 30 * 86'400;  // then it may expire
inline constexpr std::size_t tls_report_rows_max = 10'000;        // of one shard, a day
inline constexpr std::size_t idle_connections_max = 200;          // of one shard
inline constexpr std::size_t resumptions_max = 1'000;             // TLS sessions of one shard

// What the administrator may set and tests make small.
struct Limits {
    std::uint32_t recipients_per_transaction_max = 100;  // RFC 5321 §4.5.3.1.8
    std::uint32_t messages_per_connection_max = 100;
    Duration lookup_timeout = seconds(30);
    Duration policy_timeout = seconds(60);  // RFC 8461 §3.3
    Duration connect_timeout = seconds(30);
    Duration greeting_timeout = minutes(5);   // RFC 5321 §4.5.3.2.1
    Duration command_timeout = minutes(5);    // RFC 5321 §4.5.3.2.2 and 3
    Duration data_timeout = minutes(2);       // RFC 5321 §4.5.3.2.4
    Duration block_timeout = minutes(3);      // RFC 5321 §4.5.3.2.5
    Duration end_timeout = minutes(10);       // RFC 5321 §4.5.3.2.6
    Duration message_timeout = minutes(120);  // sending the whole of one
    Duration handshake_timeout = seconds(60);
    Duration quit_timeout = seconds(5);
    Duration idle_timeout = seconds(5);  // an unused connection is kept
};

}  // namespace postern::smtp::client
