// search-key; see parse_search.hpp.
#include "imap/parse_search.hpp"

#include <optional>

#include "base/ascii.hpp"
#include "imap/limits.hpp"
#include "message/charset.hpp"

namespace postern::imap {
namespace {

enum class Argument : std::uint8_t {
    none,
    text,
    date,
    number,
    interval,
    keyword,
    header,
    object_id
};

struct KeyRow {
    std::string_view name;
    SearchKind kind;
    Argument argument = Argument::none;
    std::string_view detail = {};  // flag or field name
    bool negated = false;
};

// RFC 3501 §6.4.4, in its order. Keys that are abbreviations (NEW, OLD, OR, NOT) stand below.
constexpr KeyRow key_rows[] = {
    {"ALL", SearchKind::all},
    {"ANSWERED", SearchKind::flag, Argument::none, "\\Answered"},
    {"BCC", SearchKind::envelope, Argument::text, "Bcc"},
    {"BEFORE", SearchKind::before, Argument::date},
    {"BODY", SearchKind::body, Argument::text},
    {"CC", SearchKind::envelope, Argument::text, "Cc"},
    {"DELETED", SearchKind::flag, Argument::none, "\\Deleted"},
    {"DRAFT", SearchKind::flag, Argument::none, "\\Draft"},
    {"EMAILID", SearchKind::email_id, Argument::object_id},  // RFC 8474 §6 (OBJECTID)
    {"FLAGGED", SearchKind::flag, Argument::none, "\\Flagged"},
    {"FROM", SearchKind::envelope, Argument::text, "From"},
    {"HEADER", SearchKind::header, Argument::header},
    {"KEYWORD", SearchKind::flag, Argument::keyword},
    {"LARGER", SearchKind::larger, Argument::number},
    {"OLDER", SearchKind::older, Argument::interval},  // RFC 5032 §3 (WITHIN)
    {"OLD", SearchKind::recent, Argument::none, {}, true},
    {"ON", SearchKind::on, Argument::date},
    {"RECENT", SearchKind::recent},
    {"SAVEDBEFORE", SearchKind::saved_before, Argument::date},  // RFC 8514 §4.3 (SAVEDATE)
    {"SAVEDON", SearchKind::saved_on, Argument::date},
    {"SAVEDSINCE", SearchKind::saved_since, Argument::date},
    {"SAVEDATESUPPORTED", SearchKind::all},
    {"SEEN", SearchKind::flag, Argument::none, "\\Seen"},
    {"SENTBEFORE", SearchKind::sent_before, Argument::date},
    {"SENTON", SearchKind::sent_on, Argument::date},
    {"SENTSINCE", SearchKind::sent_since, Argument::date},
    {"SINCE", SearchKind::since, Argument::date},
    {"SMALLER", SearchKind::smaller, Argument::number},
    {"SUBJECT", SearchKind::envelope, Argument::text, "Subject"},
    {"TEXT", SearchKind::text, Argument::text},
    {"THREADID", SearchKind::thread_id, Argument::object_id},
    {"TO", SearchKind::envelope, Argument::text, "To"},
    {"UNANSWERED", SearchKind::flag, Argument::none, "\\Answered", true},
    {"UNDELETED", SearchKind::flag, Argument::none, "\\Deleted", true},
    {"UNDRAFT", SearchKind::flag, Argument::none, "\\Draft", true},
    {"UNFLAGGED", SearchKind::flag, Argument::none, "\\Flagged", true},
    {"UNKEYWORD", SearchKind::flag, Argument::keyword, {}, true},
    {"UNSEEN", SearchKind::flag, Argument::none, "\\Seen", true},
    {"YOUNGER", SearchKind::younger, Argument::interval},  // RFC 5032 §3
};

class Parser {
 public:
    explicit Parser(Decoder& in) : in_(in) {}

    // [CHARSET SP astring SP] search-key …
    Result<SearchProgram> run() {
        if (in_.take_word("CHARSET")) {
            in_.space();
            read_charset();
        }
        return run_keys();
    }

    // charset SP search-key …
    Result<SearchProgram> run_criteria() {
        read_charset();
        return run_keys();
    }

 private:
    Result<SearchProgram> run_keys() {
        std::uint32_t root = add(SearchKind::conjunction);
        parse_list(root, 0);
        if (refusal_) return Failure(*refusal_);
        if (auto finished = in_.finish(); !finished) return Failure(finished.error());
        return std::move(program_);
    }

    SearchNode& node(std::uint32_t index) { return program_.nodes[index]; }

