// What a SEARCH asks for (RFC 3501 §6.4.4, §9 "search-key"), parsed into a tree that lies flat in
// one vector. Pure. Nesting and the number of keys are bounded; texts are UTF-8 and folded for
// comparison; sequence sets and keywords are resolved later, when the mailbox is at hand.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "imap/decoder.hpp"

namespace postern::imap {

enum class SearchKind : std::uint8_t {
    all,
    sequence,      // numbers
    uid,           // numbers
    saved,         // what SAVE kept: "$" (RFC 5182)
    flag,          // flag: a system flag or keyword
    recent,        // \Recent
    before,        // days: internal date
    on,            //
    since,         //
    sent_before,   // days: Date field
    sent_on,       //
    sent_since,    //
    larger,        // number
    smaller,       // number
    older,         // number: seconds (RFC 5032)
    younger,       //
    envelope,      // name, text: Subject, From, To, Cc, Bcc, Message-ID
    header,        // name, text; an empty text asks for the field alone
    body,          // text
    text,          // text
    saved_before,  // days: date of saving (RFC 8514 §4.3)
    saved_on,      //
    saved_since,   //
    email_id,      // text, as it is (RFC 8474 §6)
    thread_id,     //
    modseq,        // modseq: at least (RFC 7162 §3.1.5)
    conjunction,   // every child
    disjunction,   // any child
    negation,      // not its child
};

struct SearchNode {
    SearchKind kind = SearchKind::all;
    std::uint64_t number = 0;
    std::int64_t days = 0;  // since 1970-01-01
    std::uint64_t modseq = 0;
    std::string name;  // header: field name; flag: "\\Seen", "$Junk"
    std::string text;  // folded
    SequenceSet numbers;
    std::vector<std::uint32_t> children;  // indices, each greater than the node's own
};

// nodes[0] is the root, a conjunction.
struct SearchProgram {
    std::vector<SearchNode> nodes;
    bool has_numbers = false;  // message numbers: not with UIDONLY (RFC 9586 §3.1)
    bool has_modseq = false;   // RFC 7162 §3.1.5: the answer says the highest one
};

// `in` stands behind the SP after "SEARCH". A charset nobody knows is ErrorCode::unsupported
// (BADCHARSET), a key over a limit ErrorCode::limit with words that name it, both peer_request.
Result<SearchProgram> parse_search(Decoder& in);
// search-criteria = charset 1*(SP search-key): of SORT and THREAD (RFC 5256 §5).
Result<SearchProgram> parse_search_criteria(Decoder& in);

}  // namespace postern::imap
