// The small durable facts of a mailbox that its files cannot say: file postern.mailbox beside
// new/ and cur/, text that an administrator can read:
//
//   postern-mailbox 1
//   uid_validity 1732231372
//   mailbox_id 3f2a91c06b7d1e55
//   uid_next 1001
//   modseq 1000000
//   crc32c 5d1e2a3b
//
// `uid_next` and `modseq` are marks: no UID at or above the one and no mod-sequence above the other
// has ever been given. They run ahead in blocks while the mailbox is in use. The account's file
// postern.account ("postern-account 1", "uid_validity N", "crc32c") holds the last UIDVALIDITY
// given in it. The checksum is over all lines before its own. Replaced whole, durably. No I/O here.
//
// Each text is kept a second time, as an extended attribute of its directory, and so is the table
// of a mailbox's keywords while it is short: whoever loses the files, all of ours, loses neither
// UIDVALIDITY and the marks nor what the characters in file names mean. An attribute goes with its
// directory when that is renamed, and is durable with the flush that the file costs anyway. The
// file is believed where it can be read: copies of a mailbox may come without attributes.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.hpp"

namespace postern::store {

inline constexpr const char* mailbox_state_file = "postern.mailbox";
inline constexpr const char* mailbox_state_attribute = "user.postern.mailbox";
inline constexpr const char* keywords_attribute = "user.postern.keywords";
inline constexpr const char* account_state_attribute = "user.postern.account";
inline constexpr const char* account_state_file = "postern.account";
inline constexpr const char* index_file = "postern.index";
inline constexpr const char* facts_file = "postern.facts";
inline constexpr const char* retrieved_file = "postern.retrieved";
inline constexpr const char* keywords_file = "postern.keywords";
inline constexpr const char* special_use_file = "postern.special-use";
inline constexpr const char* subscriptions_file = "subscriptions";
inline constexpr const char* expunged_directory = "postern.expunged";
inline constexpr const char* maildirsize_file = "maildirsize";

struct MailboxState {
    std::uint32_t uid_validity = 0;
    std::uint64_t mailbox_id = 0;  // its upper half is the tag in file names
    std::uint32_t uid_next = 1;
    std::uint64_t modseq = 1;

    std::uint32_t tag() const { return static_cast<std::uint32_t>(mailbox_id >> 32); }
    friend bool operator==(const MailboxState&, const MailboxState&) = default;
};

std::string format_mailbox_state(const MailboxState& state);
Result<MailboxState> parse_mailbox_state(std::string_view text);  // corrupt

std::string format_account_state(std::uint32_t uid_validity);
Result<std::uint32_t> parse_account_state(std::string_view text);  // corrupt

}  // namespace postern::store
