// STATUS: counts of a mailbox without selecting it. RFC 3501 §6.3.10.
#include "imap/commands.hpp"
#include "imap/session.hpp"
#include "store/mailbox_name.hpp"

namespace postern::imap {
namespace {

using engine::task;
using engine::try_;

struct StatusItem {
    std::string_view name;
    std::uint32_t store::MailboxStatus::* value;
};
// RFC 3501 §9: status-att
constexpr StatusItem status_items[] = {
    {"MESSAGES", &store::MailboxStatus::messages},
    {"RECENT", &store::MailboxStatus::recent},
    {"UIDNEXT", &store::MailboxStatus::uid_next},
    {"UIDVALIDITY", &store::MailboxStatus::uid_validity},
    {"UNSEEN", &store::MailboxStatus::unseen},
};

struct StatusArguments {
    std::string mailbox;
    std::vector<const StatusItem*> items;
};

const StatusItem* find_item(std::string_view name) {
    for (const auto& item : status_items) {
        if (iequals(name, item.name)) return &item;
    }
    return nullptr;
}

// status = "STATUS" SP mailbox SP "(" status-att *(SP status-att) ")"
Result<StatusArguments> parse_status(Decoder in) {
    StatusArguments arguments;
    in.space();
    arguments.mailbox = in.mailbox();
    in.space();
    in.expect('(');
    while (in.ok()) {
        const StatusItem* item = find_item(in.word());
        if (item == nullptr) in.fail("Unknown STATUS item");
        if (arguments.items.size() == std::size(status_items)) in.fail("Too many STATUS items");
        arguments.items.push_back(item);
        if (!in.take(' ')) break;
    }
    in.expect(')');
    if (auto end = in.finish(); !end) return Failure(end.error());
    return arguments;
}

}  // namespace

task<Result<Reply>> handle_status(Session& session, Command& command) {
    StatusArguments arguments = co_await try_(parse_status(command.arguments()));
    std::string name = co_await try_(store::canonical_mailbox_name(arguments.mailbox));
    store::MailboxStatus status = co_await try_(session.account().status(name));
    std::string text;
    for (const StatusItem* item : arguments.items) {
        if (!text.empty()) text += ' ';
        text += std::string(item->name) + " " + std::to_string(status.*(item->value));
    }
    session.out().line("STATUS " + format_mailbox(name) + " (" + text + ")");
    co_return ok();
}

}  // namespace postern::imap
