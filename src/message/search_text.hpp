// The words of a message for SEARCH (RFC 9051 §6.4.4): headers with their encoded words decoded,
// text parts with transfer encoding and charset decoded, all as UTF-8 in pieces, so that a large
// message takes no large memory. Comparison is by fold_for_search(). Nothing fails; a message that
// changed under its facts gives less text.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "message/facts.hpp"

namespace postern::message {

enum class SearchScope : std::uint8_t {
    body,  // parts and the headers within the body (SEARCH BODY)
    text,  // the message's own header too (SEARCH TEXT)
};

// Called with pieces of UTF-8 in order, a line break between fields and parts; false stops.
using TextSink = std::function<bool(std::string_view utf8)>;
void for_each_text(std::string_view message, const Facts& facts, SearchScope scope,
                   const TextSink& sink);

// `needle_folded` has been through fold_for_search(); an empty one is in everything.
bool contains_folded(std::string_view message, const Facts& facts, std::string_view needle_folded,
                     SearchScope scope);

// SEARCH HEADER, SUBJECT, FROM and their kin: whether a field of that name holds the text. An empty
// needle asks for the field alone.
bool header_contains_folded(std::string_view header, std::string_view name,
                            std::string_view needle_folded);

}  // namespace postern::message
