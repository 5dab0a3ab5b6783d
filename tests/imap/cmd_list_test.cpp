// LIST and LSUB.
#include <gtest/gtest.h>

#include "bed.hpp"

namespace postern::imap {
namespace {

TEST(List, RefusedForms) {
    Bed bed;
    bed.play(R"(
        L: alice
        C: a LIST
        S: a BAD Missing argument
        C: a LIST ""
        S: a BAD Missing argument
        C: a LIST "" (
        S: a BAD Mailbox pattern expected
        C: a LIST "" & x
        S: a BAD ...
        C: a LSUB "" * *
        S: a BAD Unexpected extra arguments
    )");
}

TEST(List, ThePatternHasALimit) {
    Bed bed;
    std::string pattern(list_pattern_bytes_max, '*');
    bed.play("L: alice\nC: a LIST \"\" " + pattern.substr(1) +
             "q\nS: a OK LIST completed\nC: b LIST \"\" " + pattern +
             "x\nS: b BAD Mailbox pattern too long");
}

// RFC 3501 §6.3.8, RFC 6154 §2 (SPECIAL-USE), RFC 3348 (CHILDREN)
TEST(List, AttributesAndSpecialUse) {
    Bed bed;
    bed.play(R"(
        L: alice
        C: a LIST "" ""
        S: * LIST (\Noselect) "/" ""
        S: a OK LIST completed
        C: a LIST "" "*"
        S: * LIST (\HasNoChildren) "/" INBOX
        S: * LIST (\HasNoChildren \Archive) "/" Archive
        S: * LIST (\HasNoChildren \Drafts) "/" Drafts
        S: * LIST (\HasNoChildren \Junk) "/" Junk
        S: * LIST (\HasNoChildren \Sent) "/" Sent
        S: * LIST (\HasNoChildren \Trash) "/" Trash
        S: a OK LIST completed
        C: b CREATE Work/2024/May
        S: b OK ... CREATE completed
        C: c LIST "" W%
        S: * LIST (\HasChildren) "/" Work
        S: c OK LIST completed
        C: d LIST Work/ *
        S: * LIST (\HasChildren) "/" Work/2024
        S: * LIST (\HasNoChildren) "/" Work/2024/May
        S: d OK LIST completed
        C: e LIST "" inbox
        S: * LIST (\HasNoChildren) "/" INBOX
        S: e OK LIST completed
    )");
}

TEST(List, NamesAreUtf7AndQuotedWhereNeeded) {
    Bed bed;
    bed.play(R"(
        L: alice
        C: a CREATE Entw&APw-rfe
        S: a OK ... CREATE completed
        C: a CREATE "two words"
        S: a OK ... CREATE completed
        C: a CREATE NIL
        S: a OK ... CREATE completed
        C: b LIST "" Ent*
        S: * LIST (\HasNoChildren) "/" Entw&APw-rfe
        S: b OK LIST completed
        C: c LIST "" t*
        S: * LIST (\HasNoChildren) "/" "two words"
        S: c OK LIST completed
        C: d LIST "" NIL
        S: * LIST (\HasNoChildren) "/" "NIL"
        S: d OK LIST completed
    )");
}

// RFC 3501 §6.3.9: the superior of a subscribed mailbox for "%".
TEST(List, Lsub) {
    Bed bed;
    bed.play(R"(
        L: alice
        C: a SUBSCRIBE foo/bar
        S: a OK SUBSCRIBE completed
        C: b LSUB "" f%
        S: * LSUB (\Noselect) "/" foo
        S: b OK LSUB completed
        C: c LSUB "" foo/*
        S: * LSUB () "/" foo/bar
        S: c OK LSUB completed
        C: d UNSUBSCRIBE foo/bar
        S: d OK UNSUBSCRIBE completed
        C: e LSUB "" f*
        S: e OK LSUB completed
        C: f LSUB "" S%
        S: * LSUB () "/" Sent
        S: f OK LSUB completed
    )");
}

}  // namespace
}  // namespace postern::imap
