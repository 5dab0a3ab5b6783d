// The first words of a message, for a list of messages (RFC 8970 §3): from its first text part,
// with transfer encoding and charset decoded, HTML reduced to its text, quoted lines and runs of
// white space left out. Nothing fails: a message without text has an empty preview. Pure.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "message/facts.hpp"

namespace postern::message {

inline constexpr std::size_t preview_characters_max = 200;  // RFC 8970 §3.1

// The part that says most, as an index into Structure::parts.
std::optional<std::size_t> find_preview_part(const Facts& facts);

// `body` is the beginning of the part's body, as it is in the message. UTF-8, without line breaks.
std::string make_preview(std::string_view body, const Part& part);

}  // namespace postern::message
