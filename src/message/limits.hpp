// The limits of message parsing, named once. What lies beyond a limit is cut or left out of what
// was parsed (RFC 5322 §2.1.1 and the header grammar itself set none); the bytes of the message
// are never touched. Sizes are bytes unless the name says otherwise.
#pragma once

#include <cstddef>

namespace postern::message {

// Header sections: fields beyond these are not looked at when facts are computed.
inline constexpr std::size_t header_bytes_max = 1024 * 1024;
inline constexpr std::size_t header_fields_max = 4'000;
// One field body: longer ones are cut before they are parsed.
inline constexpr std::size_t field_bytes_max = 256 * 1024;

// One address list, group markers included.
inline constexpr std::size_t addresses_max = 10'000;

// MIME: depth of the root is 0; a multipart or message at the maximum becomes a leaf
// application/octet-stream. Parts beyond the count are not listed.
inline constexpr std::size_t mime_depth_max = 100;
inline constexpr std::size_t mime_parts_max = 2'000;
inline constexpr std::size_t mime_parameters_max = 128;
inline constexpr std::size_t mime_languages_max = 16;
inline constexpr std::size_t boundary_bytes_max =
    256;  // RFC 2046 §5.1.1 says 70; longer ones exist
// Text of all parts and nested envelopes together; parts beyond it keep only their offsets.
inline constexpr std::size_t structure_text_bytes_max = 2 * 1024 * 1024;

// RFC 5321 §4.5.3.1. A path may carry a longer local part than 64 (bounce addresses do).
inline constexpr std::size_t local_part_bytes_max = 64;
inline constexpr std::size_t domain_bytes_max = 255;
inline constexpr std::size_t domain_label_bytes_max = 63;  // RFC 1035 §2.3.4
inline constexpr std::size_t path_bytes_max = 256;         // with its angle brackets

// RFC 2047 §2: the longest encoded-word we write. Longer ones are read.
inline constexpr std::size_t encoded_word_bytes_max = 75;

// Base subjects (RFC 5256) are taken from so much of a subject: what follows orders nothing.
inline constexpr std::size_t base_subject_bytes_max = 1024;
// Message IDs of one References field that THREAD looks at; the last ones, nearest to the message.
inline constexpr std::size_t references_max = 256;

// Decoded text is handed out in pieces of about this size.
inline constexpr std::size_t text_chunk_bytes = 64 * 1024;

static_assert(path_bytes_max > domain_bytes_max);
static_assert(header_bytes_max >= field_bytes_max);
static_assert(structure_text_bytes_max > header_bytes_max);

}  // namespace postern::message
