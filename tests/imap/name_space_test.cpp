// NAMESPACE (RFC 2342): the own mailboxes, and those that others share.
#include <gtest/gtest.h>

#include "bed.hpp"

namespace postern::imap {
namespace {

TEST(Namespace, TakesNoArguments) {
    Bed bed;
    bed.play(R"(
        S: * OK ...
        C: a NAMESPACE
        S: a BAD Command not allowed now
        C: a LOGIN alice secret
        S: a OK [CAPABILITY ... NAMESPACE ...] ...
        C: b NAMESPACE x
        S: b BAD Unexpected extra arguments
    )");
}

// RFC 2342 §5
TEST(Namespace, TheUsersOwnAndThoseOfOthers) {
    Bed bed;
    bed.play(
        "L: alice\nC: a NAMESPACE\nS: * NAMESPACE ((\"\" \"/\")) ((\"Shared/\" \"/\")) NIL\nS: a "
        "OK ...");
}

}  // namespace
}  // namespace postern::imap
