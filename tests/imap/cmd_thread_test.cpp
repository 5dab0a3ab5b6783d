// THREAD (RFC 5256 §3): refused forms, and what all algorithms have in common.
#include "conversations.hpp"

namespace postern::imap {
namespace {

class Thread : public Conversations {};

TEST_F(Thread, RefusedForms) {
    play(R"(
        C: a THREAD
        S: a BAD Missing argument
        C: a THREAD FOO UTF-8 ALL
        S: a BAD Unknown thread algorithm
        C: a THREAD REFERENCES ALL
        S: a BAD Missing argument
        C: a THREAD REFERENCES X-KLINGON ALL
        S: a NO [BADCHARSET ...
        C: a THREAD REFERENCES UTF-8 FOO
        S: a BAD Unknown search key
    )");
}

TEST_F(Thread, OfNothing) {
    play(R"(
        C: a THREAD REFERENCES UTF-8 SUBJECT nothing
        S: * THREAD
        S: a OK THREAD completed
        C: b THREAD REFS UTF-8 SUBJECT nothing
        S: * THREAD
        S: b OK THREAD completed
        C: c THREAD ORDEREDSUBJECT UTF-8 SUBJECT nothing
        S: * THREAD
        S: c OK THREAD completed
    )");
}

}  // namespace
}  // namespace postern::imap
