// PREVIEW: the first words of a message in FETCH. RFC 8970.
#include <gtest/gtest.h>

#include "bed.hpp"

namespace postern::imap {
namespace {

TEST(Preview, RefusedForms) {
    Bed bed;
    bed.play(R"(
        L: alice
        C: s SELECT INBOX
        U: s OK ...
        C: a FETCH 1 (PREVIEW (EAGER))
        S: a BAD ...
        C: a FETCH 1 (PREVIEW ())
        S: a BAD ...
        C: a FETCH 1 (PREVIEW (LAZY)
        S: a BAD Closing parenthesis expected
    )");
}

TEST(Preview, SaysTheFirstWordsAndSetsNoFlag) {
    Bed bed;
    bed.deliver("alice", simple_message("one", "Dear reader,\r\n\r\nthis is it.\r\n"));
    bed.deliver("alice", "Subject: x\r\nContent-Type: image/png\r\n\r\nxx\r\n");
    bed.play(R"(
        L: alice
        C: s SELECT INBOX
        U: s OK ...
        C: a FETCH 1:2 (PREVIEW)
        S: * 1 FETCH (PREVIEW "Dear reader, this is it.")
        S: * 2 FETCH (PREVIEW "")
        S: a OK ...
        C: b UID FETCH 1 (PREVIEW (LAZY) FLAGS)
        S: * 1 FETCH (UID 1 PREVIEW "Dear reader, this is it." FLAGS (\Recent))
        S: b OK ...
        C: c FETCH 1 PREVIEW (CHANGEDSINCE 1)
        S: * OK [HIGHESTMODSEQ ...
        S: * ... FETCH (MODSEQ (...) PREVIEW "Dear reader, this is it.")
        S: c OK ...
    )");
}

}  // namespace
}  // namespace postern::imap
