// Fuzz targets of src/imap: the grammar of arguments, and one whole session with a selected mailbox
// in the simulated world. What a parser accepts must be within its limits; a session must end when
// its client is silent, whatever it was sent, and its last words must be whole lines.
#include <array>
#include <string>
#include <vector>

#include "imap/bed.hpp"
#include "imap/limits.hpp"
#include "imap/list_pattern.hpp"
#include "imap/parse_fetch.hpp"
#include "imap/parse_notify.hpp"
#include "imap/parse_search.hpp"
#include "imap/parse_sort.hpp"
#include "imap/search_options.hpp"
#include "imap/sequence_set.hpp"
#include "registry.hpp"

namespace postern::fuzz {
namespace {

using namespace std::string_view_literals;

constexpr std::array argument_seeds = {
    "(FLAGS UID BODY.PEEK[1.2.HEADER.FIELDS (From \"To\")]<0.10> RFC822.TEXT)"sv,
    "BODY[1.MIME]<1.2>"sv,
    "CHARSET UTF-8 OR (SEEN 1:3,*) NOT HEADER X-A {3}\r\nabc"sv,
    "UNKEYWORD $Junk SENTSINCE 1-Feb-1994 LARGER 100 UID 1:*"sv,
    "1,2:4,*:7,9"sv,
    "\"Entw&APw-rfe/a\\\"b\" {4+}\r\n(a) (\\Seen custom)"sv,
    "\"17-Jul-1996 02:44:25 -0700\""sv,
    "Work/%/*%a*"sv,
    "RETURN (MIN MAX COUNT PARTIAL -1:-10 SAVE) OR $ YOUNGER 60"sv,
    "(REVERSE SUBJECT DATE DISPLAYFROM) KOI8-R ALL"sv,
    " SET STATUS (selected-delayed (MessageNew (UID FLAGS) MessageExpunge)) (personal NONE)"sv,
    " SET (subtree (a \"b\") (MailboxName X-Y)) (inboxes (ServerMetadataChange))"sv,
};

constexpr std::array imap_session_seeds = {
    "a FETCH 1:* (FLAGS ENVELOPE BODY[HEADER.FIELDS (From)])\r\n"
    "b STORE 1 +FLAGS (\\Deleted x)\r\nc EXPUNGE\r\n"sv,
    "a APPEND INBOX (\\Seen) \"17-Jul-1996 02:44:25 -0700\" {9+}\r\n"
    "A: b\r\n\r\nc\r\nb NOOP\r\n"sv,
    "a CREATE Work/a\r\nb COPY 1 Work/a\r\nc UID MOVE 1:* Work\r\nd LIST \"\" *%\r\n"
    "e RENAME Work x\r\n"sv,
    "a IDLE\r\nDONE\r\nb SEARCH CHARSET UTF-8 OR TEXT {3+}\r\nabc SUBJECT x\r\n"
    "c UID SEARCH ALL\r\n"sv,
    "a SELECT Sent\r\nb STATUS INBOX (MESSAGES)\r\nc LSUB \"\" *\r\nd CLOSE\r\n"
    "e ID NIL\r\n"sv,
    "a FETCH 1 BODY[1]<0.5>\r\nb FETCH 1 (RFC822 BODYSTRUCTURE)\r\n"
    "c UID EXPUNGE 1:*\r\nd CHECK\r\n"sv,
    "a UNSELECT\r\nb ENABLE QRESYNC CONDSTORE\r\n"
    "c SELECT INBOX (CONDSTORE QRESYNC (1 2 1:5 (1,2 3,4)))\r\n"
    "d UID FETCH 1:* (FLAGS MODSEQ) (CHANGEDSINCE 1 VANISHED)\r\n"
    "e STORE 1 (UNCHANGEDSINCE 5) +FLAGS.SILENT (x)\r\n"
    "f SEARCH MODSEQ \"/flags/x\" all 1\r\ng STATUS INBOX (HIGHESTMODSEQ)\r\n"sv,
    "a LIST (SUBSCRIBED RECURSIVEMATCH) \"\" (a% *) RETURN (STATUS (SIZE DELETED) CHILDREN)\r\n"
    "b CREATE x (USE (\\Archive))\r\nc LANGUAGE PT\r\nd STATUS INBOX (MAILBOXID APPENDLIMIT)\r\n"sv,
    "a FETCH 1 (BINARY.PEEK[1]<0.5> BINARY.SIZE[1] PREVIEW (LAZY) EMAILID SAVEDATE)\r\n"
    "b REPLACE 1 INBOX CATENATE (URL \"/INBOX/;UID=1/;SECTION=TEXT\" TEXT {3+}\r\nabc)\r\n"sv,
    "a UNSELECT\r\nb ENABLE UIDONLY IMAP4rev2 UTF8=ACCEPT\r\nc SELECT INBOX\r\n"
    "d UID FETCH 1:* FLAGS\r\ne UNAUTHENTICATE\r\nf LOGIN alice secret\r\n"sv,
    "a APPEND INBOX {4+}\r\na: b (\\Seen) ~{4+}\r\nc: d UTF8 (~{4+}\r\ne: f)\r\n"sv,
    "a SETMETADATA INBOX (/private/comment {3+}\r\nabc /shared/x NIL)\r\n"
    "b GETMETADATA (DEPTH 1 MAXSIZE 5) INBOX (/private)\r\n"
    "c LIST \"\" * RETURN (METADATA (/private/comment))\r\nd COMPRESS DEFLATE\r\nxx"sv,
    "a SEARCH RETURN (SAVE MIN PARTIAL -1:-5) YOUNGER 9 BODY x\r\nb FETCH $ (UID)\r\n"
    "c UID SORT RETURN (ALL COUNT) (REVERSE SUBJECT DISPLAYFROM DATE) UTF-8 UID $\r\n"
    "d THREAD REFERENCES UTF-8 ALL\r\ne UID THREAD ORDEREDSUBJECT KOI8-R ALL\r\n"
    "f THREAD REFS US-ASCII $\r\n"sv,
    "a ESEARCH IN (subtree (Work INBOX) personal) RETURN (COUNT UPDATE) ALL\r\n"
    "b UID SORT RETURN (UPDATE) (SUBJECT) UTF-8 ALL\r\nc STORE 1 +FLAGS (\\Deleted)\r\n"
    "d SEARCH RETURN (UPDATE) DELETED\r\ne EXPUNGE\r\nf CANCELUPDATE \"a\" \"b\"\r\n"sv,
    "a NOTIFY SET STATUS (selected (MessageNew (UID BODY[]) MessageExpunge FlagChange))"
    " (personal (MessageNew MessageExpunge MailboxName SubscriptionChange))\r\n"
    "b APPEND INBOX {6+}\r\na: b\r\n\r\nc RENAME Sent x\r\nd NOTIFY NONE\r\ne NOOP\r\n"sv,
    "a GETQUOTAROOT INBOX\r\nb GETQUOTA alice@example.test\r\nc SETQUOTA x (STORAGE 1)\r\n"
    "d SEARCH RETURN (UPDATE (UID)) ALL\r\ne UNSELECT\r\nf ENABLE METADATA\r\n"sv,
    "a DELETE INBOX\r\nb SUBSCRIBE x\r\nc UNSELECT\r\nd EXAMINE INBOX\r\n"
    "e AUTHENTICATE PLAIN\r\n"sv,
};

void fuzz_decoder(std::string_view bytes) {
    imap::Decoder in(bytes);
    while (in.ok() && !in.at_end()) {
        std::size_t before = in.position();
        if (in.at('('))
            in.flag_list();
        else if (in.at('"') || in.at('{'))
            in.string();
        else if (!in.take(' '))
            in.astring();
        fuzz_check(!in.ok() || in.position() > before, "the decoder stands still");
    }
    imap::Decoder names(bytes);
    imap::ListPattern pattern("", names.list_mailbox());
    pattern.matches("INBOX/a/b");
}

void fuzz_sets(std::string_view bytes) {
    auto set = imap::parse_sequence_set(bytes);
    if (!set) return;
    imap::SequenceSet ranges = imap::normalise(*set, 20);
    for (std::size_t i = 0; i < ranges.size(); ++i) {
        fuzz_check(ranges[i].first <= ranges[i].last && ranges[i].first > 0, "range");
        fuzz_check(i == 0 || ranges[i - 1].last < ranges[i].first, "ranges ascend");
        fuzz_check(imap::contains(ranges, ranges[i].last), "a range holds its end");
    }
}

}  // namespace

Seeds seeds_imap_arguments() {
    return argument_seeds;
}

void fuzz_imap_arguments(std::string_view bytes) {
    fuzz_decoder(bytes);
    fuzz_sets(bytes);
    imap::Decoder fetch(bytes);
    auto items = imap::parse_fetch_items(fetch);
    fuzz_check(!fetch.finish() || (!items.empty() && items.size() <= imap::fetch_items_max),
               "number of FETCH items");
    imap::Decoder search(bytes);
    auto program = imap::parse_search(search);
    imap::Decoder options(bytes);
    imap::parse_search_options(options);
    imap::Decoder notify(bytes);
    auto request = imap::parse_notify(notify);
    fuzz_check(request.groups.size() <= imap::notify_groups_max, "number of NOTIFY groups");
    imap::Decoder sort(bytes);
    auto criteria = imap::parse_sort_criteria(sort);
    fuzz_check(!sort.ok() || criteria.size() <= imap::sort_criteria_max, "number of sort keys");
    if (!program) return;
    fuzz_check(program->nodes.size() <= imap::search_keys_max, "number of search keys");
    for (std::size_t i = 0; i < program->nodes.size(); ++i) {
        for (std::uint32_t child : program->nodes[i].children) {
            fuzz_check(child > i && child < program->nodes.size(), "search tree");
        }
    }
}

Seeds seeds_imap_session() {
    return imap_session_seeds;
}

void fuzz_imap_session(std::string_view bytes) {
    imap::Bed bed;
    bed.deliver("alice", imap::simple_message("one"));
    std::vector<std::string> pieces;
    pieces.push_back("x LOGIN alice secret\r\ny SELECT INBOX\r\n");
    pieces.emplace_back(bytes);
    pieces.push_back("\r\nz LOGOUT\r\n");
    std::string said = bed.converse(std::move(pieces));
    fuzz_check(said.starts_with("* OK [CAPABILITY "), "greeting");
    bool is_compressed = said.find(" OK DEFLATE active\r\n") != std::string::npos;
    fuzz_check(is_compressed || said.ends_with("\r\n"), "the last line is whole");
    bed.world().run_for(seconds(10));
    fuzz_check(bed.counters().sessions == 0, "the session has ended");
}

}  // namespace postern::fuzz
