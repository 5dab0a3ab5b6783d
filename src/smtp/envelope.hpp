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
    bool is_smtputf8 = false;                    // RFC 6531 §3.4
    std::vector<std::string> forward_paths;      // accepted, with their angle brackets
    std::vector<store::DeliveryTarget> targets;  // where they lead, all together
    std::vector<queue::Recipient> remote;        // those that lead elsewhere
};

}  // namespace postern::smtp
