// The message facts of one mailbox, file postern.facts: encoded message::Facts, appended as
// messages arrive and found through the index. A cache: whatever is missing or damaged is computed
// again from the message. All integers are little-endian. No I/O here.
//
// Header, 16 bytes:  0  8  "POSTERNF"    8  4  version, 1    12  4  UIDVALIDITY
// Record, at a multiple of 8:
//   0  4  n, size of the payload    8  4  CRC-32C of bytes 0 to 7 and the payload
//   4  4  UID                      12  4  zero               16  n  payload, then zeros to 8
// Payload: message::encode_facts, and if the texts of IMAP are kept beside them:
//   a bytes of facts, b of ENVELOPE, c of BODYSTRUCTURE, 8 message::conversation_of, then 4 each:
//   a, b, c, "PFT1"
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "store/facts_brief.hpp"

namespace postern::message {
struct Facts;
class FactsBuilder;
}  // namespace postern::message

namespace postern::store {

inline constexpr std::size_t facts_header_bytes = 16;
inline constexpr std::size_t facts_record_head_bytes = 16;

std::string format_facts_header(std::uint32_t uid_validity);
bool is_facts_header(std::string_view bytes, std::uint32_t uid_validity);
void put_facts_record(std::string& out, std::uint32_t uid, std::string_view payload);

// Size of the payload that follows a record's head, if the head is that UID's.
std::optional<std::size_t> facts_payload_bytes(std::string_view head, std::uint32_t uid);
bool is_facts_record(std::string_view head, std::string_view payload);  // the checksum

// The codec of message/facts.hpp, so that only one file here needs it.
std::string compute_encoded_facts(std::string_view message);

// The same of a message that comes in pieces, in memory that does not grow with it.
class EncodedFactsBuilder {
 public:
    EncodedFactsBuilder();
    ~EncodedFactsBuilder();
    void take(std::string_view piece);
    std::string finish();

 private:
    std::unique_ptr<message::FactsBuilder> facts_;
};

Result<std::shared_ptr<const message::Facts>> decode_shared_facts(std::string_view encoded);
// Of a payload whose checksum is right; views into it.
Result<FactsBrief> brief_of(std::string_view encoded);

// Whether a payload that was kept says what one that was just computed says. Texts may be absent
// from what is kept.
bool are_same_facts(std::string_view kept, std::string_view computed);

}  // namespace postern::store
