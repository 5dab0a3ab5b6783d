// CLOSE, UNSELECT, EXPUNGE and UID EXPUNGE.
#include <gtest/gtest.h>

#include "bed.hpp"

namespace postern::imap {
namespace {

constexpr std::string_view select_four = R"(
    C: s SELECT INBOX
    S: * FLAGS ...
    S: * 4 EXISTS
    S: * ... RECENT
    S: * OK [UNSEEN 1] ...
    S: * OK ...
    S: * OK ...
    S: * OK ...
    U: s OK ...
)";

class Close : public testing::Test {
 protected:
    void SetUp() override {
        for (int i = 0; i < 4; ++i) bed.deliver("alice", simple_message("number"));
    }
    Bed bed;
};

TEST_F(Close, RefusedForms) {
    bed.play("L: alice\n" + std::string(select_four) + R"(
        C: a EXPUNGE 1
        S: a BAD Unexpected extra arguments
        C: a UID EXPUNGE
        S: a BAD Missing argument
        C: a UID EXPUNGE x
        S: a BAD Invalid message set
        C: a CLOSE x
        S: a BAD Unexpected extra arguments
        C: a UNSELECT
        S: a OK UNSELECT completed
        C: a CLOSE
        S: a BAD Command not allowed now
    )");
}

// RFC 3501 §7.4.1: each number counts after those before it.
TEST_F(Close, Expunge) {
    bed.play("L: alice\n" + std::string(select_four) + R"(
        C: a STORE 1,3,4 +FLAGS.SILENT (\Deleted)
        S: a OK STORE completed
        C: b UID EXPUNGE 2:3
        S: * 3 EXPUNGE
        S: b OK UID EXPUNGE completed
        C: c EXPUNGE
        S: * 1 EXPUNGE
        S: * 2 EXPUNGE
        S: c OK EXPUNGE completed
        C: d EXPUNGE
        S: d OK EXPUNGE completed
        C: e FETCH 1:* UID
        S: * 1 FETCH (UID 2)
        S: e OK FETCH completed
    )");
}

// RFC 3501 §6.4.2, RFC 3691 §2
TEST_F(Close, CloseExpungesInSilenceUnselectDoesNot) {
    bed.play("L: alice\n" + std::string(select_four) + R"(
        C: a STORE 1 +FLAGS.SILENT (\Deleted)
        S: a OK STORE completed
        C: b UNSELECT
        S: b OK UNSELECT completed
        C: c STATUS INBOX (MESSAGES)
        S: * STATUS INBOX (MESSAGES 4)
        S: c OK STATUS completed
    )" + std::string(select_four) +
             R"(
        C: d CLOSE
        S: d OK CLOSE completed
        C: e STATUS INBOX (MESSAGES)
        S: * STATUS INBOX (MESSAGES 3)
        S: e OK STATUS completed
    )");
}

// EXAMINE, then CLOSE: nothing is removed.
TEST_F(Close, AReadOnlyCloseRemovesNothing) {
    bed.play("L: alice\n" + std::string(select_four) + R"(
        C: a STORE 1 +FLAGS.SILENT (\Deleted)
        S: a OK STORE completed
        C: b EXAMINE INBOX
        S: * OK [CLOSED] ...
        S: * FLAGS ...
        S: * 4 EXISTS
        S: * ... RECENT
        S: * OK ...
        S: * OK ...
        S: * OK ...
        S: * OK ...
        U: b OK ...
        C: c CLOSE
        S: c OK CLOSE completed
        C: d STATUS INBOX (MESSAGES)
        S: * STATUS INBOX (MESSAGES 4)
        S: d OK STATUS completed
    )");
}

}  // namespace
}  // namespace postern::imap
