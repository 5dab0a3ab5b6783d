// The administrator's password in the accounts database; see database.hpp. It is a secret of the
// installation, not an account: nobody reads mail with it.
#include <algorithm>

#include "auth/credential.hpp"
#include "auth/database.hpp"
#include "auth/database_names.hpp"
#include "auth/limits.hpp"

namespace postern::auth {

using Kind = DatabaseProblem::Kind;

DatabaseResult<std::string> Database::read_admin_password() {
    Statement ask(connection_.get(), "SELECT value FROM secret WHERE name = 'admin_password'");
    const SqliteStep step = ask.step();
    if (step == SqliteStep::row) return ask.text(0);
    if (step != SqliteStep::done) return std::unexpected(failure("reading a password"));
    return std::string();
}

DatabaseResult<bool> Database::has_admin_password() {
    const std::lock_guard lock(mutex_);
    const auto hash = read_admin_password();
    if (!hash) return std::unexpected(hash.error());
    return !hash->empty();
}

DatabaseResult<void> Database::set_admin_password(std::string_view password) {
    const auto characters = std::ranges::count_if(
        password, [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; });
    if (std::size_t(characters) < admin_password_characters_min) {
        return problem(Kind::invalid, "the password must have at least " +
                                          std::to_string(admin_password_characters_min) +
                                          " characters");
    }
    const auto credential = derive_credential(password);
    if (!credential) return std::unexpected(credential.error());
    const std::lock_guard lock(mutex_);
    Transaction transaction(connection_.get());
    if (!transaction.is_open()) return std::unexpected(failure("locking"));
    Statement insert(connection_.get(),
                     "INSERT INTO secret VALUES ('admin_password', ?)"
                     " ON CONFLICT (name) DO UPDATE SET value = excluded.value",
                     credential->password_hash);
    if (insert.step() != SqliteStep::done) return std::unexpected(failure("setting a password"));
    if (!transaction.commit()) return std::unexpected(failure("writing"));
    return {};
}

DatabaseResult<void> Database::check_admin_password(std::string_view password) {
    Credential known;
    {
        const std::lock_guard lock(mutex_);
        auto hash = read_admin_password();
        if (!hash) return std::unexpected(hash.error());
        known.password_hash = std::move(*hash);
    }
    if (known.password_hash.empty()) {
        return problem(Kind::refused, "no administrator password is set");
    }
    if (!verify_password(known, password)) return problem(Kind::refused, "the password is wrong");
    return {};
}

}  // namespace postern::auth
