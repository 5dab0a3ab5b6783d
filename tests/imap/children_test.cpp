// CHILDREN (RFC 3348): \HasChildren and \HasNoChildren in every LIST.
#include <gtest/gtest.h>

#include "bed.hpp"

namespace postern::imap {
namespace {

// RFC 3348 §3: one of the two with each name, also of one that cannot be selected.
TEST(Children, AreSaidWithEachName) {
    Bed bed;
    bed.play(R"(
        S: * OK ...
        C: l LOGIN alice secret
        S: l OK [CAPABILITY ... CHILDREN ...] ...
        C: a CREATE a/b/c
        S: a OK ...
        C: b LIST "" a*
        S: * LIST (\HasChildren) "/" a
        S: * LIST (\HasChildren) "/" a/b
        S: * LIST (\HasNoChildren) "/" a/b/c
        S: b OK ...
        C: c DELETE a/b/c
        S: c OK ...
        C: d LIST "" a*
        S: * LIST (\HasChildren) "/" a
        S: * LIST (\HasNoChildren) "/" a/b
        S: d OK ...
        C: e LIST "" INBOX
        S: * LIST (\HasNoChildren) "/" INBOX
        S: e OK ...
        C: f CREATE INBOX/below
        S: f OK ...
        C: g LIST "" INBOX
        S: * LIST (\HasChildren) "/" INBOX
        S: g OK ...
    )");
}

}  // namespace
}  // namespace postern::imap
