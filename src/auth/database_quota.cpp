// Quotas in the database; see database.hpp. In a row 0 says nothing (an account has then what its
// domain gives, a domain none) and -1 is no limit.
#include <sqlite3.h>

#include <limits>

#include "auth/database.hpp"
#include "auth/database_names.hpp"

namespace postern::auth {

using Kind = DatabaseProblem::Kind;

static std::int64_t quota_to_row(QuotaSetting setting) {
    switch (setting.kind) {
        case QuotaSetting::Kind::as_domain: return 0;
        case QuotaSetting::Kind::unlimited: return -1;
        case QuotaSetting::Kind::limited: break;
    }
    return std::int64_t(setting.max);
}

static DatabaseResult<void> check_quota_setting(const std::optional<QuotaSetting>& setting) {
    constexpr auto most = std::uint64_t(std::numeric_limits<std::int64_t>::max());
    if (!setting || setting->kind != QuotaSetting::Kind::limited) return {};
    if (setting->max >= 1 && setting->max <= most) return {};
    return problem(Kind::invalid, "a quota is 1 or more, or no limit");
}

static DatabaseResult<void> check_quota_change(const QuotaChange& change) {
    if (auto ok = check_quota_setting(change.bytes); !ok) return ok;
    return check_quota_setting(change.messages);
}

// `update` takes, for bytes and then for messages, whether it changes and the value; then the row.
Database::ApplyTo Database::write_quota(std::string_view update, const QuotaChange& change) {
    return [this, update, change](std::int64_t id) {
        Statement statement(connection_.get(), update, std::int64_t{change.bytes.has_value()},
                            quota_to_row(change.bytes.value_or(QuotaSetting{})),
                            std::int64_t{change.messages.has_value()},
                            quota_to_row(change.messages.value_or(QuotaSetting{})), id);
        return statement.step();
    };
}

DatabaseResult<void> Database::set_account_quota(std::string_view address,
                                                 const QuotaChange& change) {
    if (auto ok = check_quota_change(change); !ok) return ok;
    return change_account(address, "setting a quota",
                          write_quota("UPDATE account SET"
                                      " quota_bytes_max = iif(?, ?, quota_bytes_max),"
                                      " quota_messages_max = iif(?, ?, quota_messages_max)"
                                      " WHERE id = ?",
                                      change));
}

DatabaseResult<void> Database::set_domain_quota(std::string_view name, const QuotaChange& change) {
    if (auto ok = check_quota_change(change); !ok) return ok;
    return change_domain(name, "setting a quota",
                         write_quota("UPDATE domain SET"
                                     " quota_bytes_max = iif(?, ?, quota_bytes_max),"
                                     " quota_messages_max = iif(?, ?, quota_messages_max)"
                                     " WHERE id = ?",
                                     change));
}

DatabaseResult<void> Database::set_domain_total(std::string_view name, const QuotaChange& change) {
    if (auto ok = check_quota_change(change); !ok) return ok;
    return change_domain(name, "setting a quota",
                         write_quota("UPDATE domain SET"
                                     " total_bytes_max = iif(?, ?, total_bytes_max),"
                                     " total_messages_max = iif(?, ?, total_messages_max)"
                                     " WHERE id = ?",
                                     change));
}

// Of an account and its domain: what is in force.
std::uint64_t quota_in_force(std::int64_t account_row, std::int64_t domain_row) {
    const std::int64_t row = account_row == 0 ? domain_row : account_row;
    return row > 0 ? std::uint64_t(row) : 0;
}

}  // namespace postern::auth
