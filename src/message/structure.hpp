// The MIME tree of a message with its byte offsets (RFC 2045, RFC 2046): one pass over the whole
// message, linear in its size whatever it holds. Boundary lines are matched whole, innermost part
// first, so a boundary may be the beginning of another; a missing end boundary ends with the part
// around it. Mail that is not MIME is one text/plain part. Nothing fails; limits.hpp bounds depth,
// parts and text.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "message/envelope.hpp"
#include "message/mime.hpp"

namespace postern::message {

enum class PartKind : std::uint8_t {
    leaf,
    text,       // text/*: IMAP gives its lines
    multipart,  // one child or more
    message,    // message/rfc822, message/global: one child, the encapsulated message, which has
                // an envelope
};

inline constexpr std::uint32_t no_envelope = 0xffffffff;

struct Part {
    PartKind kind = PartKind::leaf;
    std::uint32_t depth = 0;        // 0 is the message itself
    std::uint32_t subtree_end = 0;  // index after the last part within this one
    std::uint32_t envelope =
        no_envelope;  // index into Structure::envelopes: a message's own header
    std::uint64_t header_offset = 0, header_size = 0;  // the empty line included
    std::uint64_t body_offset = 0, body_size = 0;      // without the line end before a boundary
    std::uint64_t body_lines = 0;                      // an unfinished last line counts
    std::string type, subtype;
    Parameters parameters;
    std::optional<std::string> id, description, md5, location;
    std::string encoding;  // as written, "7BIT" where there is none
    std::optional<Disposition> disposition;
    std::vector<std::string> languages;
    friend bool operator==(const Part&, const Part&) = default;
};

// Parts in the order of the message, each before the parts within it: the children of part p are
// p+1, then the subtree_end of each child up to p's own.
struct Structure {
    std::vector<Part> parts;          // never empty
    std::vector<Envelope> envelopes;  // [0] is the message's
    friend bool operator==(const Structure&, const Structure&) = default;
};

Structure parse_structure(std::string_view message);

}  // namespace postern::message
