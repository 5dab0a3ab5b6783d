// The envelope file of a queue entry, <id>.env beside the message <id>.msg: first the envelope, as
// it was accepted, then what has happened since, appended. Text, a record a line:
//
//   line   := crc SP kind *( SP key "=" value ) LF
//   crc    8 lower-case hexadecimal digits: CRC-32C of the line from `kind` to before LF, begun
//          with the crc of the line before (0 for the first), so that no line can be missing
//   value  bytes; controls, SP, "%" and DEL as "%" and two upper-case hexadecimal digits
//
// Numbers are decimal, times Unix seconds; a field whose value is empty or 0 is left out.
//
//   postern-queue-1  id= route= recipients= arrived= size= offset= from= envid= account=
//   ret=full|headers
//                    body=8bit|binary utf8=1 tls=1 tls-optional=1 priority= by=
//                    by-mode=notify|return by-trace=1 hold-until= hold-request= has=[8][u][b]:
//                    bytes above 0x7f, UTF-8 header, binary
//   to               addr= orcpt= notify=<bits>; as many as `recipients` says
// and then, in any number:
//   attempt          at= next=: there was one; the next is due then
//   outcome          at= state=delivered|deferred|failed|deleted rcpt=<n>[-<m>][,…] status= reply=
//                    text= host= address=: what became of some recipients, counted from 0
//   hold             at= reason=
//   release          at=
//   notice           at=: the sender has been told of the delay
//
// A reader skips kinds and keys it does not know, and stops at the first line whose crc is wrong:
// a record that was not synced when the power went. Pure functions, no I/O.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "queue/envelope.hpp"
#include "queue/route.hpp"
#include "queue/transport.hpp"

namespace postern::queue {

// What was last heard of a recipient.
struct LastWords {
    std::int64_t at_s = 0;  // 0: nothing yet
    std::string status;
    std::string reply;
    std::string explanation;
    std::string remote_host;
    std::string remote_address;
    friend bool operator==(const LastWords&, const LastWords&) = default;
};

// An envelope file, read.
struct StoredEntry {
    Envelope envelope;  // with the recipients' state of now
    Route route;
    std::vector<LastWords> last_words;  // one a recipient
    std::uint32_t attempts = 0;
    std::int64_t last_attempt_s = 0;
    std::int64_t next_attempt_s = 0;  // 0: at once
    bool is_held = false;
    std::string hold_reason;
    bool is_notified = false;     // of the delay
    std::size_t valid_bytes = 0;  // the next record goes here
    std::uint32_t chain = 0;      // the crc of the last line
};

// Lines to append to a file whose last crc is `chain`.
class RecordWriter {
 public:
    explicit RecordWriter(std::uint32_t chain = 0) : chain_(chain) {}

    void envelope(const Envelope& envelope, const Route& route);
    void attempt(std::int64_t at_s, std::int64_t next_s);
    // `recipients` are indices, ascending.
    void outcome(RecipientState state, const std::vector<std::uint32_t>& recipients,
                 const LastWords& words);
    void hold(std::int64_t at_s, std::string_view reason);
    void release(std::int64_t at_s);
    void notice(std::int64_t at_s);

    const std::string& text() const { return text_; }
    std::uint32_t chain() const { return chain_; }
    bool empty() const { return text_.empty(); }

 private:
    void line(std::string_view record);

    std::string text_;
    std::uint32_t chain_;
};

// corrupt: the envelope is not whole, or is none of this version.
Result<StoredEntry> parse_envelope_file(std::string_view bytes);

}  // namespace postern::queue
