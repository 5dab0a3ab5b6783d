// See people.hpp. Like every process that opens the database this one takes part in SQLite's locks
// and leaves the file as it was.
#include "backup/people.hpp"

#include <sqlite3.h>

#include <cstring>

#include "auth/sqlite.hpp"
#include "backup/files.hpp"
#include "backup/limits.hpp"
#include "base/ascii.hpp"

namespace postern::backup {
namespace {

using auth::SqliteConnection;
using auth::SqliteStep;
using auth::Statement;

constexpr int busy_timeout_ms = 30'000;
constexpr std::string_view accounts_directory = "accounts/";  // the store's

SqliteConnection open_sqlite(const std::string& path, int flags) {
    sqlite3* raw = nullptr;
    const int result = sqlite3_open_v2(path.c_str(), &raw, flags, nullptr);
    SqliteConnection connection(raw);
    if (result != SQLITE_OK) return nullptr;
    sqlite3_busy_timeout(raw, busy_timeout_ms);
    return connection;
}

Problem failed_database(const std::string& what) {
    return {Reason::io, "the accounts database " + what};
}

Outcome<std::vector<Home>> list_homes(sqlite3* connection) {
    std::vector<Home> homes;
    Statement ask(connection,
                  "SELECT account.home, account.local_part || '@' || domain.name FROM account"
                  " JOIN domain ON domain.id = account.domain_id"
                  " UNION ALL SELECT home, '' FROM retired_home ORDER BY 1");
    SqliteStep step = ask.step();
    for (; step == SqliteStep::row; step = ask.step()) {
        std::string home = ask.text(0);
        if (!home.starts_with(accounts_directory)) home.insert(0, accounts_directory);
        homes.push_back({std::move(home), ask.text(1)});
    }
    if (step != SqliteStep::done) {
        return refuse(Reason::damaged, "the accounts database cannot be read");
    }
    for (const Home& home : homes) {
        if (!is_safe_path(home.directory)) {
            return refuse(Reason::damaged, "the accounts database names no directory: " +
                                               escape_for_log(home.directory));
        }
    }
    return homes;
}

}  // namespace

Outcome<People> copy_people(const std::string& path) {
    if (!exists(path)) return refuse(Reason::not_found, escape_for_log(path) + " is not there");
    const auto source = open_sqlite(path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOFOLLOW);
    const auto copy = open_sqlite(":memory:", SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE);
    if (!source || !copy) return std::unexpected(failed_database("cannot be opened"));
    sqlite3_backup* work = sqlite3_backup_init(copy.get(), "main", source.get(), "main");
    if (work == nullptr) return std::unexpected(failed_database("cannot be copied"));
    const int result = sqlite3_backup_step(work, -1);
    sqlite3_backup_finish(work);
    if (result != SQLITE_DONE) {
        return std::unexpected(
            failed_database("cannot be copied: " + std::string(sqlite3_errstr(result))));
    }
    auto homes = list_homes(copy.get());
    if (!homes) return std::unexpected(homes.error());
    sqlite3_int64 bytes = 0;
    unsigned char* text = sqlite3_serialize(copy.get(), "main", &bytes, 0);
    if (text == nullptr) return std::unexpected(failed_database("does not fit in memory"));
    People people{std::string(reinterpret_cast<char*>(text), std::size_t(bytes)),
                  std::move(*homes)};
    sqlite3_free(text);
    return people;
}

Outcome<std::vector<Home>> read_homes(std::string_view database) {
    const auto copy = open_sqlite(":memory:", SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE);
    auto* bytes = static_cast<unsigned char*>(sqlite3_malloc64(database.size() + 1));
    if (!copy || bytes == nullptr) return std::unexpected(failed_database("cannot be opened"));
    std::memcpy(bytes, database.data(), database.size());
    // A header that speaks of a write-ahead log wants one beside the file, which memory has not.
    constexpr std::size_t journal_mode_at = 18;
    if (database.size() > journal_mode_at + 1) {
        bytes[journal_mode_at] = bytes[journal_mode_at + 1] = 1;
    }
    const auto size = sqlite3_int64(database.size());
    const int result =
        sqlite3_deserialize(copy.get(), "main", bytes, size, size, SQLITE_DESERIALIZE_FREEONCLOSE);
    if (result != SQLITE_OK) return refuse(Reason::damaged, "the database makes no sense");
    return list_homes(copy.get());
}

}  // namespace postern::backup
