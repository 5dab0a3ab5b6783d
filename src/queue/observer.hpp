// Observer: is told what happens to queued mail, as it happens. Log lines are made of it, and
// the timeline of a message (timeline_observer.hpp). Called on the shard where it happens; must not
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
    deleted,   // by the administrator
    damaged,   // the envelope file cannot be read
    filed,     // in a mailbox here, before anything waits
    reported,  // the sender is being told, by a message of its own
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
    std::string_view mailbox;      // filed; `recipient` is the account then
    std::string_view report;       // reported: the id of that message
    std::uint32_t uid = 0;         // filed
    std::uint64_t recipients = 0;  // accepted, loaded: how many
};

class Observer {
 public:
    virtual ~Observer() = default;
    virtual void observe(const Event& event) = 0;
    // Whether it is told of what is filed here: most are not interested, and it costs something.
    virtual bool wants_filed() const { return false; }
};

// Writes a log line an event.
Observer& log_observer();

}  // namespace postern::queue
