// METADATA and METADATA-SERVER: annotations of mailboxes and of the server. RFC 5464, RFC 9590.
#include <gtest/gtest.h>

#include "bed.hpp"
#include "store/limits.hpp"

namespace postern::imap {
namespace {

TEST(Metadata, RefusedForms) {
    Bed bed;
    bed.play(R"(
        S: * OK ...
        C: a GETMETADATA "" /private/comment
        S: a BAD Command not allowed now
        C: a LOGIN alice secret
        S: a OK ...
        C: a GETMETADATA
        S: a BAD ...
        C: a GETMETADATA INBOX
        S: a BAD Missing argument
        C: a GETMETADATA INBOX comment
        S: a BAD Invalid entry name
        C: a GETMETADATA INBOX /other/comment
        S: a BAD Invalid entry name
        C: a GETMETADATA INBOX "/private/*"
        S: a BAD Invalid entry name
        C: a GETMETADATA INBOX /private//x
        S: a BAD Invalid entry name
        C: a GETMETADATA INBOX /private/
        S: a BAD Invalid entry name
        C: a GETMETADATA INBOX ()
        S: a BAD ...
        C: a GETMETADATA (DEPTH 2) INBOX /private/x
        S: a BAD Unknown DEPTH
        C: a GETMETADATA (FOO 2) INBOX /private/x
        S: a BAD Unknown GETMETADATA option
        C: a GETMETADATA (MAXSIZE x) INBOX /private/x
        S: a BAD Number expected
        C: a SETMETADATA INBOX
        S: a BAD ...
        C: a SETMETADATA INBOX (/private/x)
        S: a BAD ...
        C: a SETMETADATA INBOX (/private/x "y"
        S: a BAD Closing parenthesis expected
        C: a SETMETADATA INBOX (/private/x atom)
        S: a BAD String expected
        C: b GETMETADATA Nowhere /private/x
        S: b NO [NONEXISTENT] ...
        C: b SETMETADATA Nowhere (/private/x "y")
        S: b NO [NONEXISTENT] ...
        C: b SETMETADATA "" (/shared/admin "y")
        S: b NO [CANNOT] ...
        C: b SETMETADATA Sent (/private/specialuse "\\Trash")
        S: b NO [CANNOT] ...
        C: b LIST "" * RETURN (METADATA)
        S: b BAD ...
        C: b LIST "" * RETURN (METADATA (x))
        S: b BAD Invalid entry name
    )");
}

TEST(Metadata, ValuesAreKept) {
    Bed bed;
    bed.play(R"(
        L: alice
        C: a SETMETADATA INBOX (/private/comment "My comment" /shared/Comment {9+}
        C: two
        C: rows)
        S: a OK SETMETADATA completed
        C: b GETMETADATA INBOX (/shared/comment /private/comment /private/none)
        S: * METADATA INBOX (/private/comment "My comment" /shared/comment {9}
        S: two
        S: rows)
        S: b OK GETMETADATA completed
        C: c GETMETADATA INBOX /private/none
        S: c OK ...
        C: d SETMETADATA "" (/private/vendor/x/theme "dark")
        S: d OK ...
        C: e GETMETADATA "" /private/vendor/x/theme
        S: * METADATA "" (/private/vendor/x/theme "dark")
        S: e OK ...
    )");
    bed.restart();
    bed.play(R"(
        L: alice
        C: a GETMETADATA INBOX /private/comment
        S: * METADATA INBOX (/private/comment "My comment")
        S: a OK ...
        C: b SETMETADATA INBOX (/private/comment NIL /shared/other "x")
        S: b OK ...
        C: c GETMETADATA INBOX (/private/comment /shared/other)
        S: * METADATA INBOX (/shared/other "x")
        S: c OK ...
        C: d GETMETADATA Sent /private/specialuse
        S: * METADATA Sent (/private/specialuse "\\Sent")
        S: d OK ...
    )");
}

// RFC 5464 §4.2.1, §4.2.2
TEST(Metadata, DepthAndMaxSize) {
    Bed bed;
    bed.play(R"(
        L: alice
        C: a SETMETADATA INBOX (/private/f "1" /private/f/a "22" /private/f/a/b "333")
        S: a OK ...
        C: b GETMETADATA (DEPTH 0) INBOX /private/f
        S: * METADATA INBOX (/private/f "1")
        S: b OK ...
        C: c GETMETADATA INBOX (DEPTH 1) (/private/f)
        S: * METADATA INBOX (/private/f "1" /private/f/a "22")
        S: c OK ...
        C: d GETMETADATA (DEPTH infinity MAXSIZE 2) INBOX /private/f
        S: * METADATA INBOX (/private/f "1" /private/f/a "22")
        S: d OK [METADATA LONGENTRIES 3] GETMETADATA completed
        C: e GETMETADATA (MAXSIZE 0) INBOX /private/f
        S: e OK [METADATA LONGENTRIES 1] ...
    )");
}

// RFC 5464 §4.3: all or none.
TEST(Metadata, Limits) {
    std::string big(store::annotation_bytes_max + 1, 'x');
    std::string many;
    for (std::size_t i = 0; i <= store::annotations_max; ++i) {
        many += (many.empty() ? "/private/n" : " /private/n") + std::to_string(i) + " \"\"";
    }
    Bed bed;
    bed.play("L: alice\nC: a SETMETADATA INBOX (/private/a \"1\" /private/b {" +
             std::to_string(big.size()) + "+}\nC: " + big + ")\nS: a NO [METADATA MAXSIZE " +
             std::to_string(store::annotation_bytes_max) + "] ...\nC: b SETMETADATA INBOX (" +
             many + ")\nS: b NO [METADATA TOOMANY] ...\n" + R"(
        C: c GETMETADATA INBOX (/private/a /private/n1)
        S: c OK ...
    )");
}

// RFC 5464 §4.1, RFC 7162 §3.2: they follow the mailbox, and go with it.
TEST(Metadata, FollowTheMailbox) {
    Bed bed;
    bed.play(R"(
        L: alice
        C: a CREATE x
        S: a OK ...
        C: b STATUS x (HIGHESTMODSEQ)
        S: * STATUS x (HIGHESTMODSEQ <h>)
        S: b OK ...
        C: c SETMETADATA x (/private/comment "mine")
        S: c OK ...
        C: d STATUS x (HIGHESTMODSEQ)
        S: * STATUS x (HIGHESTMODSEQ <i>)
        S: d OK ...
        C: e RENAME x y
        S: e OK ...
        C: f GETMETADATA y /private/comment
        S: * METADATA y (/private/comment "mine")
        S: f OK ...
        C: g DELETE y
        S: g OK ...
        C: h CREATE y
        S: h OK ...
        C: i GETMETADATA y /private/comment
        S: i OK ...
        C: j SETMETADATA INBOX (/private/comment "inbox")
        S: j OK ...
        C: k RENAME INBOX old
        S: k OK ...
        C: l GETMETADATA INBOX /private/comment
        S: * METADATA INBOX (/private/comment "inbox")
        S: l OK ...
        C: m GETMETADATA old /private/comment
        S: * METADATA old (/private/comment "inbox")
        S: m OK ...
    )");
}

}  // namespace
}  // namespace postern::imap