    std::uint32_t add(SearchKind kind) {
        if (program_.nodes.size() == search_keys_max) {
            refuse(ErrorCode::limit, "More than 4000 search keys");
            static_assert(search_keys_max == 4'000);
        }
        program_.nodes.emplace_back().kind = kind;
        return std::uint32_t(program_.nodes.size() - 1);
    }

    void refuse(ErrorCode code, const char* what) {
        if (!refusal_) refusal_ = Error{ErrorKind::peer_request, code, 0, what};
        in_.fail(what);
    }

    // RFC 3501 §6.4.4: "[CHARSET] …; US-ASCII MUST be supported"
    void read_charset() {
        charset_ = in_.astring();
        in_.space();
        if (in_.ok() && !message::is_known_charset(charset_)) {
            refuse(ErrorCode::unsupported, "unknown charset");
        }
    }

    std::string read_text() {
        in_.space();
        std::string raw = in_.astring();
        if (!in_.ok()) return {};
        if (!charset_.empty()) raw = message::to_utf8(raw, charset_);
        return message::fold_for_search(raw);
    }

    // search-key *(SP search-key)
    void parse_list(std::uint32_t parent, std::size_t depth) {
        while (in_.ok()) {
            std::uint32_t child = parse_key(depth);
            node(parent).children.push_back(child);
            if (!in_.take(' ')) return;
        }
    }

    std::uint32_t parse_key(std::size_t depth) {
        if (depth >= search_depth_max) {
            refuse(ErrorCode::limit, "Search keys nested deeper than 64");
            static_assert(search_depth_max == 64);
        }
        if (!in_.ok()) return 0;
        if (in_.take('(')) {
            std::uint32_t group = add(SearchKind::conjunction);
            parse_list(group, depth + 1);
            in_.expect(')');
            return group;
        }
        if (in_.at_digit() || in_.at('*') || in_.at('$')) return parse_set(SearchKind::sequence);
        return parse_named_key(in_.word(), depth);
    }

    std::uint32_t parse_set(SearchKind kind) {
        std::uint32_t set = add(kind);
        node(set).numbers = in_.sequence_set();
        if (names_saved_result(node(set).numbers)) node(set).kind = SearchKind::saved;
        if (node(set).kind == SearchKind::sequence) program_.has_numbers = true;
        return set;
    }

    enum class Side : std::uint8_t { before, after };

    // RFC 9738 §4: UIDs below or above one, which need not exist.
    std::uint32_t parse_side_of_uid(Side side) {
        std::uint32_t key = add(SearchKind::uid);
        in_.space();
        std::uint32_t uid = in_.nz_number();
        if (side == Side::before && uid > 1) node(key).numbers = {{1, uid - 1}};
        if (side == Side::after && uid < UINT32_MAX) node(key).numbers = {{uid + 1, UINT32_MAX}};
        return key;
    }

    std::uint32_t parse_named_key(std::string_view name, std::size_t depth) {
        if (iequals(name, "UID")) {
            in_.space();
            return parse_set(SearchKind::uid);
        }
        if (iequals(name, "UIDAFTER")) return parse_side_of_uid(Side::after);
        if (iequals(name, "UIDBEFORE")) return parse_side_of_uid(Side::before);
        if (iequals(name, "NOT")) return parse_operands(SearchKind::negation, 1, depth);
        if (iequals(name, "OR")) return parse_operands(SearchKind::disjunction, 2, depth);
        if (iequals(name, "NEW")) return add_new();
        if (iequals(name, "MODSEQ")) return parse_modseq();
        for (const KeyRow& row : key_rows) {
            if (iequals(name, row.name)) return parse_row(row);
        }
        in_.fail("Unknown search key");
        return 0;
    }

    // RFC 7162 §7: "MODSEQ" [SP entry-name SP entry-type-req] SP mod-sequence-valzer. There is one
    // mod-sequence a message, so names of entries are passed over (§3.1.5).
    std::uint32_t parse_modseq() {
        std::uint32_t key = add(SearchKind::modseq);
        in_.space();
        if (in_.ok() && !in_.at_digit()) {
            in_.string();
            in_.space();
            std::string_view type = in_.word();
            bool is_known =
                iequals(type, "shared") || iequals(type, "priv") || iequals(type, "all");
            if (in_.ok() && !is_known) in_.fail("Unknown entry type");
            in_.space();
        }
        node(key).modseq = in_.number64();
        program_.has_modseq = true;
        return key;
    }

    std::uint32_t parse_operands(SearchKind kind, int count, std::size_t depth) {
        std::uint32_t parent = add(kind);
        for (int i = 0; i < count && in_.ok(); ++i) {
            in_.space();
            std::uint32_t child = parse_key(depth + 1);
            node(parent).children.push_back(child);
        }
        return parent;
    }

    // RFC 3501 §6.4.4: NEW is "(RECENT UNSEEN)".
    std::uint32_t add_new() {
        std::uint32_t both = add(SearchKind::conjunction);
        std::uint32_t recent = add(SearchKind::recent);
        std::uint32_t unseen = add(SearchKind::negation);
        std::uint32_t seen = add(SearchKind::flag);
        node(seen).name = "\\Seen";
        node(unseen).children = {seen};
        node(both).children = {recent, unseen};
        return both;
    }

    std::uint32_t parse_row(const KeyRow& row) {
        std::uint32_t outer = row.negated ? add(SearchKind::negation) : 0;
        std::uint32_t key = add(row.kind);
        if (row.negated) node(outer).children = {key};
        node(key).name = row.detail;
        read_argument(row.argument, key);
        return row.negated ? outer : key;
    }

    void read_argument(Argument argument, std::uint32_t key) {
        switch (argument) {
            case Argument::none: return;
            case Argument::text: node(key).text = read_text(); return;
            case Argument::date:
                in_.space();
                node(key).days = message::days_from_civil(in_.date());
                return;
            case Argument::number:
                in_.space();
                node(key).number = in_.number64();  // RFC 9051 §6.4.4: 63 bits
                return;
            case Argument::interval:
                in_.space();
                node(key).number = in_.nz_number();
                return;
            case Argument::keyword:
                in_.space();
                node(key).name = in_.atom();
                return;
            case Argument::object_id:
                in_.space();
                node(key).text = in_.atom();
                return;
            case Argument::header:
                in_.space();
                node(key).name = in_.astring();
                // Clients look for single messages by this one, and the facts have it.
                if (iequals(node(key).name, "Message-ID")) node(key).kind = SearchKind::envelope;
                node(key).text = read_text();
                return;
        }
    }

    Decoder& in_;
    SearchProgram program_;
    std::string charset_;
    std::optional<Error> refusal_;
};

}  // namespace

Result<SearchProgram> parse_search(Decoder& in) {
    return Parser(in).run();
}

Result<SearchProgram> parse_search_criteria(Decoder& in) {
    return Parser(in).run_criteria();
}

}  // namespace postern::imap
