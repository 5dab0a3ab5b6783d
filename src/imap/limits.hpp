// The named limits of IMAP, units last. Over one of them the client gets NO or BAD in IMAP's own
// words and the session goes on; only what cannot be kept in step ends with BYE.
// RFC 3501 §5.4 (autologout), RFC 2683 §3.2.1.5 (long command lines), RFC 7888 §4 (literals).
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/time.hpp"

namespace postern::imap {

// A command: one line of it, and the whole of it with its literals. APPEND's message is not in it.
inline constexpr std::size_t line_bytes_max = 64 * 1024;
inline constexpr std::size_t literal_bytes_max = 64 * 1024;
inline constexpr std::size_t command_bytes_max = 160 * 1024;
inline constexpr std::size_t command_literals_max = 64;
inline constexpr std::uint64_t small_literal_bytes_max = 4096;  // RFC 7888 §5 (LITERAL-)
// Before the client has said who it is.
inline constexpr std::size_t early_line_bytes_max = 8 * 1024;
inline constexpr std::size_t early_literal_bytes_max = 4 * 1024;
// A refused non-synchronising literal is read and thrown away up to here, else BYE.
inline constexpr std::uint64_t discard_bytes_max = 64ull * 1024 * 1024;
inline constexpr std::uint64_t early_discard_bytes_max = 64 * 1024;
inline constexpr std::size_t idle_line_bytes_max = 128;  // "DONE"

// APPEND: its messages are not in these.
inline constexpr std::size_t append_lines_bytes_max = 1024 * 1024;
inline constexpr std::size_t append_messages_max = 1'000;  // RFC 3502; each is a file in the spool
inline constexpr std::size_t catenate_parts_max = 1'000;   // of one message

// RFC 9738: one command does no more, and says so.
inline constexpr std::uint32_t command_messages_max = 1'000'000;
inline constexpr std::uint32_t uid_batch_messages_min = 500;        // of one UIDBATCHES
inline constexpr std::uint64_t uid_batches_messages_max = 100'000;  // of a range of batches

inline constexpr std::size_t tag_bytes_max = 256;
inline constexpr std::size_t sequence_ranges_max = 20'000;
inline constexpr std::size_t flags_max = 128;          // of one STORE or APPEND
inline constexpr std::size_t fetch_items_max = 128;    // of one FETCH
inline constexpr std::size_t header_names_max = 256;   // of one HEADER.FIELDS
inline constexpr std::size_t section_parts_max = 128;  // numbers of one section
inline constexpr std::size_t search_keys_max = 4'000;
inline constexpr std::size_t search_depth_max = 64;
inline constexpr std::size_t sort_criteria_max = 32;
inline constexpr std::size_t search_contexts_max = 16;              // of one session (RFC 5267)
inline constexpr std::size_t search_context_results_max = 200'000;  // of every one but the first
inline constexpr std::size_t mailbox_filters_max = 32;              // of one ESEARCH
inline constexpr std::size_t filter_names_max = 256;                // of one filter
inline constexpr std::size_t esearch_mailboxes_max = 5'000;
inline constexpr std::size_t notify_groups_max = 64;     // of one NOTIFY (RFC 5465)
inline constexpr std::size_t notify_events_max = 2'000;  // not told yet, of one session
inline constexpr std::size_t notify_owners_max = 200;    // other users whose mailboxes one watches
inline constexpr std::size_t enable_words_max = 64;
inline constexpr std::size_t id_pairs_max = 30;  // RFC 2971 §3.3
inline constexpr std::size_t language_ranges_max = 32;
inline constexpr std::size_t list_patterns_max = 64;  // of one LIST
inline constexpr std::size_t list_pattern_bytes_max = 4 * 1024;

inline constexpr std::size_t urls_max = 100;  // of one GENURLAUTH or URLFETCH
// URLFETCH brings content from another shard in memory up to here.
inline constexpr std::uint64_t urlfetch_bytes_max = 8 * 1024 * 1024;
inline constexpr std::size_t metadata_entries_max = 1'000;  // of one GETMETADATA or SETMETADATA
inline constexpr std::size_t compressed_piece_bytes = 4 * 1024;  // COMPRESS: at a time, each way

inline constexpr unsigned bad_commands_max = 20;  // BAD answers in a row
inline constexpr unsigned failed_logins_max = 4;  // on one connection

// A header is read into memory for HEADER.FIELDS and SEARCH HEADER up to here.
inline constexpr std::size_t header_read_bytes_max = 1024 * 1024;
// A message is searched on the shard up to here, in the offload pool from there on, and read in
// pieces.
inline constexpr std::size_t search_inline_bytes_max = 64 * 1024;
// A part is decoded in memory for BINARY up to here, in two passes over the file from there on.
inline constexpr std::size_t binary_inline_bytes_max = 256 * 1024;
inline constexpr std::size_t binary_piece_bytes = 64 * 1024;
// Of a text part, this much is looked at for PREVIEW.
inline constexpr std::size_t preview_read_bytes_max = 16 * 1024;
inline constexpr std::size_t search_piece_bytes = 256 * 1024;
// A text that is sorted by counts up to here; all keys of one SORT; the references of one THREAD.
inline constexpr std::size_t sort_text_bytes_max = 256;
inline constexpr std::size_t sort_keys_bytes_max = 128 * 1024 * 1024;
inline constexpr std::size_t thread_references_max = 8 * 1024 * 1024;
// More messages are put in order in the offload pool.
inline constexpr std::size_t sort_inline_messages_max = 10'000;
// FETCH marks as \Seen this many messages at a time, just before their text is sent.
inline constexpr std::size_t seen_batch = 50;

inline constexpr Duration login_timeout = minutes(2);        // no login yet
inline constexpr Duration autologout_timeout = minutes(30);  // RFC 3501 §5.4: at least 30 minutes
inline constexpr Duration transfer_timeout = minutes(3);     // a client that stops inside a literal
inline constexpr Duration output_timeout = minutes(3);       // a client that reads nothing
inline constexpr Duration handshake_timeout = seconds(30);
inline constexpr Duration goodbye_timeout = seconds(5);
inline constexpr Duration failed_login_delay = seconds(1);
inline constexpr Duration progress_interval = seconds(10);     // RFC 9585 §3: not more often
inline constexpr Duration idle_refresh_interval = seconds(5);  // foreign changes, during IDLE

static_assert(early_line_bytes_max <= line_bytes_max);
static_assert(line_bytes_max + literal_bytes_max <= command_bytes_max);
static_assert(autologout_timeout >= minutes(30));

}  // namespace postern::imap
