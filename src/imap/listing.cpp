// LIST responses about one mailbox; see listing.hpp.
#include "imap/listing.hpp"

#include "imap/access.hpp"
#include "imap/session.hpp"
#include "store/mailbox_name.hpp"

namespace postern::imap {

using engine::task;
using engine::try_;

std::string format_attributes(const store::MailboxInfo& info, std::string_view missing,
                              Subscribed subscribed) {
    std::vector<std::string> words;
    if (!missing.empty()) words.emplace_back(missing);
    if (subscribed == Subscribed::said && info.subscribed) words.emplace_back("\\Subscribed");
    words.emplace_back(info.has_children ? "\\HasChildren" : "\\HasNoChildren");
    if (info.special_use != store::SpecialUse::none) {
        words.emplace_back(store::attribute(info.special_use));
    }
    return join(words);
}

// RFC 9051 §6.3.9.7: oldname-extended-item = "OLDNAME" SP "(" mailbox ")"
task<Result<void>> write_listing(Session& session, std::string name, std::string old_name) {
    store::MailboxInfo info;
    info.selectable = false;
    std::vector<store::MailboxInfo> mailboxes;
    if (name.starts_with(shared_prefix)) {
        mailboxes = co_await try_(list_shared(session, store::right::lookup));
    } else {
        mailboxes = co_await try_(session.account().list());
    }
    bool has_children = false;
    for (store::MailboxInfo& each : mailboxes) {
        has_children = has_children || store::is_below(each.name, name);
        if (each.name == name) info = std::move(each);
    }
    info.has_children = info.has_children || has_children;
    // A subscription may be to a mailbox that is not there.
    if (!info.selectable) {
        for (const std::string& each : co_await try_(session.account().subscriptions())) {
            if (each == name) info.subscribed = true;
        }
    }
    std::string extended;
    if (!old_name.empty()) {
        extended = "(\"OLDNAME\" (" + format_mailbox(old_name, session.name_form()) + "))";
    }
    std::string_view missing = info.selectable ? "" : "\\NonExistent";
    session.out().list("LIST", format_attributes(info, missing, Subscribed::said), name, extended);
    co_return {};
}

task<Result<void>> write_new_name(Session& session, std::string given, std::string name) {
    if (!session.is_enabled(Feature::imap4rev2)) co_return {};
    if (given.size() > 1 && given.ends_with(store::hierarchy_separator)) given.pop_back();
    if (given == name) co_return {};
    co_return co_await write_listing(session, std::move(name), std::move(given));
}

}  // namespace postern::imap
