// The argument of RCPT and what becomes of it, for its handler and its test. RFC 5321 §4.1.1.3.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string_view>

#include "auth/directory.hpp"
#include "message/mailbox.hpp"
#include "smtp/reply.hpp"

namespace postern::smtp {

enum class Utf8Addresses : std::uint8_t { refused, allowed };
enum class Sender : std::uint8_t { anybody, logged_in };

// What follows the verb, or the reply that refuses it.
std::expected<message::Path, Reply> parse_rcpt_arguments(std::string_view arguments,
                                                         Utf8Addresses utf8);

// Why mail for this recipient is not taken from this sender; nothing: it is.
std::optional<Reply> check_recipient(const auth::Recipient& recipient, Sender sender);

}  // namespace postern::smtp
