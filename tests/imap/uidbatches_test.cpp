// UIDBATCHES (draft-ietf-mailmaint-imap-uidbatches): refused forms first, then how a mailbox is
// cut.
#include <gtest/gtest.h>

#include "bed.hpp"

namespace postern::imap {
namespace {

TEST(UidBatches, RefusedForms) {
    Bed bed;
    bed.play(R"(
        L: alice
        C: a UIDBATCHES 500
        S: a BAD ...
        C: s SELECT INBOX
        U: s OK ...
        C: a UIDBATCHES
        S: a BAD Missing argument
        C: a UIDBATCHES abc
        S: a BAD Number expected
        C: a UIDBATCHES 500 10
        S: a BAD ...
        C: a UIDBATCHES 500 1:2 3
        S: a BAD Unexpected extra arguments
        C: a UIDBATCHES 0
        S: a BAD Number must not be zero
        C: a UIDBATCHES 500 20:10
        S: a BAD [CLIENTBUG] ...
        C: a UIDBATCHES 499
        S: a NO [TOOFEW] ...
        C: a UIDBATCHES 500 1:201
        S: a NO [TOOMANY] ...
        C: a UIDBATCHES 500 1:4294967295
        S: a NO [TOOMANY] ...
    )");
}

TEST(UidBatches, CoverTheMailboxFromTheTop) {
    Bed bed;
    bed.play(R"(
        L: alice
        C: s SELECT INBOX
        U: s OK ...
        C: a UIDBATCHES 500
        S: * UIDBATCHES (TAG "a")
        S: a OK UIDBATCHES completed
    )");
    for (int i = 0; i < 1'003; ++i) bed.deliver("alice", simple_message("x"));
    bed.play(R"(
        L: alice
        C: s SELECT INBOX
        U: s OK ...
        C: a UIDBATCHES 500
        S: * UIDBATCHES (TAG "a") 1003:504,503:4,3:1
        S: a OK UIDBATCHES completed
        C: b STORE 500,1003 +FLAGS.SILENT (\Deleted)
        S: b OK ...
        C: c EXPUNGE
        U: c OK ...
        C: d UIDBATCHES 500
        S: * UIDBATCHES (TAG "d") 1002:503,502:2,1:1
        S: d OK UIDBATCHES completed
        C: e UIDBATCHES 500 2:2
        S: * UIDBATCHES (TAG "e") 502:2
        S: e OK UIDBATCHES completed
        C: f UIDBATCHES 500 3:9
        S: * UIDBATCHES (TAG "f") 1:1
        S: f OK UIDBATCHES completed
        C: h UIDBATCHES 500 4:9
        S: * UIDBATCHES (TAG "h")
        S: h OK UIDBATCHES completed
        C: g UIDBATCHES 4294967295
        S: * UIDBATCHES (TAG "g") 1002:1
        S: g OK UIDBATCHES completed
    )");
}

}  // namespace
}  // namespace postern::imap
