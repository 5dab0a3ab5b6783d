// The envelope of one mail transaction (RFC 5321 §2.3.1, §3.3): what MAIL and RCPT said.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "message/mailbox.hpp"
#include "queue/envelope.hpp"
#include "store/store.hpp"

namespace postern::smtp {

struct Envelope {
    message::Path reverse_path;
    // What MAIL asked for by its parameters, times as Unix time; without id, sender, recipients.
    queue::Envelope wanted;
    std::vector<std::string> forward_paths;        // accepted, with their angle brackets
    std::vector<store::DeliveryTarget> targets;    // where they lead, all together
    std::vector<queue::Recipient> remote;          // those that lead elsewhere
    std::vector<queue::Recipient> delivered_here;  // those whose success is reported (RFC 3461)
};

}  // namespace postern::smtp
