// WITHIN (RFC 5032): OLDER and YOUNGER.
#include "begun.hpp"

namespace postern::imap {
namespace {

class Within : public FiveSelected {};

TEST_F(Within, RefusedForms) {
    play(R"(
        C: a SEARCH OLDER 0
        S: a BAD Number must not be zero
        C: a SEARCH YOUNGER x
        S: a BAD Number expected
    )");
}

// RFC 5032 §2: to the second.
TEST_F(Within, ToTheSecond) {
    play(R"(
        C: a SEARCH YOUNGER 60
        S: * SEARCH 1 2 3 4 5
        S: a OK ...
        C: b SEARCH OLDER 60
        S: * SEARCH
        S: b OK ...
        W: 100
        D: alice six
        C: c SEARCH OLDER 60
        S: * SEARCH 1 2 3 4 5
        S: * 6 EXISTS
        U: c OK ...
        C: d SEARCH YOUNGER 60
        S: * SEARCH 6
        S: d OK ...
    )");
}

}  // namespace
}  // namespace postern::imap
