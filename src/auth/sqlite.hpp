// A thin hold on SQLite: a connection and a statement that close themselves, text and integers
// in and out. BLOCKING, all of it. Errors are SQLite's own codes and text; database.cpp words them
// for people. One thread at a time (database.hpp serialises).
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

struct sqlite3;
struct sqlite3_stmt;

namespace postern::auth {

struct CloseSqlite {
    void operator()(sqlite3* connection) const;
};
using SqliteConnection = std::unique_ptr<sqlite3, CloseSqlite>;

enum class SqliteStep : unsigned char { row, done, constraint, failed };

// One prepared statement; parameters are bound in order, from 1, by the constructor's pack:
// `Statement(db, "SELECT … WHERE name = ?", name)`.
class Statement {
 public:
    template <class... Values>
    Statement(sqlite3* connection, std::string_view sql, const Values&... values)
        : connection_(connection) {
        prepare(sql);
        int index = 0;
        (bind(++index, values), ...);
    }
    ~Statement();
    Statement(const Statement&) = delete;
    Statement& operator=(const Statement&) = delete;

    SqliteStep step();
    // Of the current row, from 0. NULL is 0 and "".
    std::int64_t integer(int column) const;
    std::string text(int column) const;

 private:
    void prepare(std::string_view sql);
    void bind(int index, std::string_view value);
    void bind(int index, std::int64_t value);

    sqlite3* connection_;
    sqlite3_stmt* statement_ = nullptr;
    bool failed_ = false;
};

// Runs statements without parameters or rows; false when one fails.
bool execute_script(sqlite3* connection, const char* sql);

// BEGIN IMMEDIATE … COMMIT; rolled back unless committed.
class Transaction {
 public:
    explicit Transaction(sqlite3* connection);
    ~Transaction();
    Transaction(const Transaction&) = delete;
    Transaction& operator=(const Transaction&) = delete;
    bool is_open() const { return open_; }
    bool commit();

 private:
    sqlite3* connection_;
    bool open_;
};

}  // namespace postern::auth
