// THREAD=ORDEREDSUBJECT (RFC 5256 §3): the base subject alone, then the date.
#include "conversations.hpp"

namespace postern::imap {
namespace {

class ThreadOrderedSubject : public Conversations {};

TEST_F(ThreadOrderedSubject, GathersBySubjectAlone) {
    play(R"(
        C: a THREAD ORDEREDSUBJECT UTF-8 ALL
        S: * THREAD (1 (2)(3)(5))(4)(6)(7)
        S: a OK THREAD completed
    )");
}

// By their UIDs, and without what is gone.
TEST_F(ThreadOrderedSubject, AfterAnExpunge) {
    play(R"(
        C: x STORE 1 +FLAGS.SILENT (\Deleted)
        S: x OK ...
        C: y EXPUNGE
        S: * 1 EXPUNGE
        S: y OK ...
        C: f UID THREAD ORDEREDSUBJECT UTF-8 ALL
        S: * THREAD (2 (3)(5))(4)(6)(7)
        S: f OK UID THREAD completed
    )");
}

}  // namespace
}  // namespace postern::imap
