// The limits of SMTP sessions, named once. Over one of them the peer gets a reply with its code,
// never a dropped connection without a word. RFC 5321 §4.5.3.1 gives the least each must be,
// §4.5.3.2 the timeouts. Units last.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/time.hpp"
#include "store/limits.hpp"

namespace postern::smtp {

// One command line with its CRLF. RFC 5321 §4.5.3.1.4 says 512 and more for each extension; one
// generous figure covers them all, an initial response of AUTH included.
inline constexpr std::size_t command_line_bytes_max = 4'096;
inline constexpr std::size_t helo_bytes_max = 255;  // RFC 5321 §4.5.3.1.2
inline constexpr std::size_t parameters_max = 16;   // of one MAIL or RCPT command
inline constexpr std::size_t log_recipients_max = 10;
inline constexpr std::uint32_t limits_value_max = 999'999;  // RFC 9422 §4: six digits
// RFC 4865 §3 (max-future-release-interval)
inline constexpr std::int64_t hold_s_max = 30 * 86'400;
inline constexpr std::size_t hold_value_bytes_max = 64;  // a time with a long fraction

// Small pieces of a message are gathered up to this before they are written.
inline constexpr std::size_t pending_bytes_max = 32 * 1024;

// Commands are counted for their network by so many, and what is left at the end of a session.
inline constexpr std::uint32_t commands_counted_at_once = 20;

// What outlives the process: a file of bans or of counts, and how often it is written, if it has
// changed. Counts of greylisting are many and weigh little.
inline constexpr std::size_t memory_file_bytes_max = 64 * 1024 * 1024;
inline constexpr Duration memory_interval = seconds(10);
inline constexpr Duration strangers_interval = minutes(5);

// Of one kind, that a shard keeps in mind: peers, senders' domains, recipients' domains.
inline constexpr std::size_t recollections_max = 10'000;

// Questions to an inner server about its recipients, of one shard: how long an answer holds, how
// long one is waited for, how many there may be.
inline constexpr Duration call_out_exists_lasts = minutes(24 * 60);
inline constexpr Duration call_out_unknown_lasts = minutes(30);
inline constexpr Duration call_out_untold_lasts = seconds(60);
inline constexpr Duration call_out_timeout = seconds(20);
inline constexpr std::size_t call_outs_active_max = 50;
inline constexpr std::size_t call_outs_known_max = 20'000;

// What the administrator may set and tests make small. Each is of one session.
struct Limits {
    std::uint64_t message_bytes_max = store::message_bytes_max;
    // Beyond a message that is refused already, this much more is read to find its end.
    std::uint64_t drain_bytes_max = 64ull * 1024 * 1024;
    std::size_t header_bytes_max = 512 * 1024;
    std::uint32_t received_fields_max = 100;  // RFC 5321 §6.3: loops
    std::uint32_t recipients_max = 1'000;     // RFC 5321 §4.5.3.1.8: at least 100
    // Of one account's mail that waits for a time it has asked for (RFC 4865 §6).
    std::uint64_t later_bytes_max = 200ull * 1024 * 1024;
    // Of mail from nobody, from other servers; 0: as of all other.
    std::uint32_t null_sender_recipients_max = 0;
    std::uint32_t errors_max = 50;                 // since the last message
    std::uint32_t refused_recipients_max = 1'000;  // since the last message
    std::uint32_t commands_max = 50'000;           // since the last message
    std::uint32_t login_failures_max = 3;
    Duration command_timeout = minutes(5);    // RFC 5321 §4.5.3.2.7
    Duration data_timeout = minutes(5);       // RFC 5321 §4.5.3.2.5, each piece
    Duration message_timeout = minutes(120);  // a whole message
    Duration reply_timeout = minutes(5);      // a peer that reads nothing
    Duration handshake_timeout = seconds(60);
    Duration login_failure_delay = seconds(2);
    Duration close_timeout = seconds(5);
    Duration see_off_timeout = seconds(10);  // who was refused at the greeting
};

// Our fields fit on top: helo, two paths, host name, and some text.
static_assert(store::added_header_bytes_max >= helo_bytes_max + 2 * command_line_bytes_max + 4'096);
static_assert(store::recipients_max >= 1'000);
static_assert(command_line_bytes_max >= 512);

}  // namespace postern::smtp
