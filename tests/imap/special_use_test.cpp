// SPECIAL-USE (RFC 6154 §2): what the mailboxes that come with an account are for.
#include <gtest/gtest.h>

#include "bed.hpp"

namespace postern::imap {
namespace {

TEST(SpecialUse, RefusedForms) {
    Bed bed;
    bed.play(R"(
        L: alice
        C: a LIST (SPECIAL-USES) "" *
        S: a BAD ...
        C: a LIST "" * RETURN (SPECIAL-USES)
        S: a BAD ...
    )");
}

// RFC 6154 §5.1: a use goes along when its mailbox is renamed, and ends with it.
TEST(SpecialUse, GoesWithItsMailbox) {
    Bed bed;
    bed.play(R"(
        S: * OK ...
        C: l LOGIN alice secret
        S: l OK [CAPABILITY ... SPECIAL-USE ...] ...
        C: a LIST (SPECIAL-USE) "" *
        S: * LIST (\HasNoChildren \Archive) "/" Archive
        S: * LIST (\HasNoChildren \Drafts) "/" Drafts
        S: * LIST (\HasNoChildren \Junk) "/" Junk
        S: * LIST (\HasNoChildren \Sent) "/" Sent
        S: * LIST (\HasNoChildren \Trash) "/" Trash
        S: a OK ...
        C: b RENAME Sent Gone/out
        S: b OK ...
        C: c DELETE Trash
        S: c OK ...
        C: d LIST "" (Gone/* T*) RETURN (SPECIAL-USE)
        S: * LIST (\HasNoChildren \Sent) "/" Gone/out
        S: d OK ...
    )");
    bed.restart();
    bed.play(R"(
        L: alice
        C: a LIST (SPECIAL-USE) "" (Gone/* T*)
        S: * LIST (\HasNoChildren \Sent) "/" Gone/out
        S: a OK ...
    )");
}

}  // namespace
}  // namespace postern::imap
