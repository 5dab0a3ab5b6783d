// GETQUOTA, GETQUOTAROOT and SETQUOTA. An account is one quota root, named by its address, with all
// its mailboxes. Everybody sees their own; an administrator's account sees and sets everybody's. To
// others a root that is not theirs is one that does not exist.
// RFC 9208 (QUOTA, QUOTASET, QUOTA=RES-STORAGE, QUOTA=RES-MESSAGE).
#include <algorithm>
#include <optional>

#include "auth/authenticator.hpp"
#include "auth/directory.hpp"
#include "imap/access.hpp"
#include "imap/commands.hpp"
#include "imap/limits.hpp"
#include "imap/session.hpp"
#include "message/imap_format.hpp"
#include "store/mailbox_name.hpp"
#include "store/store.hpp"

namespace postern::imap {
namespace {

using engine::task;
using engine::try_;

constexpr std::uint64_t storage_unit_bytes = 1024;  // RFC 9208 §5.1
constexpr std::uint64_t storage_units_max = std::uint64_t{1} << 50;

struct QuotaRoot {
    std::string name;       // the account's address
    std::string directory;  // of its mail
};

// As of now: accounts come and go, and administrators are made.
bool is_administrator(Session& session) {
    auto people = session.server().authenticator().directory();
    const auth::Account* account = people->find_account(session.user().id);
    return account != nullptr && account->role == auth::AccountRole::admin;
}

std::optional<QuotaRoot> find_root(Session& session, std::string_view name) {
    auto people = session.server().authenticator().directory();
    const auth::Account* account = people->find_login(name);
    if (account == nullptr) return std::nullopt;
    if (account->id != session.user().id && !is_administrator(session)) return std::nullopt;
    return QuotaRoot{account->address, std::string(auth::mail_directory(*account))};
}

Reply no_such_root() {
    return no(code::nonexistent, "No such quota root");
}

// RFC 9208 §7: quota-root-name = astring
std::string format_root(const std::string& name) {
    bool is_plain = std::all_of(name.begin(), name.end(), is_astring_char);
    return is_plain && !name.empty() ? name : message::format_string(name);
}

// RFC 9208 §4.2.1: what is not limited is not named.
task<Result<void>> write_quota(Session& session, const QuotaRoot* root) {
    store::QuotaStatus quota = co_await try_(session.server().store().quota(root->directory));
    std::vector<std::string> words;
    auto add = [&words](std::string_view resource, std::uint64_t used, std::uint64_t limit) {
        words.emplace_back(resource);
        words.push_back(std::to_string(used));
        words.push_back(std::to_string(limit));
    };
    if (quota.limits.bytes_max != 0) {
        std::uint64_t used = (quota.usage.bytes + storage_unit_bytes - 1) / storage_unit_bytes;
        add("STORAGE", used, quota.limits.bytes_max / storage_unit_bytes);
    }
    if (quota.limits.messages_max != 0) {
        add("MESSAGE", quota.usage.messages, quota.limits.messages_max);
    }
    session.out().line("QUOTA " + format_root(root->name) + " (" + join(words) + ")");
    co_return {};
}

struct QuotaSetting {
    std::string root;
    std::optional<std::uint64_t> storage;
    std::optional<std::uint64_t> messages;
    bool has_other = false;  // a resource that nobody can limit here
};

void parse_resource(Decoder& in, QuotaSetting& setting) {
    std::string_view resource = in.atom();
    in.space();
    std::uint64_t limit = in.number64();
    bool is_storage = iequals(resource, "STORAGE");
    if (!is_storage && !iequals(resource, "MESSAGE")) {
        setting.has_other = true;
        return;
    }
    auto& place = is_storage ? setting.storage : setting.messages;
    if (place) in.fail("The same resource twice");
    place = limit;
}

// setquota = "SETQUOTA" SP quota-root-name SP "(" [resource SP limit *(SP resource SP limit)] ")"
Result<QuotaSetting> parse_setquota(Decoder in) {
    QuotaSetting setting;
    in.space();
    setting.root = in.astring();
    in.space();
    in.expect('(');
    while (in.ok() && !in.at(')')) {
        parse_resource(in, setting);
        if (!in.take(' ')) break;
    }
    in.expect(')');
    if (auto end = in.finish(); !end) return Failure(end.error());
    return setting;
}

// Nothing may be limited to nothing: an account can be disabled instead.
std::optional<store::QuotaLimits> limits_of(const QuotaSetting& setting) {
    bool is_possible = !setting.has_other && setting.storage != 0u && setting.messages != 0u &&
                       setting.storage.value_or(0) <= storage_units_max;
    if (!is_possible) return std::nullopt;
    store::QuotaLimits limits;
    limits.bytes_max = setting.storage.value_or(0) * storage_unit_bytes;
    limits.messages_max = setting.messages.value_or(0);
    return limits;
}

}  // namespace

// getquota = "GETQUOTA" SP quota-root-name
task<Result<Reply>> handle_getquota(Session& session, Command& command) {
    Decoder in = command.arguments();
    in.space();
    std::string name = in.astring();
    co_await try_(in.finish());
    std::optional<QuotaRoot> root = find_root(session, name);
    if (!root) co_return no_such_root();
    co_await try_(write_quota(session, &*root));
    co_return ok();
}

// getquotaroot = "GETQUOTAROOT" SP mailbox. RFC 9208 §4.1.2: which need not exist.
task<Result<Reply>> handle_getquotaroot(Session& session, Command& command) {
    Decoder in = command.arguments();
    in.space();
    std::string mailbox = in.mailbox();
    co_await try_(in.finish());
    co_await try_(store::canonical_mailbox_name(mailbox));
    // Another user's mailbox counts for his root, which only he sees.
    if (mailbox.starts_with(shared_prefix)) {
        session.out().line("QUOTAROOT " + format_mailbox(mailbox, session.name_form()));
        co_return ok();
    }
    std::optional<QuotaRoot> root = find_root(session, session.user().address);
    if (!root) co_return no_such_root();
    session.out().line("QUOTAROOT " + format_mailbox(mailbox, session.name_form()) + " " +
                       format_root(root->name));
    co_await try_(write_quota(session, &*root));
    co_return ok();
}

// RFC 9208 §4.1.3: limits that are not listed are removed.
task<Result<Reply>> handle_setquota(Session& session, Command& command) {
    QuotaSetting setting = co_await try_(parse_setquota(command.arguments()));
    if (!is_administrator(session) || !session.server().can_set_quotas()) {
        co_return no(code::no_perm, "Only an administrator may set quotas");
    }
    std::optional<QuotaRoot> root = find_root(session, setting.root);
    if (!root) co_return no_such_root();
    std::optional<store::QuotaLimits> limits = limits_of(setting);
    if (!limits) co_return no(code::cannot, "Such a limit cannot be set");
    co_await try_(session.server().set_quota()(root->name, *limits));
    co_await try_(write_quota(session, &*root));
    co_return ok();
}

}  // namespace postern::imap
