// CREATE, DELETE, RENAME, SUBSCRIBE, UNSUBSCRIBE: the tree of mailboxes, which the store keeps.
// RFC 3501 §6.3.3 to §6.3.7, RFC 6154 §3 (CREATE-SPECIAL-USE), RFC 8474 §4.1 (OBJECTID: MAILBOXID).
#include "imap/commands.hpp"
#include "imap/session.hpp"
#include "store/mailbox_name.hpp"

namespace postern::imap {
namespace {

using engine::task;
using engine::try_;

// Commands whose one argument is a mailbox.
Result<std::string> parse_mailbox(Decoder in) {
    in.space();
    std::string name = in.mailbox();
    if (auto end = in.finish(); !end) return Failure(end.error());
    return name;
}

struct CreateArguments {
    std::string mailbox;
    std::vector<std::string> uses;
};

// RFC 6154 §6: create = "CREATE" SP mailbox [SP "(" "USE" SP "(" [use-attr *(SP use-attr)] ")" ")"]
Result<CreateArguments> parse_create(Decoder in) {
    CreateArguments arguments;
    in.space();
    arguments.mailbox = in.mailbox();
    if (in.take(' ')) {
        in.expect('(');
        if (in.ok() && !in.take_word("USE")) in.fail("Unknown CREATE parameter");
        in.space();
        arguments.uses = in.flag_list();
        in.expect(')');
    }
    if (auto end = in.finish(); !end) return Failure(end.error());
    return arguments;
}

Reply use_not_possible() {
    return no(code::use_attr, "Special use not possible");
}

}  // namespace

// A mailbox has one special use at most, and a use one mailbox.
task<Result<Reply>> handle_create(Session& session, Command& command) {
    CreateArguments arguments = co_await try_(parse_create(command.arguments()));
    if (arguments.uses.empty()) {
        co_await try_(session.account().create(arguments.mailbox));
    } else {
        store::SpecialUse use = store::find_special_use(arguments.uses.front());
        bool is_possible = arguments.uses.size() == 1 && use != store::SpecialUse::none;
        if (!is_possible) co_return use_not_possible();
        auto created = co_await session.account().create_special(arguments.mailbox, use);
        if (!created && created.error().code == ErrorCode::in_use) co_return use_not_possible();
        co_await try_(std::move(created));
    }
    std::string name = std::move(arguments.mailbox);
    if (name.ends_with(store::hierarchy_separator)) name.pop_back();
    store::MailboxStatus status = co_await try_(session.account().status(std::move(name)));
    co_return ok(code::mailbox_id(status.mailbox_id), "");
}

// A trailing separator is passed over, as CREATE does. The mailbox may be the selected one: then it
// is let go, as if by UNSELECT.
task<Result<Reply>> handle_delete(Session& session, Command& command) {
    std::string name = co_await try_(parse_mailbox(command.arguments()));
    if (name.size() > 1 && name.ends_with(store::hierarchy_separator)) name.pop_back();
    co_await try_(session.account().remove(std::move(name)));
    if (session.view() != nullptr && session.view()->mailbox_is_gone()) session.deselect();
    co_return ok();
}

task<Result<Reply>> handle_rename(Session& session, Command& command) {
    Decoder in = command.arguments();
    in.space();
    std::string from = in.mailbox();
    in.space();
    std::string to = in.mailbox();
    co_await try_(in.finish());
    co_await try_(session.account().rename(std::move(from), std::move(to)));
    co_return ok();
}

task<Result<Reply>> handle_subscribe(Session& session, Command& command) {
    std::string name = co_await try_(parse_mailbox(command.arguments()));
    co_await try_(session.account().subscribe(std::move(name)));
    co_return ok();
}

task<Result<Reply>> handle_unsubscribe(Session& session, Command& command) {
    std::string name = co_await try_(parse_mailbox(command.arguments()));
    co_await try_(session.account().unsubscribe(std::move(name)));
    co_return ok();
}

}  // namespace postern::imap
