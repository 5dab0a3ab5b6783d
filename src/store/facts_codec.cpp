// The one place of the store that knows message/facts.hpp.
#include "message/facts.hpp"

#include "base/ascii.hpp"
#include "message/facts_builder.hpp"
#include "message/imap_format.hpp"
#include "store/facts_file.hpp"
#include "store/limits.hpp"
#include "store/little_endian.hpp"

namespace postern::store {
namespace {

// The end of a payload: the conversation, 8 bytes; sizes of facts, envelope and structure, 4 bytes
// each; then this.
constexpr std::string_view texts_magic = "PFT1";
constexpr std::size_t texts_trailer_bytes = 24;

struct Sections {
    std::string_view facts;
    std::string_view envelope;
    std::string_view body_structure;
    std::uint64_t conversation = 0;
};

// Payloads without texts are facts alone.
Sections split_payload(std::string_view payload) {
    const Sections only_facts{payload, {}, {}, 0};
    if (payload.size() < texts_trailer_bytes || !payload.ends_with(texts_magic)) return only_facts;
    std::string_view rest = payload.substr(0, payload.size() - texts_trailer_bytes);
    const std::string_view trailer = payload.substr(rest.size());
    const std::uint64_t facts = get_little<std::uint32_t>(trailer, 8);
    const std::uint64_t envelope = get_little<std::uint32_t>(trailer, 12);
    const std::uint64_t structure = get_little<std::uint32_t>(trailer, 16);
    if (facts + envelope + structure != rest.size()) return only_facts;
    return {rest.substr(0, facts), rest.substr(facts, envelope), rest.substr(facts + envelope),
            get_little<std::uint64_t>(trailer, 0)};
}

// RFC 9051 §9 shows MESSAGE/GLOBAL as a message, RFC 3501 does not: such a one has no one text.
bool looks_alike_in_all_revisions(const message::Facts& facts) {
    for (const message::Part& part : facts.structure.parts) {
        const bool is_message = part.kind == message::PartKind::message;
        if (is_message && !iequals(part.subtype, "rfc822")) return false;
    }
    return true;
}

std::string encode_with_texts(const message::Facts& facts) {
    std::string payload = message::encode_facts(facts);
    if (!looks_alike_in_all_revisions(facts)) return payload;
    const std::string envelope = message::format_envelope(facts);
    const std::string structure =
        message::format_body(facts, message::BodyForm::body_structure, message::ImapRevision::rev1);
    const std::size_t texts = envelope.size() + structure.size();
    if (texts > facts_texts_bytes_max) return payload;
    const auto facts_bytes = static_cast<std::uint32_t>(payload.size());
    payload.reserve(payload.size() + texts + texts_trailer_bytes);
    payload += envelope;
    payload += structure;
    put_little(payload, message::conversation_of(facts.structure.envelopes.front()));
    put_little(payload, facts_bytes);
    put_little(payload, static_cast<std::uint32_t>(envelope.size()));
    put_little(payload, static_cast<std::uint32_t>(structure.size()));
    payload += texts_magic;
    return payload;
}

}  // namespace

std::string compute_encoded_facts(std::string_view message) {
    return encode_with_texts(message::compute_facts(message));
}

EncodedFactsBuilder::EncodedFactsBuilder() : facts_(std::make_unique<message::FactsBuilder>()) {}
EncodedFactsBuilder::~EncodedFactsBuilder() = default;

void EncodedFactsBuilder::take(std::string_view piece) {
    facts_->take(piece);
}

std::string EncodedFactsBuilder::finish() {
    return encode_with_texts(facts_->finish());
}

Result<std::shared_ptr<const message::Facts>> decode_shared_facts(std::string_view encoded) {
    auto facts = message::decode_facts(split_payload(encoded).facts);
    if (!facts) return Failure(facts.error());
    return std::make_shared<const message::Facts>(std::move(*facts));
}

Result<FactsBrief> brief_of(std::string_view encoded) {
    const Sections sections = split_payload(encoded);
    const auto head = message::decode_facts_head(sections.facts);
    if (!head) return Failure(head.error());
    FactsBrief brief;
    brief.header_size = head->header_size;
    brief.has_dot_line = head->has_dot_line;
    brief.clean_crlf = head->clean_crlf;
    brief.has_8bit = head->has_8bit;
    brief.conversation = sections.conversation;
    brief.envelope = sections.envelope;
    brief.body_structure = sections.body_structure;
    return brief;
}

bool are_same_facts(std::string_view kept, std::string_view computed) {
    auto known = decode_shared_facts(kept);
    auto real = decode_shared_facts(computed);
    auto brief = brief_of(kept);
    auto real_brief = brief_of(computed);
    if (!known || !real || !brief || !real_brief || **known != **real) return false;
    if (brief->envelope.empty() && brief->body_structure.empty()) return true;
    return brief->envelope == real_brief->envelope &&
           brief->body_structure == real_brief->body_structure &&
           brief->conversation == real_brief->conversation;
}

}  // namespace postern::store
