// UIDONLY: no message numbers, from the client or to it. RFC 9586.
#include <gtest/gtest.h>

#include "bed.hpp"

namespace postern::imap {
namespace {

TEST(UidOnly, MessageNumbersAreRefused) {
    Bed bed;
    bed.deliver("alice", simple_message("one"));
    bed.play(R"(
        L: alice
        C: a ENABLE UIDONLY QRESYNC
        S: * ENABLED QRESYNC UIDONLY
        S: a OK ...
        C: b SELECT INBOX (QRESYNC (1 1 1:2 (1 1)))
        S: b BAD [UIDREQUIRED] ...
        C: c SELECT INBOX
        U: c OK ...
        C: d FETCH 1 FLAGS
        S: d BAD [UIDREQUIRED] Message number must not be used
        C: d STORE 1 FLAGS (x)
        S: d BAD [UIDREQUIRED] ...
        C: d COPY 1 Sent
        S: d BAD [UIDREQUIRED] ...
        C: d MOVE 1 Sent
        S: d BAD [UIDREQUIRED] ...
        C: d SEARCH ALL
        S: d BAD [UIDREQUIRED] ...
        C: d REPLACE 1 INBOX {4+}
        C: a: b
        S: d BAD [UIDREQUIRED] ...
        C: e UID SEARCH 1
        S: e BAD [UIDREQUIRED] ...
        C: e UID SEARCH UID 1
        S: * SEARCH 1
        S: e OK ...
    )");
}

TEST(UidOnly, ResponsesCarryUids) {
    Bed bed;
    for (const char* subject : {"one", "two", "three"}) {
        bed.deliver("alice", simple_message(subject));
    }
    bed.play(R"(
        L1: alice
        L2: alice
        C1: a ENABLE UIDONLY
        S1: * ENABLED UIDONLY
        S1: a OK ...
        C1: b SELECT INBOX
        U1: b OK ...
        C2: b SELECT INBOX
        U2: b OK ...
        C2: c STORE 1 +FLAGS.SILENT (\Deleted)
        S2: c OK ...
        C2: d EXPUNGE
        S2: * 1 EXPUNGE
        S2: d OK ...
        C1: c NOOP
        S1: * VANISHED 1
        S1: c OK ...
        C1: d UID FETCH 2:3 (FLAGS)
        S1: * 2 UIDFETCH (FLAGS (\Recent))
        S1: * 3 UIDFETCH (FLAGS (\Recent))
        S1: d OK ...
        C1: e UID STORE 3 +FLAGS (\Seen)
        S1: * 3 UIDFETCH (FLAGS (\Seen \Recent))
        S1: e OK ...
        C2: e STORE 1 FLAGS (\Flagged)
        S2: * 1 FETCH (FLAGS (\Flagged))
        S2: * 2 FETCH (FLAGS (\Seen))
        S2: e OK ...
        C1: f NOOP
        S1: * 2 UIDFETCH (FLAGS (\Flagged \Recent))
        S1: f OK ...
        C1: g UID FETCH 2 BODY[TEXT]
        S1: * 2 UIDFETCH (BODY[TEXT] {8}
        S1: Hello.
        S1:  FLAGS (\Flagged \Seen \Recent))
        S1: g OK ...
    )");
}

}  // namespace
}  // namespace postern::imap
