// The items of STATUS; see status_items.hpp.
#include "imap/status_items.hpp"

#include <algorithm>

#include "base/ascii.hpp"
#include "store/limits.hpp"
#include "store/mailbox.hpp"

namespace postern::imap {
namespace {

// RFC 3501 §9: status-att
constexpr StatusItem status_items[] = {
    {"MESSAGES", StatusKind::messages, "RFC 3501 §6.3.10"},
    {"RECENT", StatusKind::recent, "RFC 3501 §6.3.10"},
    {"UIDNEXT", StatusKind::uid_next, "RFC 3501 §6.3.10"},
    {"UIDVALIDITY", StatusKind::uid_validity, "RFC 3501 §6.3.10"},
    {"UNSEEN", StatusKind::unseen, "RFC 3501 §6.3.10"},
    {"DELETED", StatusKind::deleted, "RFC 9051 §6.3.11"},
    {"DELETED-STORAGE", StatusKind::deleted_storage, "RFC 9208 §4.1.4"},
    {"SIZE", StatusKind::size, "RFC 8438 §2"},
    {"APPENDLIMIT", StatusKind::append_limit, "RFC 7889 §3.1"},
    {"MAILBOXID", StatusKind::mailbox_id, "RFC 8474 §4.3"},
    {"HIGHESTMODSEQ", StatusKind::highest_modseq, "RFC 7162 §3.1.7"},
};

const StatusItem* find_item(std::string_view name) {
    for (const auto& item : status_items) {
        if (iequals(name, item.name)) return &item;
    }
    return nullptr;
}

std::string format_value(StatusKind kind, const store::MailboxStatus& status) {
    switch (kind) {
        case StatusKind::messages: return std::to_string(status.messages);
        case StatusKind::recent: return std::to_string(status.recent);
        case StatusKind::uid_next: return std::to_string(status.uid_next);
        case StatusKind::uid_validity: return std::to_string(status.uid_validity);
        case StatusKind::unseen: return std::to_string(status.unseen);
        case StatusKind::deleted: return std::to_string(status.deleted);
        case StatusKind::deleted_storage: return std::to_string(status.deleted_bytes);
        case StatusKind::size: return std::to_string(status.size_bytes);
        case StatusKind::append_limit: return std::to_string(store::message_bytes_max);
        case StatusKind::mailbox_id: return "(" + status.mailbox_id + ")";
        case StatusKind::highest_modseq: return std::to_string(status.highest_modseq);
    }
    return {};
}

}  // namespace

StatusItems parse_status_items(Decoder& in) {
    StatusItems items;
    in.expect('(');
    while (in.ok()) {
        const StatusItem* item = find_item(in.word());
        if (item == nullptr) in.fail("Unknown STATUS item");
        if (items.size() == std::size(status_items)) in.fail("Too many STATUS items");
        items.push_back(item);
        if (!in.take(' ')) break;
    }
    in.expect(')');
    return items;
}

bool asks_for(const StatusItems& items, StatusKind kind) {
    return std::any_of(items.begin(), items.end(),
                       [kind](const StatusItem* item) { return item->kind == kind; });
}

std::string format_status(const StatusItems& items, const store::MailboxStatus& status) {
    std::string text;
    for (const StatusItem* item : items) {
        if (!text.empty()) text += ' ';
        text += std::string(item->name) + " " + format_value(item->kind, status);
    }
    return text;
}

}  // namespace postern::imap
