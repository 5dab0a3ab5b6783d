// The arguments of MAIL, for its handler and its test. RFC 5321 §4.1.1.2.
#pragma once

#include <expected>
#include <string_view>

#include "message/mailbox.hpp"
#include "queue/envelope.hpp"
#include "smtp/mail_parameters.hpp"
#include "smtp/reply.hpp"

namespace postern::smtp {

struct MailArguments {
    message::Path reverse_path;
    queue::Envelope wanted;  // by its parameters
    bool is_priority_lowered = false;
    std::uint64_t declared_bytes = 0;  // by SIZE; 0: not said
};

// What follows the verb, or the reply that refuses it.
std::expected<MailArguments, Reply> parse_mail_arguments(std::string_view arguments,
                                                         const MailContext& context);

}  // namespace postern::smtp
