// The load generator's named limits.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/time.hpp"
#include "engine/limits.hpp"

namespace postern::bench {

inline constexpr unsigned sessions_max = 100'000;
inline constexpr unsigned threads_max =
    engine::shards_max / 2;  // the self-test needs as many again
inline constexpr unsigned users_max = 1'000'000;
inline constexpr unsigned recipients_max = 1'000;  // of a message
inline constexpr unsigned repetitions_max = 100;
inline constexpr unsigned mix_parts_max = 16;
inline constexpr unsigned mix_weight_max = 1'000'000;
inline constexpr double rate_per_s_max = 1e6;
inline constexpr std::uint64_t operations_max = 1'000'000'000;  // of a repetition
inline constexpr Duration duration_max = seconds(24 * 3600);
inline constexpr std::size_t message_bytes_min = 512;
inline constexpr std::size_t message_bytes_max = 64u << 20;

// A line of a server: FETCH answers hold a whole BODYSTRUCTURE.
inline constexpr std::size_t reply_line_bytes_max = 1u << 20;
inline constexpr std::size_t reply_lines_max = 128;         // of an SMTP reply
inline constexpr std::size_t literal_bytes_max = 1u << 30;  // skipped, or hashed as it comes
inline constexpr std::size_t server_words_bytes_max = 200;  // kept of an unexpected answer
inline constexpr std::size_t distinct_troubles_max = 20;

// Samples for the progress line and the charts; a run that is longer is charted in its beginning.
inline constexpr Duration sample_every = milliseconds(500);
inline constexpr std::size_t samples_max = 20'000;

// find-limit: the search ends when the rate is known to this ratio, or after so many steps.
inline constexpr double limit_ratio = 1.05;
inline constexpr unsigned limit_steps_max = 30;
// Of the operations that were due, what must have been done for a rate to hold.
inline constexpr double limit_share_min = 0.95;

inline constexpr unsigned openings_at_once = 64;      // of one thread, while sessions are opened
inline constexpr unsigned failures_in_a_row_max = 5;  // then a session is given up
inline constexpr Duration failure_pause = milliseconds(100);
inline constexpr Duration operation_timeout = seconds(60);

// What --verify remembers: about 64 bytes each.
inline constexpr std::size_t ledger_entries_max = 20'000'000;
// Deliveries whose moment `idle` remembers: 8 bytes each.
inline constexpr std::size_t pushes_max = 10'000'000;

}  // namespace postern::bench
