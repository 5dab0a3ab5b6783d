// The arguments of MAIL, for its handler and its test. RFC 5321 §4.1.1.2.
#pragma once

#include <cstdint>
#include <expected>
#include <string_view>

#include "message/mailbox.hpp"
#include "smtp/command_line.hpp"
#include "smtp/reply.hpp"

namespace postern::smtp {

struct MailArguments {
    message::Path reverse_path;
    bool is_smtputf8 = false;
};

// What follows the verb, or the reply that refuses it.
std::expected<MailArguments, Reply> parse_mail_arguments(std::string_view arguments,
                                                         std::uint64_t message_bytes_max);

}  // namespace postern::smtp
