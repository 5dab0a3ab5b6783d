// What the application tells the queue at start, and what the SMTP server hands to it.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "queue/envelope.hpp"
#include "queue/observer.hpp"
#include "queue/policy.hpp"
#include "queue/route.hpp"
#include "store/store.hpp"

namespace postern::queue {

struct Settings {
    std::string host_name;  // in reports: Reporting-MTA, From
    Policy policy;
    std::shared_ptr<const Router> router;  // null: make_mx_router()
    Observer* observer = nullptr;          // outlives the queue; null: log_observer()
};

// A message that is to be taken over, with all its recipients.
struct Submission {
    // Its recipients are the remote ones; none: it is all local. `id` as in the Received field;
    // arrived_s and facts.size_bytes are filled in when they are 0.
    Envelope envelope;
    std::vector<store::DeliveryTarget> targets;  // the local ones
    // Remote recipients that an alias led to, who get it under another reverse-path, so that their
    // side finds the host it comes from in order (RFC 7208 §D).
    std::vector<Recipient> forwarded;
    std::string forwarding_sender;
    // Local recipients whose delivery the sender wants to hear of (RFC 3461 §4.1, SUCCESS).
    std::vector<Recipient> delivered_here;
    // Not empty: the entries begin held, as of an account over its limit.
    std::string hold_reason;
    // The first entry's id; 0: the message's own, which another submission of it must not have.
    EntryId first_entry = 0;
};

}  // namespace postern::queue
