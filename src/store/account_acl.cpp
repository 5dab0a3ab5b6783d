// Access control lists of an account's mailboxes; see maildir_account.hpp, acl.hpp. They are read
// when first asked for and kept in memory from then on; tree_mutex_ is held while they change.
// RFC 4314 §4: a new mailbox inherits its parent's list, a renamed one keeps its own.
#include "store/mailbox_name.hpp"
#include "store/maildir_account.hpp"
#include "store/second_home.hpp"

namespace postern::store {

using engine::task;
using engine::try_;

// With tree_mutex_ held. A list that is damaged in both its homes counts as none: nobody but the
// owner gets in.
task<Result<std::shared_ptr<const Acl>>> MaildirAccount::acl_locked(std::string name) {
    auto known = acls_.find(name);
    if (known != acls_.end()) co_return known->second;
    const std::string text = co_await try_(read_twice_kept(path_of(name), &kept_acl));
    auto acl = std::make_shared<Acl>();
    if (auto parsed = parse_acl(text)) *acl = std::move(*parsed);
    acls_[std::move(name)] = acl;
    std::shared_ptr<const Acl> result = std::move(acl);
    co_return result;
}

task<Result<void>> MaildirAccount::write_acl(std::string name, std::shared_ptr<const Acl> acl) {
    co_await try_(write_twice(path_of(name), &kept_acl, format_acl(*acl)));
    auto open = open_.find(name);
    if (open != open_.end()) open->second->use_acl(acl);
    acls_[std::move(name)] = std::move(acl);
    co_return Result<void>{};
}

task<Result<Acl>> MaildirAccount::acl(std::string name) {
    std::string canonical = co_await try_(find_name(std::move(name)));
    engine::Mutex::Guard guard = co_await try_(tree_mutex_.lock());
    if (!co_await try_(exists(canonical))) {
        co_return fail_request(ErrorCode::not_found, "no such mailbox");
    }
    std::shared_ptr<const Acl> acl = co_await try_(acl_locked(std::move(canonical)));
    co_return *acl;
}

task<Result<AclsByMailbox>> MaildirAccount::acls() {
    engine::Mutex::Guard guard = co_await try_(tree_mutex_.lock());
    AclsByMailbox all;
    for (const std::string& name : co_await try_(mailbox_names())) {
        std::shared_ptr<const Acl> acl = co_await try_(acl_locked(name));
        if (!acl->empty()) all[name] = *acl;
    }
    co_return all;
}

// RFC 4314 §3.1, §3.2
task<Result<void>> MaildirAccount::set_acl(std::string name, AclChange change) {
    std::string canonical = co_await try_(find_name(std::move(name)));
    engine::Mutex::Guard guard = co_await try_(tree_mutex_.lock());
    if (!co_await try_(exists(canonical))) {
        co_return fail_request(ErrorCode::not_found, "no such mailbox");
    }
    std::shared_ptr<const Acl> known = co_await try_(acl_locked(canonical));
    Acl changed = co_await try_(change_acl(*known, change));
    if (changed == *known) co_return Result<void>{};
    auto next = std::make_shared<const Acl>(std::move(changed));
    co_return co_await write_acl(std::move(canonical), std::move(next));
}

// After a crash between the two the mailbox is the owner's alone.
task<Result<void>> MaildirAccount::make_child(std::string name) {
    std::string parent(parent_name(name));
    std::shared_ptr<const Acl> acl;
    if (!parent.empty() && co_await try_(exists(parent))) {
        acl = co_await try_(acl_locked(std::move(parent)));
    }
    acls_.erase(name);
    co_await try_(make_new_mailbox(name));
    if (acl == nullptr || acl->empty()) co_return Result<void>{};
    co_return co_await write_acl(std::move(name), std::move(acl));
}

}  // namespace postern::store
