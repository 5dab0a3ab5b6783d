// filter-mailboxes; see mailbox_filter.hpp.
#include "imap/mailbox_filter.hpp"

#include <algorithm>

#include "base/ascii.hpp"
#include "imap/access.hpp"
#include "imap/limits.hpp"
#include "store/account.hpp"
#include "store/mailbox_name.hpp"

namespace postern::imap {
namespace {

struct FilterRow {
    std::string_view name;
    FilterKind kind;
    bool has_names = false;
};
constexpr FilterRow filter_rows[] = {
    {"selected", FilterKind::selected},         {"inboxes", FilterKind::inboxes},
    {"personal", FilterKind::personal},         {"subscribed", FilterKind::subscribed},
    {"subtree", FilterKind::subtree, true},     {"subtree-one", FilterKind::subtree_one, true},
    {"mailboxes", FilterKind::mailboxes, true},
};

void parse_filter_name(Decoder& in, MailboxFilter& filter) {
    std::string name = in.mailbox();
    if (filter.names.size() == filter_names_max) in.fail("Too many mailboxes");
    if (!in.ok()) return;
    auto canonical = store::new_mailbox_name(name);
    if (canonical) filter.names.push_back(std::move(*canonical));
}

// RFC 5465 §8: one-or-more-mailbox = mailbox / many-mailboxes
void parse_filter_names(Decoder& in, MailboxFilter& filter) {
    in.space();
    if (!in.take('(')) return parse_filter_name(in, filter);
    do {
        parse_filter_name(in, filter);
    } while (in.take(' '));
    in.expect(')');
}

}  // namespace

MailboxFilter parse_mailbox_filter(Decoder& in) {
    MailboxFilter filter;
    std::string_view name = in.word();
    for (const FilterRow& row : filter_rows) {
        if (!iequals(name, row.name)) continue;
        filter.kind = row.kind;
        if (row.has_names) parse_filter_names(in, filter);
        return filter;
    }
    in.fail("Unknown mailbox filter");
    return filter;
}

bool passes(const store::MailboxInfo& mailbox, const MailboxFilter& filter) {
    auto any_name = [&](auto&& accepts) {
        return std::any_of(filter.names.begin(), filter.names.end(), accepts);
    };
    switch (filter.kind) {
        case FilterKind::selected: return false;
        case FilterKind::inboxes: return mailbox.name == "INBOX";
        case FilterKind::personal: return !mailbox.name.starts_with(shared_prefix);
        case FilterKind::subscribed: return mailbox.subscribed;
        case FilterKind::subtree:
            return any_name([&](const std::string& name) {
                return mailbox.name == name || store::is_below(mailbox.name, name);
            });
        case FilterKind::subtree_one:
            return any_name([&](const std::string& name) {
                return mailbox.name == name || store::parent_name(mailbox.name) == name;
            });
        case FilterKind::mailboxes:
            return any_name([&](const std::string& name) { return mailbox.name == name; });
    }
    return false;
}

}  // namespace postern::imap
