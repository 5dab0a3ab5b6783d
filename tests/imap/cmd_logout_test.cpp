// LOGOUT in each state.
#include <gtest/gtest.h>

#include "bed.hpp"

namespace postern::imap {
namespace {

TEST(Logout, ByeThenOkThenTheEnd) {
    Bed bed;
    bed.play(R"(
        S: * OK ...
        C: a LOGOUT x
        S: a BAD Unexpected extra arguments
        C: a LOGOUT
        C: b NOOP
        S: * BYE Logging out
        S: a OK LOGOUT completed
        E:
        L2: alice
        C2: a LOGOUT
        S2: * BYE Logging out
        S2: a OK LOGOUT completed
        E2:
    )");
}

}  // namespace
}  // namespace postern::imap
