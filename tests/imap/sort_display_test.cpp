// SORT=DISPLAY (RFC 5957): the order of names as clients show them.
#include <gtest/gtest.h>

#include "bed.hpp"

namespace postern::imap {
namespace {

// RFC 5957 §2: the display name, decoded; where there is none, the address.
TEST(SortDisplay, NamesAsTheyAreShown) {
    Bed bed;
    const auto deliver = [&](const std::string& from, const std::string& to) {
        bed.deliver("alice", "From: " + from + "\r\nTo: " + to + "\r\n\r\n.\r\n");
    };
    deliver("Zoe <a@x.test>", "=?utf-8?Q?=C3=84nne?= <z@x.test>");
    deliver("bob@x.test", "Bernd <a@x.test>");
    deliver("\"alice\" <z@x.test>", "c@x.test");
    bed.play(R"(
        S: * OK ...
        C: l LOGIN alice secret
        S: l OK [CAPABILITY ... SORT=DISPLAY ...] ...
        C: s SELECT INBOX
        U: s OK ...
        C: a SORT (DISPLAYFROM) UTF-8 ALL
        S: * SORT 3 2 1
        S: a OK SORT completed
        C: b SORT (REVERSE DISPLAYFROM) UTF-8 ALL
        S: * SORT 1 2 3
        S: b OK SORT completed
        C: c SORT (FROM) UTF-8 ALL
        S: * SORT 1 2 3
        S: c OK SORT completed
        C: d SORT (DISPLAYTO) UTF-8 2:3
        S: * SORT 2 3
        S: d OK SORT completed
    )");
}

}  // namespace
}  // namespace postern::imap
