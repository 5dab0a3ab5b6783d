// CONDSTORE: mod-sequences in SELECT, STATUS, FETCH, STORE and SEARCH, and what makes a client one
// that knows them. RFC 7162 §3.1.
#include <gtest/gtest.h>

#include "bed.hpp"

namespace postern::imap {
namespace {

TEST(Condstore, RefusedForms) {
    Bed bed;
    bed.deliver("alice", simple_message("one"));
    bed.play(R"(
        L: alice
        C: a SELECT INBOX ()
        S: a BAD Keyword expected
        C: a SELECT INBOX (CONDSTORE CONDSTORE)
        S: a BAD Unknown SELECT parameter
        C: a SELECT INBOX (CONDSTORE
        S: a BAD Closing parenthesis expected
        C: a SELECT INBOX CONDSTORE
        S: a BAD Opening parenthesis expected
        C: b SELECT INBOX
        U: b OK ...
        C: c FETCH 1 FLAGS (CHANGEDSINCE 0)
        S: c BAD Mod-sequence must not be zero
        C: c FETCH 1 FLAGS (CHANGEDSINCE)
        S: c BAD Space expected
        C: c FETCH 1 FLAGS (CHANGEDSINCE -1)
        S: c BAD Number expected
        C: c FETCH 1 FLAGS (CHANGEDSINCE 9223372036854775808)
        S: c BAD Number expected
        C: c FETCH 1 FLAGS (CHANGEDSINCE 1 CHANGEDSINCE 2)
        S: c BAD Unknown FETCH modifier
        C: c FETCH 1 FLAGS (UNHEARD)
        S: c BAD Unknown FETCH modifier
        C: c FETCH 1 FLAGS ()
        S: c BAD Keyword expected
        C: d STORE 1 (UNCHANGEDSINCE) FLAGS ()
        S: d BAD ...
        C: d STORE 1 (UNCHANGEDSINCE x) FLAGS ()
        S: d BAD Number expected
        C: d STORE 1 (UNCHANGEDSINCE 5 UNCHANGEDSINCE 6) FLAGS ()
        S: d BAD Closing parenthesis expected
        C: d STORE 1 () FLAGS ()
        S: d BAD Unknown STORE modifier
        C: e SEARCH MODSEQ
        S: e BAD Missing argument
        C: e SEARCH MODSEQ "/flags/\\seen" 5
        S: e BAD Unknown entry type
        C: e SEARCH MODSEQ "/flags/\\seen" all
        S: e BAD ...
    )");
}

// RFC 7162 §3.1.2.1, §3.1.7, §3.1.4: the same numbers everywhere.
TEST(Condstore, ModSequencesCanBeSeen) {
    Bed bed;
    bed.deliver("alice", simple_message("one"));
    bed.deliver("alice", simple_message("two"));
    bed.play(R"(
        L: alice
        C: a SELECT INBOX
        U: * OK [HIGHESTMODSEQ <h>] ...
        U: a OK ...
        C: b STATUS INBOX (HIGHESTMODSEQ MESSAGES)
        S: * OK [HIGHESTMODSEQ <h>] ...
        S: * STATUS INBOX (HIGHESTMODSEQ <h> MESSAGES 2)
        S: b OK ...
        C: c FETCH 2 MODSEQ
        S: * 2 FETCH (MODSEQ (<h>))
        S: c OK ...
        C: d UID FETCH 1 (MODSEQ FLAGS)
        S: * 1 FETCH (UID 1 MODSEQ (<o>) FLAGS (...))
        S: d OK ...
        C: e FETCH 1:2 (UID) (CHANGEDSINCE <o>)
        S: * 2 FETCH (MODSEQ (<h>) UID 2)
        S: e OK ...
        C: f FETCH 1:2 (UID) (CHANGEDSINCE <h>)
        S: f OK ...
        C: g SEARCH MODSEQ <o>
        S: * SEARCH 1 2 (MODSEQ <h>)
        S: g OK ...
        C: h UID SEARCH MODSEQ "/flags/\\Seen" all <h>
        S: * SEARCH 2 (MODSEQ <h>)
        S: h OK ...
        C: i SEARCH NOT MODSEQ <o>
        S: * SEARCH
        S: i OK ...
    )");
}

// RFC 7162 §3.1.3, §3.1.11: a change raises it, what changes nothing does not, .SILENT still says
// it.
TEST(Condstore, StoreRaisesTheModSequence) {
    Bed bed;
    bed.deliver("alice", simple_message("one"));
    bed.play(R"(
        L: alice
        C: a SELECT INBOX (CONDSTORE)
        U: * OK [HIGHESTMODSEQ <h>] ...
        U: a OK ...
        C: b STORE 1 +FLAGS.SILENT (\Seen)
        S: * 1 FETCH (UID 1 MODSEQ (<i>))
        S: b OK ...
        C: c STORE 1 +FLAGS (\Seen)
        S: * 1 FETCH (UID 1 FLAGS (\Seen \Recent) MODSEQ (<i>))
        S: c OK ...
        C: d FETCH 1 MODSEQ
        S: * 1 FETCH (MODSEQ (<i>))
        S: d OK ...
        C: e SEARCH MODSEQ <i>
        S: * SEARCH 1 (MODSEQ <i>)
        S: e OK ...
        C: f FETCH 1 (FLAGS) (CHANGEDSINCE <h>)
        S: * 1 FETCH (MODSEQ (<i>) FLAGS (\Seen \Recent))
        S: f OK ...
    )");
}

// RFC 7162 §3.1.3: of two sessions the second to store learns that it is late.
TEST(Condstore, UnchangedSinceProtectsFromOthers) {
    for (std::uint64_t seed = 1; seed <= 5; ++seed) {
        BedOptions options;
        options.seed = seed;
        Bed bed(options);
        for (const char* subject : {"one", "two", "three"}) {
            bed.deliver("alice", simple_message(subject));
        }
        bed.play(R"(
            L1: alice
            L2: alice
            C1: a SELECT INBOX (CONDSTORE)
            U1: * OK [HIGHESTMODSEQ <h>] ...
            U1: a OK ...
            C2: a SELECT INBOX (CONDSTORE)
            U2: a OK ...
            C1: b STORE 2 (UNCHANGEDSINCE <h>) +FLAGS.SILENT (\Flagged)
            S1: * 2 FETCH (UID 2 MODSEQ (<i>))
            S1: b OK STORE completed
            C2: b STORE 1:2 (UNCHANGEDSINCE <h>) +FLAGS.SILENT ($Mine)
            S2: * 1 FETCH (UID 1 MODSEQ (<j>))
            S2: * 2 FETCH (UID 2 FLAGS (\Flagged) MODSEQ (<i>))
            S2: * 2 FETCH (UID 2 FLAGS (\Flagged) MODSEQ (<i>))
            S2: b OK [MODIFIED 2] ...
            C2: c UID STORE 2:3 (UNCHANGEDSINCE <h>) FLAGS (\Seen)
            S2: * 3 FETCH (UID 3 FLAGS (\Seen) MODSEQ (<k>))
            S2: * 2 FETCH (UID 2 FLAGS (\Flagged) MODSEQ (<i>))
            S2: c OK [MODIFIED 2] ...
            C2: d STORE 3 (UNCHANGEDSINCE 0) +FLAGS (\Seen)
            S2: * 3 FETCH (UID 3 FLAGS (\Seen) MODSEQ (<k>))
            S2: d OK [MODIFIED 3] ...
            C1: c NOOP
            S1: * 1 FETCH (UID 1 FLAGS ($Mine \Recent) MODSEQ (<j>))
            S1: * 3 FETCH (UID 3 FLAGS (\Seen \Recent) MODSEQ (<k>))
            S1: c OK ...
        )");
        ASSERT_FALSE(testing::Test::HasFailure()) << "seed " << seed;
    }
}

// RFC 2180 §4.2.3, RFC 7162 example 11: some are gone, one has changed.
TEST(Condstore, UnchangedSinceAmongExpungedMessages) {
    Bed bed;
    for (const char* subject : {"one", "two", "three"}) {
        bed.deliver("alice", simple_message(subject));
    }
    bed.play(R"(
        L1: alice
        L2: alice
        C1: a SELECT INBOX (CONDSTORE)
        U1: * OK [HIGHESTMODSEQ <h>] ...
        U1: a OK ...
        C2: a SELECT INBOX
        U2: a OK ...
        C2: b STORE 3 +FLAGS.SILENT (\Deleted)
        S2: b OK ...
        C2: c EXPUNGE
        S2: * 3 EXPUNGE
        S2: c OK EXPUNGE completed
        C2: d STORE 2 +FLAGS.SILENT (\Seen)
        S2: d OK ...
        C1: b STORE 1:3 (UNCHANGEDSINCE <h>) +FLAGS.SILENT (\Answered)
        S1: * 1 FETCH (UID 1 MODSEQ (<j>))
        S1: * 2 FETCH (UID 2 FLAGS (\Seen \Recent) MODSEQ (<i>))
        S1: * 2 FETCH (UID 2 FLAGS (\Seen \Recent) MODSEQ (<i>))
        S1: * OK [HIGHESTMODSEQ ...] Expunges are held back
        S1: b NO [MODIFIED 2] Some of the messages are gone
        C1: c NOOP
        S1: * 3 EXPUNGE
        S1: c OK ...
    )");
}

// RFC 7162 §3.2.4: reading a text sets \Seen, and that is news with a mod-sequence.
TEST(Condstore, ImplicitSeenIsAChange) {
    Bed bed;
    bed.deliver("alice", simple_message("one"));
    bed.play(R"(
        L1: alice
        L2: alice
        C1: a SELECT INBOX (CONDSTORE)
        U1: a OK ...
        C2: a SELECT INBOX
        U2: a OK ...
        C1: b FETCH 1 BODY[TEXT]
        S1: * 1 FETCH (BODY[TEXT] {8}
        S1: Hello.
        S1:  UID 1 FLAGS (\Seen \Recent) MODSEQ (<m>))
        S1: b OK ...
        C2: b NOOP
        S2: * 1 FETCH (FLAGS (\Seen))
        S2: b OK ...
        C2: c FETCH 1 MODSEQ
        S2: * OK [HIGHESTMODSEQ <m>] ...
        S2: * 1 FETCH (MODSEQ (<m>))
        S2: c OK ...
        C1: c STORE 1 FLAGS ()
        S1: * 1 FETCH (UID 1 FLAGS (\Recent) MODSEQ (<n>))
        S1: c OK ...
        C2: d NOOP
        S2: * 1 FETCH (UID 1 FLAGS () MODSEQ (<n>))
        S2: d OK ...
    )");
}

}  // namespace
}  // namespace postern::imap
