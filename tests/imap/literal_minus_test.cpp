// LITERAL- (RFC 7888 §5), where it is announced in place of LITERAL+.
#include <gtest/gtest.h>

#include "bed.hpp"
#include "imap/capability.hpp"
#include "imap/limits.hpp"

namespace postern::imap {
namespace {

std::string number(std::uint64_t value) {
    return std::to_string(value);
}

// A message of so many bytes.
std::string body_of(std::uint64_t bytes) {
    return "A: b<CRLF><CRLF>" + std::string(bytes - 8, 'x');
}

// RFC 7888 §5: "MUST NOT advertise both of these capabilities at the same time"
TEST(LiteralKinds, OnlyOneOfTheTwoIsAnnounced) {
    CapabilityFacts facts;
    for (bool logged_in : {false, true}) {
        facts.logged_in = logged_in;
        facts.only_small_literals = false;
        std::string text = format_capabilities(facts) + ' ';
        EXPECT_NE(text.find(" LITERAL+ "), std::string::npos);
        EXPECT_EQ(text.find(" LITERAL- "), std::string::npos);
        facts.only_small_literals = true;
        text = format_capabilities(facts) + ' ';
        EXPECT_EQ(text.find(" LITERAL+ "), std::string::npos);
        EXPECT_NE(text.find(" LITERAL- "), std::string::npos);
    }
}

class LiteralMinus : public testing::Test {
 protected:
    static BedOptions options() {
        BedOptions options;
        options.server.unasked_literals = UnaskedLiterals::small;
        return options;
    }
    Bed bed{options()};
};

TEST_F(LiteralMinus, IsAnnouncedInstead) {
    bed.play(R"(
        S: * OK [CAPABILITY IMAP4rev1 IMAP4rev2 LITERAL- ID ...
        C: a CAPABILITY
        S: * CAPABILITY IMAP4rev1 IMAP4rev2 LITERAL- ID ...
        S: a OK CAPABILITY completed
    )");
}

// "the tagged BAD response MUST contain the TOOBIG response code"
TEST_F(LiteralMinus, LargeOnesMustBeAskedFor) {
    const std::uint64_t most = small_literal_bytes_max;
    bed.play("L: alice\nC: a APPEND INBOX {" + number(most + 1) + "+}\nB: " + body_of(most + 1) +
             "<CRLF>\nS: a BAD [TOOBIG] Literal too big to be sent unasked\n"
             "C: b APPEND INBOX {" +
             number(most) + "+}\nB: " + body_of(most) +
             "<CRLF>\nS: b OK [APPENDUID <v> 1] APPEND completed\n"
             "C: c APPEND INBOX {" +
             number(most + 1) + "}\nS: + Go ahead\nB: " + body_of(most + 1) +
             "<CRLF>\nS: c OK [APPENDUID <v> 2] APPEND completed\n");
}

// RFC 3502: each message of one APPEND.
TEST_F(LiteralMinus, TheSecondMessageToo) {
    const std::uint64_t most = small_literal_bytes_max;
    bed.play("L: alice\nC: a APPEND INBOX {" + number(most) + "+}\nB: " + body_of(most) + " {" +
             number(most + 1) + "+}<CRLF>\nB: " + body_of(most + 1) +
             "<CRLF>\nS: a BAD [TOOBIG] Literal too big to be sent unasked\n"
             "C: b STATUS INBOX (MESSAGES)\nS: * STATUS INBOX (MESSAGES 0)\n"
             "S: b OK STATUS completed\n");
}

TEST_F(LiteralMinus, InOtherCommandsToo) {
    const std::uint64_t most = small_literal_bytes_max;
    bed.play("L: alice\nC: a CREATE {" + number(most + 1) + "+}\nB: " + std::string(most + 1, 'x') +
             "<CRLF>\nS: a BAD [TOOBIG] Literal too big to be sent unasked\n"
             "C: b CREATE {3+}\nB: Box<CRLF>\nS: b OK [MAILBOXID ...] CREATE completed\n");
}

}  // namespace
}  // namespace postern::imap
