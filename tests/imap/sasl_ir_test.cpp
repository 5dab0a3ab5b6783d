// SASL-IR (RFC 4959): the first message of an exchange with AUTHENTICATE itself.
#include <gtest/gtest.h>

#include "base/base64.hpp"
#include "bed.hpp"

namespace postern::imap {
namespace {

std::string first_message(std::string_view user, std::string_view password) {
    std::string text(1, '\0');
    text += user;
    text += '\0';
    text += password;
    return base64_encode(text);
}

// RFC 4959 §3: "=" is an empty message.
TEST(SaslIr, BadInitialResponses) {
    Bed bed;
    bed.play(R"(
        S: * OK [CAPABILITY ... SASL-IR ...] ...
        C: a AUTHENTICATE PLAIN =
        S: a BAD Invalid authentication response
        C: b AUTHENTICATE PLAIN *
        S: b BAD ...
        C: c AUTHENTICATE PLAIN AGE= x
        S: c BAD Unexpected extra arguments
    )");
}

TEST(SaslIr, SavesAMessage) {
    Bed bed;
    bed.play("S: * OK ...\nC: a AUTHENTICATE PLAIN " + first_message("alice", "secret") +
             "\nS: a OK [CAPABILITY ...] AUTHENTICATE completed\n"
             "S2: * OK ...\nC2: a AUTHENTICATE PLAIN\nS2: + ...\nC2: " +
             first_message("alice", "secret") + "\nS2: a OK ...\n");
    EXPECT_EQ(bed.counters().logins, 2u);
}

}  // namespace
}  // namespace postern::imap
