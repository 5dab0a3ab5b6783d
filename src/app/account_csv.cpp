// Rows to requests and back; see account_csv.hpp.
#include "app/account_csv.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <utility>

#include "base/ascii.hpp"
#include "console/cells.hpp"
#include "console/request.hpp"

namespace postern::app {
namespace {

constexpr std::array<std::string_view, 9> csv_columns = {"address",   "name",     "password",
                                                         "language",  "storage",  "messages",
                                                         "pop3_days", "disabled", "admin"};

// Takes what stands between two commas; `line` counts the line ends in it.
std::expected<std::string, std::string> take_cell(std::string_view& text, std::size_t& line) {
    if (!text.starts_with('"')) {
        const std::string_view cell = text.substr(0, text.find_first_of(",\r\n"));
        if (cell.contains('"')) {
            return std::unexpected("line " + std::to_string(line) + ": a quote within a word");
        }
        text.remove_prefix(cell.size());
        return std::string(cell);
    }
    const std::size_t begin = line;
    std::string cell;
    text.remove_prefix(1);
    for (;;) {
        const std::size_t end = text.find('"');
        if (end == std::string_view::npos) {
            return std::unexpected("line " + std::to_string(begin) + ": a quote is not closed");
        }
        cell += text.substr(0, end);
        line += std::size_t(std::ranges::count(text.substr(0, end), '\n'));
        text.remove_prefix(end + 1);
        if (!text.starts_with('"')) return cell;
        cell += '"';
        text.remove_prefix(1);
    }
}

bool take_line_end(std::string_view& text) {
    const std::size_t bytes = text.starts_with("\r\n") ? 2 : text.starts_with('\n') ? 1 : 0;
    text.remove_prefix(bytes);
    return bytes != 0;
}

bool is_yes(const std::string& cell) {
    return iequals(cell, "yes") || iequals(cell, "true") || cell == "1";
}

using Columns = std::map<std::string, std::size_t>;

std::expected<Columns, std::string> read_columns(const CsvRow& heading) {
    Columns columns;
    for (std::size_t i = 0; i < heading.size(); ++i) {
        const std::string name = to_lower(trim_wsp(heading[i]));
        if (std::ranges::find(csv_columns, name) == csv_columns.end()) {
            return std::unexpected("line 1: there is no column \"" + escape_for_log(name) + "\"");
        }
        columns[name] = i;
    }
    if (!columns.contains("address")) return std::unexpected("line 1: no column \"address\"");
    return columns;
}

AccountImport import_of(const CsvRecord& record, const Columns& columns) {
    using console::make_request;
    const auto value = [&](const char* name) {
        const auto found = columns.find(name);
        const bool is_there = found != columns.end() && found->second < record.cells.size();
        return is_there ? record.cells[found->second] : std::string();
    };
    AccountImport import;
    import.line = record.line;
    import.address = value("address");
    console::Fields add = {{"address", import.address},
                           {"password", value("password")},
                           {"display_name", value("name")},
                           {"admin", is_yes(value("admin"))}};
    if (!value("language").empty()) add.emplace_back("language", value("language"));
    import.requests.push_back(make_request("account.add", add));
    console::Fields quota = {{"address", import.address}};
    for (const char* name : {"storage", "messages"}) {
        if (!value(name).empty()) quota.emplace_back(name, value(name));
    }
    if (quota.size() > 1) import.requests.push_back(make_request("account.set-quota", quota));
    if (const auto days = parse_decimal32(value("pop3_days"))) {
        import.requests.push_back(
            make_request("account.set-retention",
                         {{"address", import.address}, {"days", std::uint64_t(*days)}}));
    }
    if (is_yes(value("disabled"))) {
        import.requests.push_back(make_request("account.disable", {{"address", import.address}}));
    }
    return import;
}

std::string limit_cell(const console::Json& quota, const char* name) {
    const std::uint64_t most = console::number_of(quota, name);
    return most == 0 ? "" : std::to_string(most);
}

}  // namespace

std::expected<std::vector<CsvRecord>, std::string> parse_csv(std::string_view text) {
    if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);  // as spreadsheets write it
    std::vector<CsvRecord> records;
    for (std::size_t line = 1; !text.empty(); ++line) {
        if (take_line_end(text)) continue;
        CsvRecord record{line, {}};
        for (;;) {
            auto cell = take_cell(text, line);
            if (!cell) return std::unexpected(cell.error());
            record.cells.push_back(std::move(*cell));
            if (!text.starts_with(',')) break;
            text.remove_prefix(1);
        }
        records.push_back(std::move(record));
        if (!text.empty() && !take_line_end(text)) {
            return std::unexpected("line " + std::to_string(line) +
                                   ": something follows a closing quote");
        }
    }
    return records;
}

std::string format_csv(const std::vector<CsvRow>& rows) {
    std::string out;
    for (const CsvRow& row : rows) {
        for (std::size_t i = 0; i < row.size(); ++i) {
            if (i > 0) out += ',';
            if (row[i].find_first_of(",\"\r\n") == std::string::npos) {
                out += row[i];
                continue;
            }
            out += '"';
            for (const char c : row[i]) out += c == '"' ? std::string("\"\"") : std::string(1, c);
            out += '"';
        }
        out += "\r\n";
    }
    return out;
}

std::string format_accounts_csv(std::string_view response) {
    using console::member;
    using console::text_of;
    std::vector<CsvRow> rows = {
        {"address", "name", "language", "storage", "messages", "pop3_days", "disabled", "admin"}};
    const console::Json json = console::parse_json(response);
    for (const console::Json& each : member(json, "accounts")) {
        const console::Json& quota = member(each, "quota");
        const console::Json& days = member(each, "pop3_retention_days");
        rows.push_back({text_of(each, "address"), text_of(each, "display_name"),
                        text_of(each, "language"), limit_cell(quota, "bytes_max"),
                        limit_cell(quota, "messages_max"),
                        days.is_number_unsigned() ? console::dump(days) : "",
                        console::flag_of(each, "disabled") ? "yes" : "",
                        console::flag_of(each, "admin") ? "yes" : ""});
    }
    return format_csv(rows);
}

std::expected<std::vector<AccountImport>, std::string> read_accounts_csv(std::string_view text) {
    const auto records = parse_csv(text);
    if (!records) return std::unexpected(records.error());
    if (records->empty()) return std::unexpected("the file is empty");
    const auto columns = read_columns(records->front().cells);
    if (!columns) return std::unexpected(columns.error());
    std::vector<AccountImport> imports;
    for (std::size_t i = 1; i < records->size(); ++i) {
        imports.push_back(import_of((*records)[i], *columns));
    }
    return imports;
}

}  // namespace postern::app
