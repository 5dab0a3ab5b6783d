// The snapshot of domains, accounts and aliases; see directory.hpp. Keys are "folded local part@
// A-label domain". Aliases may name aliases: expansion follows them depth first, at most
// alias_depth_max deep; an alias met again while it is being expanded stands for the account of
// the same name, so that `alice → alice, elsewhere` keeps a copy and loops end.
#include "auth/directory.hpp"

#include <algorithm>
#include <tuple>
#include <unordered_set>

#include "auth/limits.hpp"
#include "auth/names.hpp"
#include "auth/saslprep.hpp"
#include "base/ascii.hpp"

namespace postern::auth {

bool is_language(std::string_view tag) {
    return tag == "en" || tag == "pt" || tag == "ru";
}

std::string_view mail_directory(const Account& account) {
    constexpr std::string_view parent = "accounts/";
    std::string_view home = account.home;
    return home.starts_with(parent) ? home.substr(parent.size()) : home;
}

struct Directory::Expansion {
    Recipient recipient;
    std::unordered_set<std::string> open;  // aliases being expanded
    std::unordered_set<std::string> done;  // aliases expanded before
    bool over_limit = false;

    bool is_full() {
        if (recipient.accounts.size() + recipient.remote_addresses.size() < alias_targets_max) {
            return false;
        }
        over_limit = true;
        return true;
    }
    void add(const Account* account) {
        if (std::ranges::find(recipient.accounts, account) != recipient.accounts.end()) return;
        if (is_full()) return;
        recipient.accounts.push_back(account);
    }
    void add_remote(std::string_view address) {
        auto& remote = recipient.remote_addresses;
        if (std::ranges::find(remote, address) != remote.end() || is_full()) return;
        remote.emplace_back(address);
    }
};

std::shared_ptr<const Directory> Directory::build(DirectoryRows rows) {
    auto directory = std::make_shared<Directory>();
    directory->generation_ = rows.generation;
    directory->subaddress_separator_ = rows.subaddress_separator;
    directory->decoy_secret_ = std::move(rows.decoy_secret);
    directory->add_domains(rows);
    directory->add_accounts(std::move(rows.accounts));
    directory->add_aliases(rows.aliases);
    directory->sum_up_retention();
    return directory;
}

void Directory::add_domains(const DirectoryRows& rows) {
    for (const std::string& name : rows.domains) {
        auto canonical = canonical_domain(name);
        if (canonical && domain_set_.insert(*canonical).second) {
            domains_.push_back(std::move(*canonical));
        } else {
            ++rows_left_out_;
        }
    }
    const auto wanted = canonical_domain(rows.default_domain);
    if (wanted && domain_set_.contains(*wanted)) {
        default_domain_ = *wanted;
    } else if (!domains_.empty()) {
        default_domain_ = domains_.front();
    }
}

void Directory::add_accounts(std::vector<Account> rows) {
    std::ranges::sort(rows, [](const Account& a, const Account& b) {
        return std::tie(a.id, a.address) < std::tie(b.id, b.address);
    });
    for (Account& account : rows) {
        const AddressParts parts = split_address(account.address);
        std::string key = key_of(parts.local_part, parts.domain);
        auto home =
            home_directory(parts.local_part, parts.domain.empty() ? default_domain_ : parts.domain);
        if (key.empty() || !home || account_index_.contains(key)) {
            ++rows_left_out_;
            continue;
        }
        account.address = std::string(parts.local_part) + key.substr(key.rfind('@'));
        if (account.home.empty()) account.home = std::move(*home);
        account_index_.emplace(std::move(key), accounts_.size());
        home_index_.emplace(mail_directory(account), accounts_.size());
        accounts_.push_back(std::move(account));
    }
}

void Directory::add_aliases(const std::vector<AliasRow>& rows) {
    for (const AliasRow& row : rows) {
        const AddressParts parts = split_address(row.address);
        const std::string key = key_of(parts.local_part, parts.domain);
        if (key.empty() || row.targets.empty()) {
            ++rows_left_out_;
            continue;
        }
        auto& targets = aliases_[key];
        targets.insert(targets.end(), row.targets.begin(), row.targets.end());
    }
}

void Directory::sum_up_retention() {
    for (const Account& account : accounts_) {
        const RetentionDays days = account.pop3_retention;
        auto& range = pop3_retention_;
        if (&account == &accounts_.front()) range.shortest = days;
        if (days != range.shortest) range.differs = true;
        if (days && (!range.shortest || *days < *range.shortest)) range.shortest = days;
    }
}

// Empty when the domain is none of ours or there is no local part.
std::string Directory::key_of(std::string_view local_part, std::string_view domain) const {
    if (local_part.empty()) return {};
    if (domain.empty()) {
        if (default_domain_.empty()) return {};
        return fold_local_part(local_part) + "@" + default_domain_;
    }
    const auto canonical = canonical_domain(domain);
    if (!canonical || !domain_set_.contains(*canonical)) return {};
    return fold_local_part(local_part) + "@" + *canonical;
}

bool Directory::is_local_domain(std::string_view domain) const {
    const auto canonical = canonical_domain(domain);
    return canonical && domain_set_.contains(*canonical);
}

const Account* Directory::account_at(const std::string& key) const {
    const auto found = account_index_.find(key);
    return found == account_index_.end() ? nullptr : &accounts_[found->second];
}

const Account* Directory::find_account(AccountId id) const {
    const auto found = std::ranges::lower_bound(accounts_, id, {}, &Account::id);
    return found != accounts_.end() && found->id == id ? &*found : nullptr;
}

const Account* Directory::find_mail_directory(std::string_view directory) const {
    const auto found = home_index_.find(std::string(directory));
    return found == home_index_.end() ? nullptr : &accounts_[found->second];
}

const Account* Directory::account_named(std::string_view user_name) const {
    const AddressParts parts = split_address(user_name);
    if (parts.domain.empty() && user_name.contains('@')) return nullptr;
    const std::string key = key_of(parts.local_part, parts.domain);
    return key.empty() ? nullptr : account_at(key);
}

// RFC 5802 §5.1 (n), RFC 4616 §2: user names are prepared by the server too.
const Account* Directory::find_login(std::string_view user_name) const {
    if (user_name.size() > user_name_bytes_max) return nullptr;
    const Account* account = account_named(user_name);
    if (account != nullptr || !has_8bit(user_name)) return account;
    const auto prepared = apply_saslprep(user_name);
    return prepared ? account_named(*prepared) : nullptr;
}

std::string Directory::login_key(std::string_view user_name) const {
    const std::string prepared = apply_saslprep(user_name).value_or(std::string(user_name));
    const AddressParts parts = split_address(prepared);
    const std::string domain = prepared.contains('@')
                                   ? canonical_domain(parts.domain).value_or(to_lower(parts.domain))
                                   : default_domain_;
    return fold_local_part(parts.local_part) + "@" + domain;
}

// RFC 5321 §3.4 (forwarding), §3.5.1, §4.5.1 (postmaster)
Recipient Directory::resolve_recipient(std::string_view local_part, std::string_view domain) const {
    Expansion into;
    if (domain.empty() ? default_domain_.empty() : !is_local_domain(domain)) {
        into.recipient.status = RecipientStatus::not_local;
        return std::move(into.recipient);
    }
    const std::string key = key_of(local_part, domain);
    if (key.empty()) return std::move(into.recipient);
    const std::string_view base = base_of(local_part);
    if (base.size() < local_part.size()) {
        into.recipient.subaddress = local_part.substr(base.size() + 1);
    }
    expand(key, into, 0);
    Recipient& recipient = into.recipient;
    if (into.over_limit) {
        recipient.status = RecipientStatus::over_limit;
    } else if (!recipient.accounts.empty() || !recipient.remote_addresses.empty()) {
        recipient.status = RecipientStatus::found;
    }
    return std::move(recipient);
}

// RFC 5233 §1: the separator is the administrator's to choose.
std::string_view Directory::base_of(std::string_view local_part) const {
    if (subaddress_separator_ == 0) return local_part;
    return without_subaddress(local_part, subaddress_separator_);
}

// Exact alias, exact account, then the same without the subaddress, then postmaster, then whoever
// gets what is nobody's.
bool Directory::expand(const std::string& key, Expansion& into, std::size_t depth) const {
    const auto alias = aliases_.find(key);
    if (alias != aliases_.end() && !into.open.contains(key)) {
        if (into.done.contains(key)) return true;
        expand_alias(key, alias->second, into, depth);
        return true;
    }
    if (const Account* account = account_at(key)) {
        into.add(account);
        return true;
    }
    if (alias != aliases_.end()) return true;  // a loop: whoever opened it goes on
    const AddressParts parts = split_address(key);
    const std::string_view base = base_of(parts.local_part);
    if (base.size() < parts.local_part.size()) {
        return expand(std::string(base) + "@" + std::string(parts.domain), into, depth);
    }
    const Account* postmaster =
        parts.local_part == "postmaster" ? find_postmaster(parts.domain) : nullptr;
    if (postmaster == nullptr) return expand_catch_all(key, into, depth);
    into.add(postmaster);
    return true;
}

// Targets with a '*' get the local part that was asked for.
bool Directory::expand_catch_all(const std::string& key, Expansion& into, std::size_t depth) const {
    const AddressParts parts = split_address(key);
    const std::string any = "*@" + std::string(parts.domain);
    const auto alias = aliases_.find(any);
    if (alias == aliases_.end() || into.open.contains(any)) return false;
    std::vector<std::string> targets = alias->second;
    for (std::string& target : targets) {
        if (target.starts_with("*@")) target.replace(0, 1, parts.local_part);
    }
    expand_alias(any, targets, into, depth);
    into.done.erase(any);
    return true;
}

void Directory::expand_alias(const std::string& key, const std::vector<std::string>& targets,
                             Expansion& into, std::size_t depth) const {
    if (depth >= alias_depth_max) return;
    into.open.insert(key);
    for (const std::string& target : targets) {
        if (into.over_limit) break;
        expand_target(target, into, depth + 1);
    }
    into.open.erase(key);
    into.done.insert(key);
}

void Directory::expand_target(std::string_view target, Expansion& into, std::size_t depth) const {
    const AddressParts parts = split_address(target);
    if (parts.domain.empty() || is_local_domain(parts.domain)) {
        const std::string key = key_of(parts.local_part, parts.domain);
        if (!key.empty()) expand(key, into, depth);
    } else {
        into.add_remote(target);
    }
}

// RFC 5321 §4.5.1: mail to postmaster of a local domain is always delivered to somebody. The
// first administrator of the domain, of any domain, the first account of the domain, of any.
const Account* Directory::find_postmaster(std::string_view domain) const {
    const Account* best = nullptr;
    int best_rank = 0;
    for (const Account& account : accounts_) {
        if (account.disabled) continue;
        const bool here = split_address(account.address).domain == domain;
        const int rank = 1 + (here ? 1 : 0) + (account.role == AccountRole::admin ? 2 : 0);
        if (rank <= best_rank) continue;
        best = &account;
        best_rank = rank;
    }
    return best;
}

// RFC 6409 §6.1: who may submit under which sender
bool Directory::owns_address(const Account& account, std::string_view address) const {
    if (address.size() > address_bytes_max) return false;
    const AddressParts parts = split_address(address);
    const std::string key = key_of(parts.local_part, parts.domain);
    if (key.empty()) return false;
    const AddressParts own = split_address(account.address);
    const std::string own_key = key_of(own.local_part, own.domain);
    if (key == own_key) return true;
    const AddressParts asked = split_address(key);
    const std::string base(base_of(asked.local_part));
    if (base + "@" + std::string(asked.domain) == own_key && !aliases_.contains(key)) return true;
    const Recipient recipient = resolve_recipient(parts.local_part, parts.domain);
    return std::ranges::any_of(recipient.accounts,
                               [&](const Account* other) { return other->id == account.id; });
}

}  // namespace postern::auth
