// METADATA-SERVER (RFC 5464): annotations of the account as a whole.
#include <gtest/gtest.h>

#include "bed.hpp"

namespace postern::imap {
namespace {

// RFC 5464 §1: the empty name; §3.1: other users\' are not these.
TEST(MetadataServer, IsTheAccounts) {
    Bed bed;
    bed.play(R"(
        S: * OK ...
        C: l LOGIN alice secret
        S: l OK [CAPABILITY ... METADATA-SERVER ...] ...
        C: a SETMETADATA "" (/private/vendor/x/a "one")
        S: a OK ...
        C: b GETMETADATA "" /private/vendor/x/a
        S: * METADATA "" (/private/vendor/x/a "one")
        S: b OK ...
        L2: bob
        C2: c GETMETADATA "" /private/vendor/x/a
        U2: c OK ...
    )");
    bed.restart();
    bed.play(R"(
        L: alice
        C: a GETMETADATA "" /private/vendor/x/a
        S: * METADATA "" (/private/vendor/x/a "one")
        S: a OK ...
        C: b SETMETADATA "" (/private/vendor/x/a NIL)
        S: b OK ...
    )");
}

}  // namespace
}  // namespace postern::imap
