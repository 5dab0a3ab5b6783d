// COPY: refused forms, COPYUID, what goes along.
#include <gtest/gtest.h>

#include "bed.hpp"

namespace postern::imap {
namespace {

constexpr std::string_view select_three = R"(
    L: alice
    C: s SELECT INBOX
    S: * FLAGS ...
    S: * 3 EXISTS
    S: * 3 RECENT
    S: * OK [UNSEEN 1] ...
    S: * OK ...
    S: * OK ...
    S: * OK ...
    S: * OK ...
    S: * OK ...
    U: s OK ...
)";

class Copy : public testing::Test {
 protected:
    void SetUp() override {
        for (const char* subject : {"one", "two", "three"}) {
            bed.deliver("alice", simple_message(subject));
        }
    }
    Bed bed;
};

TEST_F(Copy, RefusedForms) {
    bed.play(std::string(select_three) + R"(
        C: a COPY 1
        S: a BAD Missing argument
        C: a COPY 1 Nowhere
        S: a NO [TRYCREATE] No such mailbox
        C: a COPY 4 Sent
        S: a BAD No such message number
        C: a COPY 1 Sent x
        S: a BAD Unexpected extra arguments
        C: a COPY 1 ../x
        S: a NO [CANNOT] ...
        C: a UID COPY 77 Sent
        S: a OK No messages to copy
    )");
}

// RFC 3501 §6.4.7, RFC 4315 §3 (COPYUID)
TEST_F(Copy, FlagsAndDatesGoAlong) {
    bed.play(std::string(select_three) + R"(
        C: a STORE 2 FLAGS.SILENT (\Seen todo)
        S: a OK STORE completed
        C: b COPY 1:2 Sent
        S: b OK [COPYUID ... 1:2 1:2] COPY completed
        C: c UID COPY 3 Sent
        S: c OK [COPYUID ... 3 3] UID COPY completed
        C: d EXAMINE Sent
        S: * OK [CLOSED] ...
        S: * FLAGS ...
        S: * 3 EXISTS
        S: * ... RECENT
        S: * OK [UNSEEN 1] ...
        S: * OK ...
        S: * OK ...
        S: * OK ...
        U: d OK ...
        C: e FETCH 2 (UID FLAGS ENVELOPE)
        S: * 2 FETCH (UID 2 FLAGS (\Seen todo...) ENVELOPE (... "two" ...
        S: e OK FETCH completed
    )");
}

TEST_F(Copy, IntoTheSelectedMailboxItself) {
    bed.play(std::string(select_three) + R"(
        C: a COPY 1 INBOX
        S: * 4 EXISTS
        S: * ... RECENT
        S: a OK [COPYUID ... 1 4] COPY completed
    )");
}

}  // namespace
}  // namespace postern::imap
