// Under which words an event is found: ids, addresses, Message-IDs. Addresses compare as the
// directory compares them: local parts without regard to case and in NFC, domains as A-labels.
// A key is its kind's letter and the word; the index knows hashes of keys. Pure functions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "timeline/event.hpp"

namespace postern::timeline {

// All that this event is found by, each once.
std::vector<std::string> keys_of(const Event& event);

// What may be meant by what somebody asks for, with or without angle brackets: an address, a
// Message-ID; and `id`, if the text reads as one. Several readings are tried together.
std::vector<std::string> keys_of_query(std::string_view text, std::optional<std::uint64_t> id);

std::string id_key(std::uint64_t id);

std::uint32_t hash_of(std::string_view key);

}  // namespace postern::timeline
