// One mail transaction over an open session: MAIL, RCPT for each recipient, the message, the end.
// Pipelined where the server allows (RFC 2920); over LMTP with an answer for each recipient
// (RFC 2033 §4.2). Works on the session's shard. Never fails: what became of whom is in the result.
// RFC 5321 §3.3 (transactions), §4.1.1.4 (DATA), §4.2.5 (after the end of data the responsibility
// is the server's when, and only when, it says so).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/task.hpp"
#include "queue/transport.hpp"
#include "smtp/client/mail_plan.hpp"
#include "smtp/client/report.hpp"
#include "smtp/client/session.hpp"

namespace postern::smtp::client {

// What is sent. What it points to stays until the transaction has ended.
struct Shipment {
    const queue::Envelope* envelope = nullptr;
    std::vector<std::uint32_t> recipients;  // indices into the envelope's
    // The message: size_bytes of the file from offset on; or `bytes`, where there is no file.
    int file = -1;
    std::uint64_t offset = 0;
    std::uint64_t size_bytes = 0;
    std::string_view bytes;
    const std::string* converted = nullptr;  // the message in 7 bits, where it had to be converted
};

struct TransactionResult {
    // One for each recipient of the shipment: what is settled. Nothing: it may be tried again, on
    // this session where it still works, or on another, and `trouble` says why.
    std::vector<std::optional<Trouble>> reports;
    std::optional<Trouble> trouble;
    bool is_throttled = false;         // 421, 450 or 451 at MAIL, or too many recipients
    bool server_said_nothing = false;  // a kept connection that had died
    bool needs_conversion = false;     // nothing was asked: come back with `converted`
};

engine::task<TransactionResult> transact(Session* session, const Shipment* shipment);

}  // namespace postern::smtp::client
