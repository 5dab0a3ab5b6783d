// The stream layer's named limits.
#pragma once

#include <cstddef>

#include "base/time.hpp"
#include "engine/limits.hpp"

namespace postern::net {

// Receive buffers that one stream may hold unread; over it the receive is paused and TCP's window
// closes: the peer waits, nobody else does.
inline constexpr unsigned stream_buffers_max = 8;
static_assert(stream_buffers_max * 16 <= engine::receive_buffers,
              "one peer must not starve a shard");

// Output kept before a flush is due, and the piece in which files are read for sending.
inline constexpr std::size_t output_bytes_high = 64 * 1024;
inline constexpr std::size_t file_piece_bytes = 64 * 1024;
// From this size on a file goes to a plain socket by splice, below it by read and send. The
// crossover is measured by bench/micro.
inline constexpr std::size_t splice_bytes_min = 512 * 1024;
// Plaintext decrypted ahead of its reader.
inline constexpr std::size_t plaintext_piece_bytes = 16 * 1024;

// Counters in each row of AddressCounts: 128 KiB a process.
inline constexpr std::size_t address_counters = 16 * 1024;

inline constexpr Duration connect_stagger = milliseconds(250);     // RFC 8305 §5
inline constexpr Duration accept_retry_delay = milliseconds(100);  // after EMFILE and the like
// How long a closing stream waits for the peer to close too.
inline constexpr Duration close_patience = seconds(2);
inline constexpr Duration buffer_retry_delay = milliseconds(5);  // after ENOBUFS

}  // namespace postern::net
