// LITERAL+ (RFC 7888 §4): literals that a client sends without waiting.
#include <gtest/gtest.h>

#include "bed.hpp"
#include "imap/limits.hpp"

namespace postern::imap {
namespace {

// RFC 7888 §4: LITERAL+ cannot be stopped, so it is read and thrown away.
TEST(LiteralPlus, RefusedOnesStayInStep) {
    Bed bed;
    bed.play(R"(
        L: alice
        C: a APPEND Nowhere {12+}
        C: b1 CREATE x
        S: a NO [TRYCREATE] No such mailbox
        C: c APPEND Nowhere (\Seen) {4+}
        C: evil {5}
        S: c NO [TRYCREATE] No such mailbox
        C: d NOOP
        S: d OK NOOP completed
    )");
}

TEST(LiteralPlus, IsOfAnySize) {
    Bed bed;
    const std::uint64_t size = 2 * small_literal_bytes_max;
    bed.play("L: alice\nC: a APPEND INBOX {" + std::to_string(size) + "+}\nB: A: b<CRLF><CRLF>" +
             std::string(size - 8, 'x') + "<CRLF>\nS: a OK [APPENDUID <v> 1] APPEND completed\n");
}

// In any command, several in one, before the login too, and of no bytes.
TEST(LiteralPlus, InEveryCommand) {
    Bed bed;
    bed.play(R"(
        S: * OK [CAPABILITY ... LITERAL+ ...
        C: a LOGIN {5+}
        C: alice {6+}
        C: secret
        S: a OK ...
        C: b CREATE {3+}
        C: Box
        S: b OK [MAILBOXID ...] CREATE completed
        C: c LIST {0+}
        C:  {3+}
        C: Box
        S: * LIST (\HasNoChildren) "/" Box
        S: c OK ...
        C: d NOOP {3+}
        C: abc
        S: d BAD ...
        C: e NOOP
        S: e OK NOOP completed
    )");
}

}  // namespace
}  // namespace postern::imap
