// Events of a message's life, and the record each is kept as. A record in a segment file:
//
//   magic    4 bytes  "PTL1"
//   length   4 bytes  of the payload, little-endian as all integers
//   crc      4 bytes  CRC-32C of the length and the payload
//   payload  kind (1), time (8, nanoseconds since 1970), message (8), entry (8), then fields:
//            tag (1), length (2), bytes
//
// A reader that meets anything else looks for the next magic with a right checksum, so a torn or
// damaged record costs itself alone. Unknown kinds and tags are skipped. Values are what peers
// said, unescaped: whoever shows them escapes them. Pure functions.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.hpp"

namespace postern::timeline {

enum class Kind : std::uint8_t {
    accepted = 1,   // with 250: the responsibility is ours
    refused = 2,    // at MAIL, RCPT or the end of data
    filed = 3,      // in a mailbox here
    queued = 4,     // an entry for a next hop
    delivered = 5,  // the next hop has taken a recipient
    deferred = 6,   // to be tried again
    failed = 7,     // given up
    delayed = 8,    // the sender has been told that it is late
    reported = 9,   // a report to the sender is on its way, a message of its own
    held = 10,
    released = 11,
    deleted = 12,  // by the administrator
    read = 13,     // the body has gone to a client, the first time
};
inline constexpr std::uint8_t kind_last = 13;
std::string_view name_of(Kind kind);

enum class Tag : std::uint8_t {
    sender = 1,     // empty: the null reverse-path
    recipient = 2,  // may come again
    user = 3,       // an account's address: who logged in, whose mailbox
    message_id = 4,
    peer = 5,  // address
    helo = 6,
    protocol = 7,  // "ESMTPSA" (RFC 3848)
    tls = 8,
    size = 9,
    checks = 10,   // what was looked at and found in order
    command = 11,  // that was refused
    status = 12,   // RFC 3463
    reply = 13,    // the remote's words, or ours
    text = 14,
    host = 15,     // the remote's
    address = 16,  // the remote's
    route = 17,
    mailbox = 18,
    uid = 19,
    count = 20,   // of recipients
    report = 21,  // id of the report
};
inline constexpr std::uint8_t tag_last = 21;
std::string_view name_of(Tag tag);

struct Field {
    Tag tag;
    std::string_view value;
};

// A message, and where it matters one of its queue entries (0: none).
struct Ids {
    std::uint64_t message = 0;
    std::uint64_t entry = 0;
};

// Appends a record. Empty values but a sender are left out, long ones cut; once the record is
// full the remaining fields are left out.
void append_record(std::string& to, Kind kind, Ids ids, WallTime time,
                   std::span<const Field> fields);

struct Event {
    Kind kind = Kind::accepted;
    WallTime time;
    Ids ids;
    std::vector<std::pair<Tag, std::string>> fields;

    // The first of that tag; empty: none.
    std::string_view value(Tag tag) const;
};

// Of a payload whose checksum was right; nothing: it is of a kind that is not known.
std::optional<Event> parse_payload(std::string_view payload);

inline constexpr std::size_t record_header_bytes = 12;

// Walks the records of a segment, or of a piece of one that begins at a record.
class RecordReader {
 public:
    explicit RecordReader(std::string_view bytes) : bytes_(bytes) {}

    struct Record {
        std::size_t offset = 0;  // of its magic
        std::string_view payload;
    };
    std::optional<Record> next();
    // Where the last record ends.
    std::size_t end() const { return end_; }
    // Places skipped between records. What stands behind the last one does not count: it may be on
    // its way.
    std::uint64_t damaged() const { return damaged_; }

 private:
    std::string_view bytes_;
    std::size_t end_ = 0;
    std::uint64_t damaged_ = 0;
};

// The payload of the record at the beginning of `bytes`; nothing: there is none, or not all of it.
std::optional<std::string_view> take_record(std::string_view bytes);

}  // namespace postern::timeline
