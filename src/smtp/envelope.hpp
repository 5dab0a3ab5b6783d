// The envelope of one mail transaction (RFC 5321 §2.3.1, §3.3): what MAIL and RCPT said.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "message/mailbox.hpp"
#include "queue/envelope.hpp"
#include "store/store.hpp"

namespace postern::smtp {

// A recipient that was accepted, and where it leads.
struct AcceptedRecipient {
    std::string forward_path;                    // with its angle brackets
    std::vector<store::DeliveryTarget> targets;  // mailboxes here
    std::vector<queue::Recipient> remote;        // elsewhere, under the sender's reverse-path
    std::vector<queue::Recipient> forwarded;     // elsewhere, under a reverse-path of ours (SRS)
    std::optional<queue::Recipient> confirmed;   // its delivery here is reported (RFC 3461)
    std::string call_out;                        // whom an inner server is asked about; empty: none
};

struct Envelope {
    std::uint64_t id = 0;  // of the message that it becomes; 0: not chosen yet
    message::Path reverse_path;
    // What MAIL asked for by its parameters, times as Unix time; without id, sender, recipients.
    queue::Envelope wanted;
    std::string forwarding_path;  // our reverse-path for what is forwarded; empty: none needed
    std::vector<AcceptedRecipient> recipients;
    std::uint64_t declared_bytes = 0;  // by SIZE; 0: not said
    std::size_t addresses = 0;         // that they lead to, all together
};

}  // namespace postern::smtp
