// The one place of the store that knows message/facts.hpp.
#include "message/facts.hpp"

#include "message/facts_builder.hpp"
#include "store/facts_file.hpp"

namespace postern::store {

std::string compute_encoded_facts(std::string_view message) {
    return message::encode_facts(message::compute_facts(message));
}

EncodedFactsBuilder::EncodedFactsBuilder() : facts_(std::make_unique<message::FactsBuilder>()) {}
EncodedFactsBuilder::~EncodedFactsBuilder() = default;

void EncodedFactsBuilder::take(std::string_view piece) {
    facts_->take(piece);
}

std::string EncodedFactsBuilder::finish() {
    return message::encode_facts(facts_->finish());
}

Result<std::shared_ptr<const message::Facts>> decode_shared_facts(std::string_view encoded) {
    auto facts = message::decode_facts(encoded);
    if (!facts) return Failure(facts.error());
    return std::make_shared<const message::Facts>(std::move(*facts));
}

}  // namespace postern::store
