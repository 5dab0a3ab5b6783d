// CREATE, DELETE, RENAME, SUBSCRIBE, UNSUBSCRIBE: the tree of mailboxes, which the store keeps.
// RFC 3501 §6.3.3 to §6.3.7, RFC 6154 §3 (CREATE-SPECIAL-USE), RFC 8474 §4.1 (OBJECTID: MAILBOXID).
#include "imap/access.hpp"
#include "imap/commands.hpp"
#include "imap/listing.hpp"
#include "imap/notifier.hpp"
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

// RFC 4466 §2.2: create-params. RFC 6154 §6: create = "CREATE" SP mailbox [SP "(" "USE" SP "("
// [use-attr *(SP use-attr)] ")" ")"]
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

// What the store has made of it; it has taken the name.
std::string name_of_new(std::string_view given) {
    if (given.ends_with(store::hierarchy_separator)) given.remove_suffix(1);
    auto name = store::new_mailbox_name(given);
    return name ? std::move(*name) : std::string(given);
}

// RFC 5530 §3 (HASCHILDREN): of a name that is only a superior of others.
task<Result<bool>> is_only_superior(Session& session, std::string name) {
    for (const store::MailboxInfo& info : co_await try_(session.account().list())) {
        if (info.name == name) co_return !info.selectable;
    }
    co_return false;
}

// RFC 9051 §6.3.6: where either name is not quite what was given. INBOX is not renamed.
task<Result<void>> tell_renamed(Session& session, std::string from, std::string to) {
    std::string name = name_of_new(to);
    std::string old_name = name_of_new(from);
    if (old_name == "INBOX" || old_name == from) {
        bool is_same = to == name || to == name + store::hierarchy_separator;
        if (!is_same && old_name != "INBOX") to = std::move(from);
        co_return co_await write_new_name(session, std::move(to), std::move(name));
    }
    co_return co_await write_new_name(session, std::move(from), std::move(name));
}

Reply use_not_possible() {
    return no(code::use_attr, "Special use not possible");
}

}  // namespace

// A mailbox has one special use at most, and a use one mailbox.
task<Result<Reply>> handle_create(Session& session, Command& command) {
    CreateArguments arguments = co_await try_(parse_create(command.arguments()));
    OwnChange own(session);
    Place place = co_await try_(find_new_mailbox(session, arguments.mailbox));
    if (arguments.uses.empty()) {
        co_await try_(place.account->create(place.name));
    } else {
        store::SpecialUse use = store::find_special_use(arguments.uses.front());
        bool is_possible =
            arguments.uses.size() == 1 && use != store::SpecialUse::none && place.owner.empty();
        if (!is_possible) co_return use_not_possible();
        auto created = co_await place.account->create_special(place.name, use);
        if (!created && created.error().code == ErrorCode::in_use) co_return use_not_possible();
        co_await try_(std::move(created));
    }
    if (place.owner.empty()) {
        place.name = name_of_new(arguments.mailbox);
        own.made(store::AccountEvent::mailbox_created, place.name);
        co_await try_(write_new_name(session, std::move(arguments.mailbox), place.name));
    }
    store::MailboxStatus status = co_await try_(place.account->status(place.name));
    co_return ok(code::mailbox_id(status.mailbox_id), "");
}

// A trailing separator is passed over, as CREATE does. The mailbox may be the selected one: then it
// is let go, as if by UNSELECT. RFC 4314 §4: "x" on it.
task<Result<Reply>> handle_delete(Session& session, Command& command) {
    std::string name = co_await try_(parse_mailbox(command.arguments()));
    if (name.size() > 1 && name.ends_with(store::hierarchy_separator)) name.pop_back();
    OwnChange own(session);
    auto found = co_await find_mailbox(session, name, store::right::remove_mailbox);
    if (!found && found.error().code == ErrorCode::not_found) {
        bool has_children = co_await try_(is_only_superior(session, name_of_new(name)));
        if (has_children) co_return no(code::has_children, "Others are below it");
    }
    Place place = co_await try_(std::move(found));
    co_await try_(place.account->remove(place.name));
    if (place.owner.empty()) {
        std::string old_name = name_of_new(name);
        own.made(store::AccountEvent::mailbox_removed, old_name);
        co_await try_(write_new_name(session, std::move(name), std::move(old_name)));
    }
    // A mailbox of another shard does not know yet.
    if (session.view() != nullptr && !session.owner().empty()) {
        auto seen = co_await session.view()->shared_mailbox()->refresh();
        if (!seen && seen.error().kind == ErrorKind::gone) co_return Failure(seen.error());
    }
    if (session.view() != nullptr && session.view()->mailbox_is_gone()) session.deselect();
    co_return ok();
}

// RFC 4314 §4: "x" on the mailbox, "k" on its new parent. RFC 4466 §2.3: no rename-params are
// known.
task<Result<Reply>> handle_rename(Session& session, Command& command) {
    Decoder in = command.arguments();
    in.space();
    std::string from = in.mailbox();
    in.space();
    std::string to = in.mailbox();
    co_await try_(in.finish());
    OwnChange own(session);
    auto source = co_await find_mailbox(session, from, store::right::remove_mailbox);
    Place target = co_await try_(find_new_mailbox(session, to));
    // A name that is only above others is the owner's to rename; the store looks at it.
    bool is_superior = !source && source.error().code == ErrorCode::not_found;
    if (is_superior && target.owner.empty()) {
        co_await try_(target.account->rename(from, target.name));
    } else {
        Place place = co_await try_(std::move(source));
        if (place.owner != target.owner) {
            co_return no(code::cannot, "Not to another user's mailboxes");
        }
        co_await try_(place.account->rename(place.name, target.name));
    }
    if (!target.owner.empty()) co_return ok();
    own.made(store::AccountEvent::mailbox_created, name_of_new(to));
    own.made(store::AccountEvent::mailbox_renamed, name_of_new(to));
    co_await try_(tell_renamed(session, std::move(from), std::move(to)));
    co_return ok();
}

task<Result<Reply>> handle_subscribe(Session& session, Command& command) {
    std::string name = co_await try_(parse_mailbox(command.arguments()));
    OwnChange own(session);
    co_await try_(session.account().subscribe(name));
    own.made(store::AccountEvent::subscription_changed, name_of_new(name));
    co_return ok();
}

task<Result<Reply>> handle_unsubscribe(Session& session, Command& command) {
    std::string name = co_await try_(parse_mailbox(command.arguments()));
    OwnChange own(session);
    co_await try_(session.account().unsubscribe(name));
    own.made(store::AccountEvent::subscription_changed, name_of_new(name));
    co_return ok();
}

}  // namespace postern::imap
