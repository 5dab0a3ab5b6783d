// Observer: is told what happens to queued mail, as it happens. The timeline of a message is made
// of it; until somebody else listens, log lines are. Called on the shard where it happens; must not
// block. All views are of the caller's memory.
#pragma once

#include <cstdint>
#include <string_view>

#include "queue/entry_id.hpp"

namespace postern::queue {

enum class EventKind : std::uint8_t {
    accepted,   // an entry is durable and waits
    loaded,     // found at start
    delivered,  // the next hop has taken a recipient
    deferred,   // to be tried again
    bounced,    // a recipient failed; `explanation` says whether the sender was told
    delayed,    // the sender has been told of the delay
    held,
    released,
    deleted,  // by the administrator
    damaged,  // the envelope file cannot be read
};
std::string_view name_of(EventKind kind);

struct Event {
    EventKind kind = EventKind::accepted;
    EntryId entry = 0;
    std::string_view message_id;  // of the message, as in its Received field
    std::string_view route_key;
    std::string_view sender;     // empty: null reverse-path
    std::string_view recipient;  // empty: of the entry as a whole
    std::string_view status;     // RFC 3463
    std::string_view reply;
    std::string_view explanation;
    std::string_view remote_host;
    std::string_view remote_address;
    std::string_view tls;
    std::uint64_t recipients = 0;  // accepted, loaded: how many
};

class Observer {
 public:
    virtual ~Observer() = default;
    virtual void observe(const Event& event) = 0;
};

// Writes a log line an event.
Observer& log_observer();

}  // namespace postern::queue
