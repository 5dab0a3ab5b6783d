// What clients ask of most messages (ENVELOPE, BODYSTRUCTURE, THREADID, whether RETR may send the
// file as it lies), ready to be sent: views into an encoded record of the facts file
// (facts_file.hpp), which has them beside the facts so that nothing needs to be decoded. Pure.
#pragma once

#include <cstdint>
#include <string_view>

namespace postern::store {

struct FactsBrief {
    std::uint64_t header_size = 0;  // as in message::Facts
    bool has_dot_line = false;
    bool clean_crlf = false;
    bool has_8bit = false;
    std::uint64_t conversation = 0;  // as of message::conversation_of; with the texts
    // As every revision of IMAP shows them. Both empty: not kept, to be made from the facts; an
    // older version wrote the record, or the revisions differ about this message.
    std::string_view envelope;
    std::string_view body_structure;
};

}  // namespace postern::store
