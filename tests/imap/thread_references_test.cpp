// THREAD=REFERENCES (RFC 5256 §3): References, then In-Reply-To, then the base subject.
#include "conversations.hpp"

namespace postern::imap {
namespace {

class ThreadReferences : public Conversations {};

TEST_F(ThreadReferences, GathersBySubjectToo) {
    play(R"(
        C: a THREAD REFERENCES UTF-8 ALL
        S: * THREAD (1 (2 4)(3)(5))((6)(7))
        S: a OK THREAD completed
        C: b UID THREAD REFERENCES UTF-8 ALL
        S: * THREAD (1 (2 4)(3)(5))((6)(7))
        S: b OK UID THREAD completed
    )");
}

// Only what is found is in the tree: its parents are missing, and the tree stays whole.
TEST_F(ThreadReferences, OfSomeMessages) {
    play(R"(
        C: a THREAD REFERENCES UTF-8 2:4
        S: * THREAD ((2 4)(3))
        S: a OK THREAD completed
        C: b THREAD REFERENCES UTF-8 SUBJECT dinner
        S: * THREAD (4)
        S: b OK THREAD completed
    )");
}

}  // namespace
}  // namespace postern::imap
