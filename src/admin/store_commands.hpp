// The commands of the control protocol that act on mail instead of the accounts database: the
// daemon runs them on the accounts' home shards. Pure: a request line in, an answer out; the
// table of the others is control_protocol.cpp's.
//
//   store.check    address?, repair?             every mailbox of that account or of all
//   store.export-dovecot  address                what Dovecot needs to take over
//   undelete       address, mailbox?, since?     since: Unix seconds; expunged then or later
//   account.usage  address                       what it holds, and what it may
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace postern::admin {

struct StoreRequest {
    enum class Kind : unsigned char { check, repair, export_dovecot, undelete, usage };
    Kind kind = Kind::check;
    std::string address;  // empty: all accounts
    std::string mailbox;
    std::int64_t since_s = 0;
};

// Nothing when the line is no command of these; a text when it is a wrong one.
std::optional<std::expected<StoreRequest, std::string>> parse_store_request(std::string_view line);

struct StoreAnswer {
    std::string error;  // empty: done
    std::uint64_t accounts = 0;
    std::vector<std::string> problems;  // of check and repair
    std::uint64_t restored = 0;
    std::uint64_t bytes = 0;
    std::uint64_t bytes_max = 0;  // 0: no limit
    std::uint64_t messages = 0;
    std::uint64_t messages_max = 0;
};

// One line with its newline.
std::string format_store_answer(StoreRequest::Kind kind, const StoreAnswer& answer);

// Of an "account.list" that asks for "usage": whose, in the order of the response to it. Of any
// other request: nobody's.
std::vector<std::string> accounts_to_measure(std::string_view request, std::string_view response);
// That response with a member "usage" for each account; null where it could not be had.
std::string add_usage(std::string_view response, const std::vector<StoreAnswer>& usages);

}  // namespace postern::admin
