// LIST, LSUB and NAMESPACE: names of mailboxes. RFC 3501 §6.3.8 (LIST), §6.3.9 (LSUB), RFC 3348
// (CHILDREN: \HasChildren, \HasNoChildren), RFC 6154 §2 (SPECIAL-USE: \Sent and its kin), RFC 2342.
#include <algorithm>

#include "imap/commands.hpp"
#include "imap/limits.hpp"
#include "imap/list_pattern.hpp"
#include "imap/session.hpp"
#include "store/mailbox_name.hpp"

namespace postern::imap {
namespace {

using engine::task;
using engine::try_;

struct ListArguments {
    std::string reference;
    std::string pattern;
};

// list = "LIST" SP mailbox SP list-mailbox
Result<ListArguments> parse_list(Decoder in) {
    ListArguments arguments;
    in.space();
    arguments.reference = in.mailbox();
    in.space();
    arguments.pattern = in.list_mailbox();
    if (arguments.reference.size() + arguments.pattern.size() > list_pattern_bytes_max) {
        in.fail("Mailbox pattern too long");
    }
    if (auto end = in.finish(); !end) return Failure(end.error());
    return arguments;
}

std::string format_attributes(const store::MailboxInfo& mailbox) {
    std::string text = mailbox.selectable ? "" : "\\Noselect ";
    text += mailbox.has_children ? "\\HasChildren" : "\\HasNoChildren";
    if (mailbox.special_use != store::SpecialUse::none) {
        text += ' ';
        text += store::attribute(mailbox.special_use);
    }
    return text;
}

// RFC 3501 §6.3.8: an empty pattern asks for the separator and the root of the reference.
void write_root(Session& session) {
    session.out().list("LIST", "\\Noselect", "");
}

}  // namespace

task<Result<Reply>> handle_list(Session& session, Command& command) {
    ListArguments arguments = co_await try_(parse_list(command.arguments()));
    if (arguments.pattern.empty()) {
        write_root(session);
        co_return ok();
    }
    ListPattern pattern(arguments.reference, arguments.pattern);
    std::vector<store::MailboxInfo> mailboxes = co_await try_(session.account().list());
    for (const auto& mailbox : mailboxes) {
        if (!pattern.matches(mailbox.name)) continue;
        session.out().list("LIST", format_attributes(mailbox), mailbox.name);
        co_await try_(session.stream().flush_if_full(session.output_deadline()));
    }
    co_return ok();
}

// RFC 3501 §6.3.9: when "foo/bar" is subscribed and "foo" is not, "%" gives "foo" as \Noselect.
task<Result<Reply>> handle_lsub(Session& session, Command& command) {
    ListArguments arguments = co_await try_(parse_list(command.arguments()));
    ListPattern pattern(arguments.reference, arguments.pattern);
    std::vector<std::string> names = co_await try_(session.account().subscriptions());
    std::vector<std::string> superiors;
    for (const auto& name : names) {
        if (pattern.matches(name)) {
            session.out().list("LSUB", "", name);
            co_await try_(session.stream().flush_if_full(session.output_deadline()));
            continue;
        }
        for (auto& superior : store::superior_names(name)) {
            bool is_listed = std::binary_search(names.begin(), names.end(), superior);
            if (!is_listed && pattern.matches(superior)) superiors.push_back(std::move(superior));
        }
    }
    std::sort(superiors.begin(), superiors.end());
    superiors.erase(std::unique(superiors.begin(), superiors.end()), superiors.end());
    for (const auto& name : superiors) session.out().list("LSUB", "\\Noselect", name);
    co_return ok();
}

// RFC 2342 §5: one personal namespace, the root.
task<Result<Reply>> handle_namespace(Session& session, Command& command) {
    co_await try_(command.arguments().finish());
    session.out().line("NAMESPACE ((\"\" \"/\")) NIL NIL");
    co_return ok();
}

}  // namespace postern::imap
