// LIST-METADATA (RFC 9590): annotations with each mailbox of a LIST.
#include <gtest/gtest.h>

#include "bed.hpp"

namespace postern::imap {
namespace {

// RFC 9590 §3: METADATA with each mailbox, NIL for what is not there.
TEST(ListMetadata, WithEachMailbox) {
    Bed bed;
    bed.play(R"(
        L: alice
        C: a SETMETADATA Sent (/private/color "red")
        S: a OK ...
        C: b LIST "" (S* Trash) RETURN (METADATA (/private/color))
        S: * LIST (\HasNoChildren \Sent) "/" Sent
        S: * METADATA Sent (/private/color "red")
        S: * LIST (\HasNoChildren \Trash) "/" Trash
        S: * METADATA Trash (/private/color NIL)
        S: b OK ...
    )");
}

}  // namespace
}  // namespace postern::imap
