// Names, owners and rights; see access.hpp.
#include "imap/access.hpp"

#include <algorithm>
#include <cerrno>

#include "auth/authenticator.hpp"
#include "auth/directory.hpp"
#include "auth/names.hpp"
#include "auth/saslprep.hpp"
#include "imap/session.hpp"
#include "store/mailbox_name.hpp"
#include "store/store.hpp"

namespace postern::imap {
namespace {

using engine::task;
using engine::try_;

Failure no_such_place() {
    return fail_request(ErrorCode::not_found, "no such mailbox");
}

// RFC 4314 §4 (MYRIGHTS): with none of these there is nothing to be seen or done.
constexpr store::Rights any_right = store::right::lookup | store::right::read |
                                    store::right::insert | store::right::create |
                                    store::right::remove_mailbox | store::right::administer;

Result<void> check_rights(store::Rights rights, store::Rights needed) {
    if ((rights & any_right) == 0) return no_such_place();
    if ((rights & needed) == needed) return {};
    if ((rights & store::right::lookup) == 0) return no_such_place();
    return no_permission();
}

// Of "Shared/owner/name": name; empty when there is none.
std::string_view inner_name(std::string_view shared_name) {
    std::size_t slash = shared_name.find(store::hierarchy_separator, shared_prefix.size());
    return slash == std::string_view::npos ? std::string_view() : shared_name.substr(slash + 1);
}

// RFC 4314 §6: whether there is such a user, and whether he shares nothing at all, takes one look
// at a file and gives one answer.
task<Result<Place>> locate_shared(Session& session, std::string name) {
    std::string inner(inner_name(name));
    std::string owner_name = name.substr(shared_prefix.size());
    if (!inner.empty()) owner_name.resize(owner_name.size() - inner.size() - 1);
    auto people = session.server().authenticator().directory();
    const auth::Account* owner = people->find_login(owner_name);
    auto [local_part, domain] = auth::split_address(owner_name);
    std::string directory = store::account_directory(domain, local_part);
    if (owner != nullptr) directory = auth::mail_directory(*owner);
    store::Store& store = session.server().store();
    bool is_sharing = co_await try_(store.is_sharing(directory));
    if (!is_sharing || owner == nullptr || inner.empty() || owner->id == session.user().id) {
        co_return no_such_place();
    }
    Place place;
    place.owner = owner->address;
    place.name = co_await try_(store::canonical_mailbox_name(inner));
    place.account = co_await try_(store.reach_account(std::move(directory)));
    co_return place;
}

task<Result<Place>> locate(Session& session, std::string name) {
    std::string canonical = co_await try_(store::canonical_mailbox_name(name));
    if (canonical.starts_with(shared_prefix)) {
        co_return co_await locate_shared(session, std::move(canonical));
    }
    Place place;
    place.account = session.shared_account();
    place.name = std::move(canonical);
    co_return place;
}

}  // namespace

std::string shown_name(std::string_view owner, std::string_view name) {
    if (owner.empty()) return std::string(name);
    std::string shown(shared_prefix);
    shown += owner;
    shown += store::hierarchy_separator;
    return shown += name;
}

std::string Place::shown() const {
    return shown_name(owner, name);
}

task<Result<std::vector<store::MailboxInfo>>> list_shared(Session& session, store::Rights needed) {
    std::vector<store::MailboxInfo> shared;
    store::Store& store = session.server().store();
    std::vector<std::string> accounts = co_await try_(store.sharing_accounts());
    auto people = session.server().authenticator().directory();
    for (std::string& directory : accounts) {
        const auth::Account* owner = people->find_mail_directory(directory);
        if (owner == nullptr || owner->id == session.user().id) continue;
        auto account = co_await try_(store.reach_account(std::move(directory)));
        for (auto& [name, acl] : co_await try_(account->acls())) {
            store::Rights rights = rights_by(session, acl, store::Standing::other);
            auto whole = store::canonical_mailbox_name(shown_name(owner->address, name));
            if ((rights & needed) != needed || !whole) continue;
            store::MailboxInfo info;
            info.name = std::move(*whole);
            shared.push_back(std::move(info));
        }
    }
    co_return shared;
}

Failure no_permission() {
    return Failure(Error{ErrorKind::peer_request, ErrorCode::refused, EACCES, "no permission"});
}

store::Rights rights_by(const Session& session, const store::Acl& acl, store::Standing standing) {
    if (acl.empty()) return standing == store::Standing::owner ? store::right::all : 0;
    return store::rights_of(acl, session.user_identifier(), standing);
}

task<Result<Place>> find_mailbox(Session& session, std::string name, store::Rights needed) {
    Place place = co_await try_(locate(session, std::move(name)));
    store::Acl acl = co_await try_(place.account->acl(place.name));
    place.rights = rights_by(session, acl, place.standing());
    co_await try_(check_rights(place.rights, needed));
    co_return place;
}

namespace {

// Another shard's mailbox is not one object for all who open it.
bool has_selected(const Session& session, const Place& place) {
    return session.view() != nullptr && session.owner() == place.owner &&
           session.view()->mailbox().name() == place.name;
}

}  // namespace

// What is another user's is opened only for those who may.
task<Result<OpenPlace>> open_mailbox(Session& session, std::string name, store::Rights needed) {
    OpenPlace open;
    open.place = co_await try_(locate(session, std::move(name)));
    bool is_own = open.place.owner.empty();
    if (!is_own) {
        store::Acl acl = co_await try_(open.place.account->acl(open.place.name));
        co_await try_(check_rights(rights_by(session, acl, store::Standing::other), needed));
    }
    if (!is_own && has_selected(session, open.place)) {
        open.mailbox = session.view()->shared_mailbox();
    } else {
        open.mailbox = co_await try_(open.place.account->open(open.place.name));
    }
    open.place.rights = rights_by(session, open.mailbox->acl(), open.place.standing());
    co_await try_(check_rights(open.place.rights, needed));
    if (!is_own && (needed & store::right::read) != 0) co_await try_(open.mailbox->refresh());
    co_return open;
}

task<Result<Place>> find_new_mailbox(Session& session, std::string name) {
    if (name.size() > 1 && name.ends_with(store::hierarchy_separator)) name.pop_back();
    Place place = co_await try_(locate(session, std::move(name)));
    if (place.owner.empty() && place.name == shared_root) {
        co_return fail_request(ErrorCode::refused, "the name of other users' mailboxes");
    }
    std::vector<std::string> above = store::superior_names(place.name);
    while (!above.empty()) {
        auto acl = co_await place.account->acl(above.back());
        above.pop_back();
        if (!acl && acl.error().code == ErrorCode::not_found) continue;
        if (!acl) co_return Failure(acl.error());
        store::Rights rights = rights_by(session, *acl, place.standing());
        co_await try_(check_rights(rights, store::right::create));
        co_return place;
    }
    if (!place.owner.empty()) co_return no_such_place();
    co_return place;
}

Result<void> check_selected(const Session& session, store::Rights needed) {
    if ((session.rights() & needed) == needed) return {};
    return no_permission();
}

Result<std::string> prepare_identifier(const Session& session, std::string_view given) {
    bool is_negative = given.starts_with('-');
    std::string sign = is_negative ? "-" : "";
    auto prepared = auth::apply_saslprep(given.substr(sign.size()));
    if (!prepared || !store::is_identifier(sign + *prepared)) {
        return fail_syntax("Invalid identifier");
    }
    if (iequals(*prepared, store::anyone)) return sign + std::string(store::anyone);
    if (prepared->starts_with('$')) return sign + to_lower(*prepared);
    std::string key = session.server().authenticator().directory()->login_key(*prepared);
    return sign + key;
}

std::string owner_identifier(const Session& session, const Place& place) {
    if (place.owner.empty()) return session.user_identifier();
    return session.server().authenticator().directory()->login_key(place.owner);
}

std::vector<std::string> permanent_flags(const Session& session) {
    const store::View& view = *session.view();
    if (view.access() == store::Access::read_only) return {};
    const store::Mailbox& mailbox = view.mailbox();
    store::FlagSet changeable = store::changeable_flags(session.rights());
    if (changeable.keywords == 0) {
        store::FlagSet system{changeable.system, 0};
        return mailbox.flag_names(system);
    }
    std::vector<std::string> names;
    store::FlagSet fixed{std::uint8_t(store::flag::all & ~changeable.system), 0};
    std::vector<std::string> left_out = mailbox.flag_names(fixed);
    for (std::string& flag : mailbox.all_flag_names()) {
        if (std::find(left_out.begin(), left_out.end(), flag) == left_out.end()) {
            names.push_back(std::move(flag));
        }
    }
    if (mailbox.may_create_keywords()) names.emplace_back("\\*");
    return names;
}

}  // namespace postern::imap
