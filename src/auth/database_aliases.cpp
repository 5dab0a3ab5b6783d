// Aliases in the database; see database.hpp. A target is stored as shown and as compared: a local
// one by its folded form, a remote one by its domain's A-label and its local part as it is, which
// only the remote side may interpret (RFC 5321 §2.4).
#include <sqlite3.h>

#include "auth/database.hpp"
#include "auth/database_names.hpp"
#include "auth/limits.hpp"
#include "auth/names.hpp"
#include "base/ascii.hpp"

namespace postern::auth {

using Kind = DatabaseProblem::Kind;

struct Database::Target {
    std::string shown;
    std::string key;
};

DatabaseResult<std::int64_t> Database::find_alias(const Name& name) {
    Statement ask(connection_.get(), "SELECT id FROM alias WHERE domain_id = ? AND local_key = ?",
                  name.domain_id, name.local_key);
    const SqliteStep step = ask.step();
    if (step == SqliteStep::row) return ask.integer(0);
    if (step != SqliteStep::done) return std::unexpected(failure("looking for an alias"));
    return problem(Kind::not_found, "there is no alias " + name.address());
}

// A bare target means the default domain.
DatabaseResult<Database::Target> Database::parse_target(std::string_view target) {
    const AddressParts parts = split_address(target);
    const std::string shown = "'" + escape_for_log(target) + "'";
    const bool bare = !target.contains('@');
    const auto domain = canonical_domain(bare ? find_default_domain() : parts.domain);
    const char* wrong = check_local_part(parts.local_part, LocalPartUse::alias);
    if (target.size() > address_bytes_max || !domain) wrong = "this is not an address";
    if (wrong) return problem(Kind::invalid, shown + ": " + wrong);
    const bool local = find_domain(*domain).has_value();
    const std::string local_part =
        local ? normalise_local_part(parts.local_part) : std::string(parts.local_part);
    const std::string local_key = local ? fold_local_part(parts.local_part) : local_part;
    return Target{local_part + "@" + *domain, local_key + "@" + *domain};
}

// A local target that is neither account nor alias, with or without its subaddress, would make
// mail vanish.
DatabaseResult<void> Database::check_target_exists(const Target& target, const Name& alias) {
    const AddressParts parts = split_address(target.key);
    const auto domain_id = find_domain(parts.domain);
    if (!domain_id) return {};  // remote
    const std::string base(without_subaddress(parts.local_part));
    if (base == "postmaster" || base == "*") return {};
    for (const std::string& local_key : {std::string(parts.local_part), base}) {
        const Name name{*domain_id, local_key, local_key, std::string(parts.domain)};
        if (find_account(name) || find_alias(name)) return {};
    }
    return problem(Kind::not_found, "the alias " + alias.address() + " would lead to " +
                                        target.shown + ", where there is no account or alias");
}

DatabaseResult<std::int64_t> Database::find_or_add_alias(const Name& name) {
    const auto found = find_alias(name);
    if (found || found.error().kind != Kind::not_found) return found;
    Statement insert(connection_.get(),
                     "INSERT INTO alias (domain_id, local_part, local_key) VALUES (?, ?, ?)",
                     name.domain_id, name.local_part, name.local_key);
    if (insert.step() != SqliteStep::done) return std::unexpected(failure("adding an alias"));
    return sqlite3_last_insert_rowid(connection_.get());
}

DatabaseResult<void> Database::add_target(std::int64_t alias_id, const Target& target,
                                          const Name& alias) {
    Statement insert(connection_.get(),
                     "INSERT INTO alias_target (alias_id, target, target_key) VALUES (?, ?, ?)",
                     alias_id, target.shown, target.key);
    const SqliteStep step = insert.step();
    if (step == SqliteStep::done) return {};
    if (step != SqliteStep::constraint) return std::unexpected(failure("adding an alias"));
    return problem(Kind::exists,
                   "the alias " + alias.address() + " leads to " + target.shown + " already");
}

DatabaseResult<AliasInfo> Database::read_alias(std::int64_t alias_id) {
    Statement ask(connection_.get(),
                  "SELECT local_part || '@' || name, target FROM alias"
                  " JOIN domain ON domain.id = domain_id"
                  " JOIN alias_target ON alias_id = alias.id"
                  " WHERE alias.id = ? ORDER BY alias_target.id",
                  alias_id);
    AliasInfo info;
    SqliteStep step = ask.step();
    for (; step == SqliteStep::row; step = ask.step()) {
        info.address = ask.text(0);
        info.targets.push_back(ask.text(1));
    }
    if (step != SqliteStep::done) return std::unexpected(failure("reading an alias"));
    return info;
}

DatabaseResult<AliasInfo> Database::add_alias(std::string_view address,
                                              const std::vector<std::string>& targets) {
    const std::lock_guard lock(mutex_);
    Transaction transaction(connection_.get());
    if (!transaction.is_open()) return std::unexpected(failure("locking"));
    const auto name = parse_name(address);
    if (!name) return std::unexpected(name.error());
    if (targets.empty()) {
        return problem(Kind::invalid, "the alias " + name->address() + " needs a target");
    }
    const auto alias_id = find_or_add_alias(*name);
    if (!alias_id) return std::unexpected(alias_id.error());
    for (const std::string& text : targets) {
        const auto target = parse_target(text);
        if (!target) return std::unexpected(target.error());
        // An alias of itself only makes sense beside an account of the same name.
        const bool itself = target->key == name->key();
        if (itself && !find_account(*name)) {
            return problem(Kind::invalid, name->address() + " would lead to itself");
        }
        if (auto ok = check_target_exists(*target, *name); !ok) return std::unexpected(ok.error());
        if (auto ok = add_target(*alias_id, *target, *name); !ok)
            return std::unexpected(ok.error());
    }
    auto info = read_alias(*alias_id);
    if (!info) return info;
    if (info->targets.size() > alias_targets_max) {
        return problem(Kind::refused, "the alias " + name->address() + " would lead to more than " +
                                          std::to_string(alias_targets_max) + " addresses");
    }
    if (auto done = commit_change(transaction); !done) return std::unexpected(done.error());
    return info;
}

DatabaseResult<std::vector<AliasInfo>> Database::list_aliases(std::string_view domain) {
    const std::lock_guard lock(mutex_);
    const auto domain_id = find_domain_or_all(domain);
    if (!domain_id) return std::unexpected(domain_id.error());
    Statement ask(connection_.get(),
                  "SELECT alias.id FROM alias JOIN domain ON domain.id = domain_id"
                  " WHERE ?1 = 0 OR domain_id = ?1 ORDER BY name, local_key",
                  *domain_id);
    std::vector<AliasInfo> found;
    SqliteStep step = ask.step();
    for (; step == SqliteStep::row; step = ask.step()) {
        auto info = read_alias(ask.integer(0));
        if (!info) return std::unexpected(info.error());
        found.push_back(std::move(*info));
    }
    if (step != SqliteStep::done) return std::unexpected(failure("listing aliases"));
    return found;
}

bool Database::drop_empty_aliases() {
    return execute_script(connection_.get(),
                          "DELETE FROM alias WHERE NOT EXISTS"
                          " (SELECT 1 FROM alias_target WHERE alias_id = alias.id)");
}

DatabaseResult<void> Database::drop_target(std::int64_t alias_id, const Name& alias,
                                           std::string_view text) {
    const auto target = parse_target(text);
    if (!target) return std::unexpected(target.error());
    Statement remove(connection_.get(),
                     "DELETE FROM alias_target WHERE alias_id = ? AND target_key = ?", alias_id,
                     target->key);
    if (remove.step() != SqliteStep::done) return std::unexpected(failure("removing an alias"));
    if (sqlite3_changes(connection_.get()) > 0) return {};
    return problem(Kind::not_found,
                   "the alias " + alias.address() + " does not lead to " + target->shown);
}

DatabaseResult<void> Database::remove_alias(std::string_view address,
                                            const std::vector<std::string>& targets) {
    const std::lock_guard lock(mutex_);
    Transaction transaction(connection_.get());
    if (!transaction.is_open()) return std::unexpected(failure("locking"));
    const auto name = parse_name(address);
    if (!name) return std::unexpected(name.error());
    const auto alias_id = find_alias(*name);
    if (!alias_id) return std::unexpected(alias_id.error());
    for (const std::string& text : targets) {
        if (auto ok = drop_target(*alias_id, *name, text); !ok) return ok;
    }
    if (targets.empty()) {
        Statement remove(connection_.get(), "DELETE FROM alias WHERE id = ?", *alias_id);
        if (remove.step() != SqliteStep::done) return std::unexpected(failure("removing an alias"));
    }
    if (!drop_empty_aliases()) return std::unexpected(failure("removing an alias"));
    return commit_change(transaction);
}

// Within the transaction that removes the account of this key.
DatabaseResult<std::vector<std::string>> Database::drop_targets_to(const std::string& key) {
    std::vector<std::string> shrunk;
    Statement ask(connection_.get(),
                  "SELECT local_part || '@' || name FROM alias"
                  " JOIN domain ON domain.id = domain_id"
                  " JOIN alias_target ON alias_id = alias.id"
                  " WHERE target_key = ? ORDER BY name, local_key",
                  key);
    SqliteStep step = ask.step();
    for (; step == SqliteStep::row; step = ask.step()) shrunk.push_back(ask.text(0));
    if (step != SqliteStep::done) return std::unexpected(failure("reading aliases"));
    Statement remove(connection_.get(), "DELETE FROM alias_target WHERE target_key = ?", key);
    if (remove.step() != SqliteStep::done || !drop_empty_aliases()) {
        return std::unexpected(failure("shrinking aliases"));
    }
    return shrunk;
}

}  // namespace postern::auth
