// The header fields IMAP calls the envelope of a message (RFC 3501 §7.4.2, RFC 9051 §7.5.2): kept
// as they are written, unfolded and with their encoded words, so that the wire form needs no more
// parsing. Several To, Cc or Bcc fields are joined (RFC 5322 §4.5.3), of others the first counts.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "message/address.hpp"
#include "message/header.hpp"

namespace postern::message {

struct Envelope {
    std::optional<std::string> date, subject, in_reply_to, message_id;  // absent: no such field
    std::optional<std::string> references;        // no part of IMAP's ENVELOPE, but of its THREAD
    std::vector<Address> from, sender, reply_to;  // sender, reply_to: `from` where they are empty
    std::vector<Address> to, cc, bcc;
    friend bool operator==(const Envelope&, const Envelope&) = default;
};

// Takes in the fields it knows, one by one; finish() fills in the defaults.
class EnvelopeBuilder {
 public:
    void add(const HeaderField& field);
    Envelope finish();

 private:
    Envelope envelope_;
};

Envelope parse_envelope(std::string_view header);

// The same for all messages of one conversation that say what they answer: a hash of the Message-ID
// that began it, the first of References, else of In-Reply-To, else the message's own. 0: it has
// none. RFC 5322 §3.6.4; for THREADID (RFC 8474 §5.2).
std::uint64_t conversation_of(const Envelope& envelope);

}  // namespace postern::message
