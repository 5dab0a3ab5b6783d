// What the parts of Database share, private to them: an address taken apart and found in the
// domain table.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "auth/database.hpp"

namespace postern::auth {

struct Database::Name {
    std::int64_t domain_id = 0;
    std::string local_part;  // as shown
    std::string local_key;   // as compared
    std::string domain;      // A-label

    std::string address() const { return local_part + "@" + domain; }
    std::string key() const { return local_key + "@" + domain; }
};

// Days in a row; negative: for ever.
inline std::int64_t retention_to_row(RetentionDays days) {
    return days ? std::int64_t{*days} : -1;
}
inline RetentionDays retention_from(std::int64_t row) {
    return row < 0 ? RetentionDays() : RetentionDays(static_cast<std::uint32_t>(row));
}
DatabaseResult<void> check_retention(RetentionDays days);
std::uint64_t quota_in_force(std::int64_t account_row, std::int64_t domain_row);

inline std::unexpected<DatabaseProblem> problem(DatabaseProblem::Kind kind, std::string text) {
    return std::unexpected(DatabaseProblem{kind, std::move(text)});
}

}  // namespace postern::auth
