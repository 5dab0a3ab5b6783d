// ENABLE.
#include <gtest/gtest.h>

#include "bed.hpp"

namespace postern::imap {
namespace {

TEST(Enable, RefusedForms) {
    Bed bed;
    bed.play(R"(
        S: * OK ...
        C: a ENABLE CONDSTORE
        S: a BAD Command not allowed now
        C: a LOGIN alice secret
        S: a OK ...
        C: a ENABLE
        S: a BAD Missing argument
        C: a ENABLE (CONDSTORE)
        S: a BAD Atom expected
        C: a ENABLE CONDSTORE  QRESYNC
        S: a BAD Atom expected
        C: b SELECT INBOX
        U: b OK ...
        C: c ENABLE CONDSTORE
        S: c BAD Command not allowed now
    )");
}

// RFC 5161 §3.1: what is not known is passed over.
TEST(Enable, NamesWhatIsOn) {
    Bed bed;
    bed.play(R"(
        L: alice
        C: a ENABLE X-UNHEARD IDLE
        S: * ENABLED
        S: a OK ENABLE completed
        C: b ENABLE qresync X-UNHEARD
        S: * ENABLED QRESYNC
        S: b OK ENABLE completed
        C: c ENABLE QRESYNC CONDSTORE
        S: * ENABLED CONDSTORE QRESYNC
        S: c OK ENABLE completed
    )");
}

TEST(Enable, TooManyWords) {
    std::string words;
    for (int i = 0; i < 65; ++i) words += " X" + std::to_string(i);
    Bed bed;
    bed.play("L: alice\nC: a ENABLE" + words + "\nS: a BAD Too many capabilities\n");
}

}  // namespace
}  // namespace postern::imap
