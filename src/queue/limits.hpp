// The queue's named limits, units last.
#pragma once

#include <cstddef>
#include <cstdint>

namespace postern::queue {

inline constexpr std::size_t address_bytes_max = 1'024;  // of one address, quoting included
inline constexpr std::size_t route_key_bytes_max = 300;
inline constexpr std::size_t reply_text_bytes_max = 1'000;  // of a remote's reply that is kept
inline constexpr std::size_t explanation_bytes_max = 300;
inline constexpr std::size_t original_recipient_bytes_max = 500;  // RFC 3461 §4.2
inline constexpr std::size_t envelope_id_bytes_max = 100;         // RFC 3461 §4.4
inline constexpr std::size_t hold_request_bytes_max = 100;
inline constexpr std::size_t future_releases_max = 10'000;  // messages of one account
inline constexpr std::size_t recipients_max = 10'000;       // of one message, all its entries

inline constexpr std::size_t envelope_file_bytes_max = 32ull * 1024 * 1024;
// Beyond it the words of deferrals are no longer appended, only that there was an attempt.
inline constexpr std::size_t envelope_log_bytes_max = 1024 * 1024;
inline constexpr std::size_t hold_reason_bytes_max = 200;
// Reports: lines are folded at the first, and never longer than the second.
inline constexpr std::size_t report_fold_column = 76;
inline constexpr std::size_t report_line_bytes_max = 998;
// A message up to here is returned whole when the sender did not say what it wants (RET).
inline constexpr std::uint64_t returned_unasked_bytes_max = 64 * 1024;
// More of a message's header section is not returned.
inline constexpr std::size_t returned_header_bytes_max = 128 * 1024;
// Destinations in back-off that are remembered over a restart, of a shard.
inline constexpr std::size_t destinations_remembered_max = 10'000;
inline constexpr std::size_t destination_file_bytes_max = 64ull * 1024 * 1024;
inline constexpr unsigned readers_max = 32;   // envelopes read at once at start, of a shard
inline constexpr unsigned overdue_max = 100;  // entries looked after in one sweep
inline constexpr std::int64_t sweep_interval_ms = 60'000;
// After a removal the directory is synced within this time, together with others: until then a
// power cut may bring a delivered entry back.
inline constexpr std::int64_t removal_sync_delay_ms = 1'000;
// New entries whose journal wants its room are left to go away by themselves while all would within
// so many looks, at the pace since the last.
inline constexpr std::int64_t leaving_look_ms = 200;
inline constexpr unsigned leaving_looks_max = 5;
// What became of a recipient is written down again and again until the disk takes it.
inline constexpr std::int64_t write_retry_first_ms = 500;
inline constexpr std::int64_t write_retry_max_ms = 30'000;
inline constexpr unsigned write_last_chances = 10;        // when the process is ending
inline constexpr std::size_t entries_listed_max = 1'000;  // in one answer to the administrator
inline constexpr unsigned directories =
    16;  // that the entries are spread over: <data>/queue/0 to f

}  // namespace postern::queue
