// What STATUS can be asked (RFC 3501 §6.3.10 and its extensions), one row an item: shared by STATUS
// and by whatever else answers with STATUS responses. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "imap/decoder.hpp"

namespace postern::store {
struct MailboxStatus;
}

namespace postern::imap {

enum class StatusKind : std::uint8_t {
    messages,
    recent,
    uid_next,
    uid_validity,
    unseen,
    deleted,
    deleted_storage,  // in octets
    size,
    highest_modseq,
    append_limit,
    mailbox_id,
};

struct StatusItem {
    std::string_view name;
    StatusKind kind;
    std::string_view section;
};

using StatusItems = std::vector<const StatusItem*>;

// "(" status-att *(SP status-att) ")"; mistakes stick to `in`.
StatusItems parse_status_items(Decoder& in);
bool asks_for(const StatusItems& items, StatusKind kind);

// "MESSAGES 3 UNSEEN 1"
std::string format_status(const StatusItems& items, const store::MailboxStatus& status);

}  // namespace postern::imap
