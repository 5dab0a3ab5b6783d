// The argument of RCPT and what becomes of it, for its handler and its test. RFC 5321 §4.1.1.3,
// RFC 3461 §4.1 and §4.2 (NOTIFY, ORCPT).
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "auth/directory.hpp"
#include "message/mailbox.hpp"
#include "smtp/reply.hpp"

namespace postern::smtp {

enum class Utf8Addresses : std::uint8_t { refused, allowed };
enum class Sender : std::uint8_t { anybody, logged_in };

struct RcptArguments {
    message::Path forward_path;
    std::uint8_t notify = 0;         // bits of queue::notify
    std::string original_recipient;  // ORCPT as given; empty: none
};

// What follows the verb, or the reply that refuses it.
std::expected<RcptArguments, Reply> parse_rcpt_arguments(std::string_view arguments,
                                                         Utf8Addresses utf8);

// RFC 3461 §4.1: "NEVER", or a list of SUCCESS, FAILURE and DELAY, each at most once.
std::optional<std::uint8_t> parse_notify(std::string_view text);
// RFC 3461 §4.2, RFC 6533 §3: addr-type ";" xtext, or "utf-8;" with UTF-8 where that is allowed.
bool is_original_recipient(std::string_view text, Utf8Addresses utf8);

// Why mail for this recipient is not taken from this sender; nothing: it is.
std::optional<Reply> check_recipient(const auth::Recipient& recipient, Sender sender);

}  // namespace postern::smtp
