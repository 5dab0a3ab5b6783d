// Transport: the way out. The queue says what is to be delivered where; a transport finds the host,
// connects (or uses a connection it has), speaks to it and says what became of each recipient. It
// keeps no message and decides no retry. One object a shard, which only that shard touches; several
// attempts run at once, to the same destination too (as many as the queue's concurrency allows).
// The SMTP client implements it; tests and the simulator have scripted ones.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/task.hpp"
#include "queue/envelope.hpp"
#include "queue/route.hpp"

namespace postern::queue {

struct AttemptRequest {
    std::string entry_id;  // for the log
    Route route;
    // The entry's envelope. Stays where it is and as it is until attempt() returns.
    const Envelope* envelope = nullptr;
    // Indices into envelope->recipients of those still to be delivered, ascending, not empty.
    std::vector<std::uint32_t> recipients;
    // The message is facts.size_bytes of this, from facts.content_offset on: CRLF lines, no
    // dot-stuffing. In memory; null: in the file.
    std::shared_ptr<const std::string> message;
    std::string message_path;

    // What is to be sent of a message in memory.
    std::string_view content() const {
        return std::string_view(*message).substr(envelope->facts.content_offset,
                                                 envelope->facts.size_bytes);
    }
};

enum class Outcome : std::uint8_t {
    delivered,  // the other side has said so with a 2yz reply to the end of data
    deferred,   // try again: 4yz, no connection, no answer in time
    failed,     // never again: 5yz, no such domain, null MX, cannot be converted
    untried,    // nothing was asked: we are shutting down, or have no resources. No attempt counts
};

// What became of one recipient.
struct RecipientReport {
    Outcome outcome = Outcome::deferred;
    // RFC 3463 "5.1.1", the remote's or ours; class as the outcome: 2, 4, 5.
    std::string status;
    // The remote's own words, all lines, code included: "550 5.1.1 No such user". At most
    // reply_text_bytes_max; empty when no remote has said anything about it.
    std::string reply;
    // What happened in our words, for the log, the administrator and the bounce's text when there
    // is no reply: "no route to host", "domain does not exist".
    std::string explanation;
};

// Beyond the recipients of this attempt: what it says about the destination.
enum class DestinationVerdict : std::uint8_t {
    reachable,    // it answered and served us, whatever it thought of these recipients
    throttled,    // it works but asks us to do less: 421, too many connections, rate limits
    unreachable,  // no host of it can be reached: all its entries share one back-off
};

struct AttemptReport {
    std::vector<RecipientReport> recipients;  // one for each of the request's, in that order
    DestinationVerdict destination = DestinationVerdict::reachable;
    std::string remote_host;     // "mx1.example.org"; empty: none was reached
    std::string remote_address;  // "192.0.2.25"
    std::string tls;             // "TLS1.3 AES-128-GCM", "" in the clear
    // RFC 3461 §5.2.2: it takes over the duty to notify; if not, we report `relayed`.
    bool remote_supports_dsn = false;
    // RFC 2852 §4.1.4.2: it knows by when the message is to be delivered; if not, we report
    // `relayed` to who asked for that.
    bool remote_supports_deliver_by = false;
};

class Transport {
 public:
    virtual ~Transport() = default;
    // Never fails: what goes wrong is in the report. When the task is cancelled it comes back soon,
    // with `untried` for those whose fate is open and had better not count, and never with
    // `delivered` for what was not. When the connection is lost after the end of data was sent and
    // before the reply, the outcome is `deferred`.
    virtual engine::task<AttemptReport> attempt(AttemptRequest request) = 0;
    // The queue has nothing more for this destination just now; idle connections may be closed.
    virtual void idle(const std::string& route_key) { (void)route_key; }
    // At shutdown, after the last attempt has ended: says QUIT, closes what is open.
    virtual engine::task<void> close() = 0;
};

}  // namespace postern::queue
