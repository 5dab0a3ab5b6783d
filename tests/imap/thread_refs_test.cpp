// THREAD=REFS (draft-ietf-morg-inthread): References and In-Reply-To, and never the subject.
#include "conversations.hpp"

namespace postern::imap {
namespace {

class ThreadRefs : public Conversations {};

TEST_F(ThreadRefs, LeavesSubjectsAlone) {
    play(R"(
        C: a THREAD REFS UTF-8 ALL
        S: * THREAD (1 (2 4)(3))(5)((6)(7))
        S: a OK THREAD completed
        C: b THREAD REFS UTF-8 5:7
        S: * THREAD (5)((6)(7))
        S: b OK THREAD completed
    )");
}

// Threads stand in the order in which their newest messages came.
TEST_F(ThreadRefs, TheNewestMessageOrdersThem) {
    bed.play("L: alice\nW: 5\n");
    deliver("h", "References: <a@x>\r\n", "late");
    play(R"(
        C: a THREAD REFS UTF-8 ALL
        S: * THREAD (5)((6)(7))(1 (2 4)(3)(8))
        S: a OK THREAD completed
    )");
}

}  // namespace
}  // namespace postern::imap
