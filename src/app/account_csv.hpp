// Accounts as a table of comma-separated values: what `postern account export` writes and `postern
// account import` reads. Pure. The first row names the columns, in any order: address, name,
// password, language, storage, messages, pop3_days, disabled, admin; only address must be there. An
// export has no passwords: they cannot be had back.
// RFC 4180 §2 (the form of the file).
#pragma once

#include <cstddef>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

namespace postern::app {

using CsvRow = std::vector<std::string>;
struct CsvRecord {
    std::size_t line = 0;  // where it begins, from 1
    CsvRow cells;
};

// What is wrong is said with its line. Empty lines are left out; LF alone ends a line, too.
std::expected<std::vector<CsvRecord>, std::string> parse_csv(std::string_view text);
// With CRLF, and quotes where they are needed.
std::string format_csv(const std::vector<CsvRow>& rows);

// Of the response to "account.list".
std::string format_accounts_csv(std::string_view response);

struct AccountImport {
    std::size_t line = 0;
    std::string address;
    std::vector<std::string> requests;  // to send in this order, the first makes the account
};
std::expected<std::vector<AccountImport>, std::string> read_accounts_csv(std::string_view text);

}  // namespace postern::app
