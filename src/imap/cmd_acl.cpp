// SETACL, DELETEACL, GETACL, LISTRIGHTS and MYRIGHTS. RFC 4314 §3. Rights are granted one by one
// (none are tied); an owner always keeps "l" and "a" on his mailboxes.
#include <algorithm>

#include "auth/authenticator.hpp"
#include "auth/directory.hpp"
#include "imap/access.hpp"
#include "imap/commands.hpp"
#include "imap/session.hpp"
#include "message/imap_format.hpp"
#include "store/store.hpp"

namespace postern::imap {
namespace {

using engine::task;
using engine::try_;

std::string format_astring(const std::string& text) {
    bool is_plain = !text.empty() && std::all_of(text.begin(), text.end(), is_astring_char);
    return is_plain ? text : message::format_string(text);
}

std::string format_rights_string(store::Rights rights) {
    std::string letters = store::format_rights(rights);
    return letters.empty() ? "\"\"" : letters;
}

struct IdentifierArguments {
    std::string mailbox;
    std::string given;       // as the client has it
    std::string identifier;  // as it is kept
};

// mailbox SP identifier
IdentifierArguments parse_identifier(const Session& session, Decoder& in) {
    IdentifierArguments arguments;
    in.space();
    arguments.mailbox = in.mailbox();
    in.space();
    arguments.given = in.astring();
    if (!in.ok()) return arguments;
    auto prepared = prepare_identifier(session, arguments.given);
    if (prepared) {
        arguments.identifier = std::move(*prepared);
    } else {
        in.fail("Invalid identifier");
    }
    return arguments;
}

// RFC 4314 §7: mod-rights = astring: +rights to add, -rights to remove, rights to replace
void parse_mod_rights(Decoder& in, store::AclChange& change) {
    in.space();
    std::string text = in.astring();
    if (!in.ok()) return;
    std::string_view letters = text;
    if (letters.starts_with('+') || letters.starts_with('-')) {
        change.how = letters[0] == '+' ? store::RightsChange::add : store::RightsChange::remove;
        letters.remove_prefix(1);
    }
    auto rights = store::parse_rights(letters);
    if (!rights) in.fail("Unknown right");
    change.rights = rights.value_or(store::Rights{0});
}

// Others look for shared mailboxes where there is a mark.
task<Result<void>> mark_sharing(Session& session, const Place& place) {
    auto people = session.server().authenticator().directory();
    const auth::Account* owner = &session.user();
    if (!place.owner.empty()) owner = people->find_login(place.owner);
    if (owner == nullptr) co_return {};
    std::string directory(auth::mail_directory(*owner));
    co_return co_await session.server().store().mark_sharing(std::move(directory));
}

task<Result<Reply>> change_list(Session& session, IdentifierArguments arguments,
                                store::AclChange change) {
    Place place = co_await try_(find_mailbox(session, arguments.mailbox, store::right::administer));
    change.identifier = std::move(arguments.identifier);
    if (change.identifier == owner_identifier(session, place)) {
        change.without_entry = store::right::all;
    }
    if (change.how != store::RightsChange::erase && change.rights != 0) {
        co_await try_(mark_sharing(session, place));
    }
    co_await try_(place.account->set_acl(place.name, std::move(change)));
    co_return ok();
}

// The owner stands in every list, whether he has an entry or not.
std::string format_acl_entries(store::Acl acl, const std::string& owner) {
    auto [own, is_implied] = acl.try_emplace(owner, store::right::all);
    own->second |= store::right::owner;
    std::string text = " " + format_astring(owner) + " " + format_rights_string(own->second);
    acl.erase(own);
    for (const auto& [identifier, rights] : acl) {
        text += " " + format_astring(identifier) + " " + format_rights_string(rights);
    }
    return text;
}

}  // namespace

// setacl = "SETACL" SP mailbox SP identifier SP mod-rights
task<Result<Reply>> handle_setacl(Session& session, Command& command) {
    Decoder in = command.arguments();
    IdentifierArguments arguments = parse_identifier(session, in);
    store::AclChange change;
    parse_mod_rights(in, change);
    co_await try_(in.finish());
    co_return co_await change_list(session, std::move(arguments), std::move(change));
}

// deleteacl = "DELETEACL" SP mailbox SP identifier
task<Result<Reply>> handle_deleteacl(Session& session, Command& command) {
    Decoder in = command.arguments();
    IdentifierArguments arguments = parse_identifier(session, in);
    co_await try_(in.finish());
    store::AclChange change;
    change.how = store::RightsChange::erase;
    co_return co_await change_list(session, std::move(arguments), std::move(change));
}

// getacl = "GETACL" SP mailbox
task<Result<Reply>> handle_getacl(Session& session, Command& command) {
    Decoder in = command.arguments();
    in.space();
    std::string name = in.mailbox();
    co_await try_(in.finish());
    Place place = co_await try_(find_mailbox(session, std::move(name), store::right::administer));
    store::Acl acl = co_await try_(place.account->acl(place.name));
    std::string entries = format_acl_entries(std::move(acl), owner_identifier(session, place));
    session.out().line("ACL " + format_mailbox(place.shown(), session.name_form()) + entries);
    co_return ok();
}

// listrights = "LISTRIGHTS" SP mailbox SP identifier. RFC 4314 §3.7: what is always granted, then
// what can be, tied together or not.
task<Result<Reply>> handle_listrights(Session& session, Command& command) {
    Decoder in = command.arguments();
    IdentifierArguments arguments = parse_identifier(session, in);
    co_await try_(in.finish());
    Place place = co_await try_(find_mailbox(session, arguments.mailbox, store::right::administer));
    bool is_owner = arguments.identifier == owner_identifier(session, place);
    session.out().line(
        "LISTRIGHTS " + format_mailbox(place.shown(), session.name_form()) + " " +
        format_astring(arguments.given) +
        (is_owner ? " la r s w i p k x t e c d" : " \"\" l r s w i p k x t e a c d"));
    co_return ok();
}

// myrights = "MYRIGHTS" SP mailbox. RFC 4314 §4: whoever has one of "lrikxa".
task<Result<Reply>> handle_myrights(Session& session, Command& command) {
    Decoder in = command.arguments();
    in.space();
    std::string name = in.mailbox();
    co_await try_(in.finish());
    Place place = co_await try_(find_mailbox(session, std::move(name), 0));
    session.out().my_rights(place.shown(), place.rights);
    co_return ok();
}

}  // namespace postern::imap
