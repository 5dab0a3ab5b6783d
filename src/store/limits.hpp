// The store's named limits, units last. Over one of them the caller gets peer_request errors (limit
// or too_big), never an abort.
#pragma once

#include <cstddef>
#include <cstdint>

namespace postern::store {

// One message file. The protocols announce it (SIZE, APPENDLIMIT); the store refuses more.
inline constexpr std::uint64_t message_bytes_max = 50ull * 1024 * 1024;
// Beyond it: what a server adds on top of a message as it was sent (trace fields and the like).
inline constexpr std::uint64_t added_header_bytes_max = 64 * 1024;
// Messages up to here wait in memory until they are whole: one operation makes the file then.
inline constexpr std::size_t whole_message_bytes_max = 128 * 1024;

inline constexpr std::size_t mailbox_name_bytes_max = 512;  // UTF-8, all components and separators
inline constexpr std::size_t mailbox_depth_max = 16;        // components
inline constexpr std::size_t directory_name_bytes_max = 240;  // encoded, leaves room for a suffix
inline constexpr std::size_t mailboxes_max = 2'000;           // of one account
inline constexpr std::size_t subscriptions_max = 4'000;       // of one account
inline constexpr std::size_t messages_max = 4'000'000;        // of one mailbox
inline constexpr std::size_t keywords_max = 58;  // of one mailbox: as many as a file name can say
inline constexpr std::size_t keyword_bytes_max = 100;
inline constexpr std::size_t recipients_max = 10'000;  // of one deliver_to_all

inline constexpr std::size_t annotations_max = 200;  // of one mailbox, or of one account
inline constexpr std::size_t annotation_bytes_max = 8 * 1024;
inline constexpr std::size_t annotation_name_bytes_max = 512;
inline constexpr std::size_t annotations_file_bytes_max = 4 * 1024 * 1024;

inline constexpr std::size_t acl_entries_max = 1'000;  // of one mailbox
inline constexpr std::size_t acl_identifier_bytes_max = 512;
static_assert(acl_entries_max * (acl_identifier_bytes_max + 32) < 1024 * 1024);

// Each of the two files of a shard's journal: about a thousand messages of 4 KB. What is larger
// than half of one, with its names, does not go there.
inline constexpr std::size_t journal_file_bytes = 4 * 1024 * 1024;
// A pair of files that are not made at once is taken only while so many times a journal's file is
// free on the disk: of small ones each takes two blocks and their names.
inline constexpr std::size_t journal_room_factor = 64;
inline constexpr std::size_t journal_read_bytes_max = 64 * 1024 * 1024;  // of another version
inline constexpr std::size_t journal_names_bytes_max = 1024;
// Written and flushed together.
inline constexpr std::size_t journal_group_bytes_max = 1024 * 1024;
inline constexpr std::size_t journal_piece_bytes = 1024 * 1024;  // written at once, of a new file
// With flushes that take as long, the next one waits for those whom the last one has answered: for
// this share of the time that it took, and no longer than that.
inline constexpr std::int64_t journal_slow_flush_ms = 4;
inline constexpr std::int64_t journal_gather_share = 4;
inline constexpr std::int64_t journal_gather_ms_max = 10;
inline constexpr std::int64_t journal_retry_ms = 1'000;  // after a checkpoint that failed

// UIDs and mod-sequences are reserved on disk in blocks, so that none is ever given twice.
inline constexpr std::uint32_t uid_block = 1'000;
inline constexpr std::uint64_t modseq_block = 1'000'000;

// Expunges that a mailbox remembers for clients that were away (RFC 7162 §5.3): 16 bytes each.
inline constexpr std::size_t vanished_ranges_max = 8'192;

inline constexpr std::int64_t rename_delay_ms = 1'000;  // flag changes reach file names after this
inline constexpr std::int64_t rescan_interval_ms =
    1'000;                                               // foreign changes are looked for as often
inline constexpr std::size_t open_accounts_max = 4'096;  // held in memory by one shard, idle ones

// A change within this time of a look at a directory may not show in its time of change.
inline constexpr std::int64_t directory_settles_ns = 1'000'000'000;

// How soon a change by another program is looked at in a mailbox that is watched; in large ones the
// later of both.
inline constexpr std::int64_t look_delay_ms_min = 100;
inline constexpr std::int64_t look_delay_ms_max = 1'000;
inline constexpr std::size_t hints_max = 256;  // events kept until then
// Clients come and go, webmail with every click: a watch stays for as long when the last has gone.
inline constexpr std::int64_t watch_linger_s = 30;

// Foreign messages that share their directory flushes; new mail waits for them meanwhile.
inline constexpr std::size_t adopted_together_max = 256;
// Expunged messages whose files are moved at a time.
inline constexpr std::size_t removed_together_max = 128;

// The index log is rewritten when it has outgrown its checkpoint by this.
inline constexpr std::size_t index_growth_bytes_max = 1024 * 1024;
inline constexpr std::size_t index_file_bytes_max = 1024 * 1024 * 1024;
// The facts file is begun anew when this many messages, and more than there are, have gone.
inline constexpr std::size_t facts_garbage_messages = 1'000;
// Facts of messages that came in unseen: of larger ones they are computed in the offload pool, and
// so much of a message is read at once.
inline constexpr std::size_t facts_inline_bytes_max = 64 * 1024;
inline constexpr std::size_t facts_piece_bytes = 256 * 1024;
static_assert(facts_inline_bytes_max <= facts_piece_bytes);
// ENVELOPE and BODYSTRUCTURE kept beside the facts; longer ones are made when they are asked for.
inline constexpr std::size_t facts_texts_bytes_max = 32 * 1024;
// Read ahead of a command that asks for the facts of many messages.
inline constexpr std::size_t facts_ahead_bytes = 64 * 1024;
inline constexpr std::size_t facts_record_bytes_max = 8 * 1024 * 1024;
inline constexpr std::size_t retrieved_file_bytes_max = 64 * 1024 * 1024;
// Of a count that refuses mail, how old it may be; Maildir++ says 15 minutes.
inline constexpr std::int64_t quota_recount_interval_s = 900;
inline constexpr std::uint32_t undelete_days = 7;        // expunged mail is kept as long
inline constexpr std::int64_t sweep_interval_s = 3'600;  // what is due is removed as often
inline constexpr std::int64_t sweep_pause_ms = 5;        // between two accounts
inline constexpr int check_looks = 3;  // a problem must be there each time: mail goes on arriving
inline constexpr std::size_t maildirsize_bytes_max = 5'120;  // Maildir++: begun anew over it
// Extended attributes of a mailbox's directory: ext4 has about 4,000 bytes for all of them.
inline constexpr std::size_t attribute_bytes_max = 3 * 1024;
// What is longer has no second home: names of keywords are worth more than what follows.
inline constexpr std::size_t acl_attribute_bytes_max = 1024;
inline constexpr std::size_t annotations_attribute_bytes_max = 512;
inline constexpr std::size_t special_use_attribute_bytes_max = 512;
inline constexpr std::size_t small_file_bytes_max = 1024 * 1024;  // state, keywords, subscriptions

}  // namespace postern::store
