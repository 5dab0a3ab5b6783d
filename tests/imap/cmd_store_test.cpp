// STORE: refused forms, the three ways of changing flags, .SILENT, and what others hear.
#include <gtest/gtest.h>

#include "bed.hpp"

namespace postern::imap {
namespace {

constexpr std::string_view select_two = R"(
    C: s SELECT INBOX
    S: * FLAGS ...
    S: * 2 EXISTS
    S: * ... RECENT
    S: * OK [UNSEEN 1] ...
    S: * OK ...
    S: * OK ...
    S: * OK ...
    U: s OK ...
)";

class Store : public testing::Test {
 protected:
    void SetUp() override {
        bed.deliver("alice", simple_message("one"));
        bed.deliver("alice", simple_message("two"));
    }
    Bed bed;
};

TEST_F(Store, RefusedForms) {
    bed.play("L: alice\n" + std::string(select_two) + R"(
        C: a STORE 1
        S: a BAD Missing argument
        C: a STORE 1 FLAGS
        S: a BAD Missing argument
        C: a STORE 1 FLAG (\Seen)
        S: a BAD FLAGS expected
        C: a STORE 1 ++FLAGS (\Seen)
        S: a BAD FLAGS expected
        C: a STORE 1 FLAGS (\Seen
        S: a BAD Closing parenthesis expected
        C: a STORE 1 FLAGS (\*)
        S: a BAD ...
        C: a STORE 1 FLAGS (\Foo)
        S: a BAD ...
        C: a STORE 9 FLAGS (\Seen)
        S: a BAD No such message number
        C: a UID STORE 9 FLAGS (\Seen)
        S: a OK UID STORE completed
    )");
}

TEST_F(Store, AddRemoveReplace) {
    bed.play("L: alice\n" + std::string(select_two) + R"(
        C: a STORE 1:2 +FLAGS (\Flagged todo)
        S: * 1 FETCH (FLAGS (\Flagged todo \Recent))
        S: * 2 FETCH (FLAGS (\Flagged todo \Recent))
        S: a OK STORE completed
        C: b UID STORE 2 -FLAGS \flagged
        S: * 2 FETCH (UID 2 FLAGS (todo \Recent))
        S: b OK UID STORE completed
        C: c STORE 1 FLAGS (\Answered $Forwarded)
        S: * 1 FETCH (FLAGS (...$Forwarded...
        S: c OK STORE completed
        C: d STORE 1 FLAGS ()
        S: * 1 FETCH (FLAGS (\Recent))
        S: d OK STORE completed
        C: e STORE 1:2 +FLAGS.SILENT \Seen todo
        S: e OK STORE completed
        C: f FETCH 1 FLAGS
        S: * 1 FETCH (FLAGS (\Seen todo \Recent))
        S: f OK FETCH completed
        C: g STORE 1 -FLAGS (neverseen)
        S: * 1 FETCH (FLAGS (\Seen todo \Recent))
        S: g OK STORE completed
    )");
}

TEST_F(Store, OthersHearOfIt) {
    std::string second(select_two);
    for (std::size_t at = 0; (at = second.find(": ", at)) != std::string::npos; at += 3) {
        if (std::string_view("CSU").find(second[at - 1]) != std::string::npos)
            second.insert(at, "2");
    }
    bed.play("L: alice\nL2: alice\n" + std::string(select_two) + second + R"(
        C: a STORE 2 +FLAGS.SILENT (\Deleted)
        S: a OK STORE completed
        C2: a SEARCH DELETED
        S2: * SEARCH 2
        S2: * 2 FETCH (FLAGS (\Deleted))
        S2: a OK SEARCH completed
    )");
}

}  // namespace
}  // namespace postern::imap
