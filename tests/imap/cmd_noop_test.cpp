// NOOP and CHECK.
#include <gtest/gtest.h>

#include "bed.hpp"

namespace postern::imap {
namespace {

TEST(Noop, NewsOfADelivery) {
    Bed bed;
    bed.play(R"(
        L: alice
        C: a SELECT INBOX
        S: * FLAGS ...
        S: * 0 EXISTS
        S: * 0 RECENT
        S: * OK ...
        S: * OK ...
        S: * OK ...
        S: * OK ...
        S: * OK ...
        S: * OK [URLMECH ...
        S: a OK ...
        C: b NOOP
        S: b OK NOOP completed
        D: alice one
        C: c NOOP
        S: * 1 EXISTS
        S: * 1 RECENT
        S: c OK NOOP completed
        D: alice two
        C: d CHECK
        S: * 2 EXISTS
        S: * 2 RECENT
        S: d OK CHECK completed
        C: e CHECK x
        S: e BAD Unexpected extra arguments
    )");
}

}  // namespace
}  // namespace postern::imap
