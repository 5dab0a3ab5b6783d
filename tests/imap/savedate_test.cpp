// SAVEDATE: when a message came into its mailbox. RFC 8514.
#include <gtest/gtest.h>

#include "bed.hpp"

namespace postern::imap {
namespace {

TEST(SaveDate, RefusedForms) {
    Bed bed;
    bed.play(R"(
        L: alice
        C: s SELECT INBOX
        U: s OK ...
        C: a SEARCH SAVEDBEFORE
        S: a BAD ...
        C: a SEARCH SAVEDON 32-Jan-2020
        S: a BAD Invalid date
        C: a SEARCH SAVEDSINCE x
        S: a BAD Invalid date
    )");
}

// RFC 8514 §3: neither the date of APPEND nor that of the original counts.
TEST(SaveDate, IsSetByEachArrival) {
    Bed bed;
    bed.play(R"(
        L: alice
        C: a APPEND INBOX "17-Jul-1996 02:44:25 -0700" {4+}
        C: a: b
        S: a OK ...
        C: b SELECT INBOX
        U: b OK ...
        C: c FETCH 1 (INTERNALDATE SAVEDATE)
        S: * 1 FETCH (INTERNALDATE "17-Jul-1996 09:44:25 +0000" SAVEDATE "...-20... +0000")
        S: c OK ...
        C: d SEARCH SAVEDBEFORE 1-Jan-2000
        S: * SEARCH
        S: d OK ...
        C: e SEARCH SAVEDSINCE 1-Jan-2000 BEFORE 1-Jan-2000 SAVEDATESUPPORTED
        S: * SEARCH 1
        S: e OK ...
        W: 100
        L2: alice
        C2: c COPY 1 Sent
        S2: c BAD ...
        C2: d SELECT INBOX
        U2: d OK ...
        C2: e COPY 1 Sent
        S2: e OK ...
        C2: f SELECT Sent
        U2: f OK ...
        C2: g FETCH 1 (SAVEDATE INTERNALDATE)
        S2: * 1 FETCH (SAVEDATE "<d>-... ..." INTERNALDATE "17-Jul-1996 09:44:25 +0000")
        S2: g OK ...
        C2: h SELECT INBOX
        U2: h OK ...
        C2: i FETCH 1 (SAVEDATE)
        S2: * 1 FETCH (SAVEDATE "<e>-... ...")
        S2: i OK ...
    )");
}

}  // namespace
}  // namespace postern::imap
