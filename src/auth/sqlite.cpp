// SQLite's C interface behind two small classes; see sqlite.hpp.
#include "auth/sqlite.hpp"

#include <sqlite3.h>

namespace postern::auth {

void CloseSqlite::operator()(sqlite3* connection) const {
    sqlite3_close_v2(connection);
}

Statement::~Statement() {
    sqlite3_finalize(statement_);
}

void Statement::prepare(std::string_view sql) {
    failed_ = sqlite3_prepare_v2(connection_, sql.data(), static_cast<int>(sql.size()), &statement_,
                                 nullptr) != SQLITE_OK;
}

void Statement::bind(int index, std::string_view value) {
    if (failed_) return;
    const char* data = value.data() ? value.data() : "";
    failed_ = sqlite3_bind_text64(statement_, index, data, value.size(), SQLITE_TRANSIENT,
                                  SQLITE_UTF8) != SQLITE_OK;
}

void Statement::bind(int index, std::int64_t value) {
    if (failed_) return;
    failed_ = sqlite3_bind_int64(statement_, index, value) != SQLITE_OK;
}

SqliteStep Statement::step() {
    if (failed_) return SqliteStep::failed;
    const int rc = sqlite3_step(statement_);
    if (rc == SQLITE_ROW) return SqliteStep::row;
    if (rc == SQLITE_DONE) return SqliteStep::done;
    failed_ = true;
    return rc == SQLITE_CONSTRAINT ? SqliteStep::constraint : SqliteStep::failed;
}

std::int64_t Statement::integer(int column) const {
    return sqlite3_column_int64(statement_, column);
}

std::string Statement::text(int column) const {
    const auto* bytes = reinterpret_cast<const char*>(sqlite3_column_text(statement_, column));
    if (!bytes) return {};
    return {bytes, static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))};
}

bool execute_script(sqlite3* connection, const char* sql) {
    return sqlite3_exec(connection, sql, nullptr, nullptr, nullptr) == SQLITE_OK;
}

Transaction::Transaction(sqlite3* connection)
    : connection_(connection), open_(execute_script(connection, "BEGIN IMMEDIATE")) {}

Transaction::~Transaction() {
    if (open_) execute_script(connection_, "ROLLBACK");
}

bool Transaction::commit() {
    if (!open_ || !execute_script(connection_, "COMMIT")) return false;
    open_ = false;
    return true;
}

}  // namespace postern::auth
