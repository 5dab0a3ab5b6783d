// Message facts: everything a server is asked about a message, computed once when it is delivered
// and kept beside the index, so that no message file is opened for an envelope or a structure.
// Pure; decode_facts() checks every byte and gives fail_internal(corrupt) for anything
// that encode_facts() would not have written.
//
// The format, version 2. "varint": unsigned LEB128, at most 10 bytes, shortest form. "string":
// varint size, bytes. "optional": byte 0, or byte 1 and a string. "list": varint count, items.
//   4 bytes  "PMF2"
//   varint   size of the message; varint size of its header; varint lines
//   1 byte   flags: 1 line starts with '.', 2 clean CRLF, 4 has 8-bit bytes, 8 has NUL
//   list     parts, in the order of Structure::parts, each
//              1 byte kind; varint depth; varint subtree_end; varint envelope + 1 (0: none)
//              varint header_offset, header_size, body_offset, body_size, body_lines
//              string type, subtype; parameters; optional id, description, md5, location
//              string encoding; byte 0, or byte 1, string disposition type, parameters
//              list of string languages
//   list     envelopes, each
//              optional date, subject, in-reply-to, message-id, references
//              lists from, sender, reply-to, to, cc, bcc of addresses
//   4 bytes  CRC-32C of everything before, little endian
// parameters: list of string name, string value, byte extended (0 or 1).
// address: byte kind, string name, route, local part, domain.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "message/structure.hpp"

namespace postern::message {

struct Facts {
    std::uint64_t size = 0;         // bytes
    std::uint64_t header_size = 0;  // bytes, the empty line included
    std::uint64_t lines = 0;        // line ends, and one more for an unfinished last line
    bool has_dot_line = false;      // a line starts with '.': POP3 and SMTP must stuff it
    bool clean_crlf = true;  // every CR is followed by LF, every LF preceded by CR, CRLF ends
    bool has_8bit = false;
    bool has_nul = false;
    Structure structure;
    friend bool operator==(const Facts&, const Facts&) = default;
};

Facts compute_facts(std::string_view message);

std::string encode_facts(const Facts& facts);
Result<Facts> decode_facts(std::string_view bytes);
// All but the structure, which stays empty: of bytes whose checksum the caller has checked. Cheap.
Result<Facts> decode_facts_head(std::string_view bytes);

}  // namespace postern::message
