// The extended grammar of commands (RFC 4466): parameters and modifiers in parentheses, in any
// order, each at most once; what no extension defines is BAD and changes nothing.
#include "begun.hpp"

namespace postern::imap {
namespace {

class ExtendedSyntax : public Begun {
 protected:
    ExtendedSyntax()
        : Begun(R"(
        D: alice one
        L: alice
        C: s SELECT INBOX
        U: s OK ...
    )") {}
};

// RFC 4466 §2.1: "a SELECT INBOX (BLURDYBLOOP)"
TEST_F(ExtendedSyntax, UnknownParametersOfSelect) {
    play(R"(
        C: a SELECT INBOX (BLURDYBLOOP)
        S: a BAD Unknown SELECT parameter
        C: b EXAMINE INBOX (ANNOTATE RESPONSES ("UID Responses") CONDSTORE)
        S: b BAD Unknown SELECT parameter
        C: c SELECT INBOX ()
        S: c BAD ...
        C: d SELECT INBOX (CONDSTORE CONDSTORE)
        S: d BAD Unknown SELECT parameter
        C: e SELECT INBOX (CONDSTORE
        S: e BAD ...
        C: f FETCH 1 UID
        S: * 1 FETCH (UID 1)
        S: f OK FETCH completed
    )");
}

TEST_F(ExtendedSyntax, InAnyOrderAndCase) {
    play(R"(
        C: u UNSELECT
        S: u OK ...
        C: a ENABLE QRESYNC
        S: * ENABLED QRESYNC
        S: a OK ...
        C: b SELECT INBOX (condstore Qresync (1 1))
        U: b OK ...
        C: c SELECT INBOX (QRESYNC (1 1) CONDSTORE)
        U: c OK ...
        C: d FETCH 1 (UID) (changedsince 1 vanished)
        U: d BAD ...
        C: e UID FETCH 1 (UID) (VANISHED changedsince 1)
        U: e OK ...
    )");
}

// RFC 4466 §2.2, §2.3
TEST_F(ExtendedSyntax, UnknownParametersOfCreateAndRename) {
    play(R"(
        C: a CREATE Box (BLURDYBLOOP)
        S: a BAD Unknown CREATE parameter
        C: b CREATE Box (USE (\Junk) BLURDYBLOOP 5)
        S: b BAD ...
        C: c CREATE Box ()
        S: c BAD ...
        C: d RENAME Sent Box (BLURDYBLOOP)
        S: d BAD Unexpected extra arguments
        C: e RENAME Sent Box ()
        S: e BAD Unexpected extra arguments
        C: f LIST "" (Box Sent)
        S: * LIST (... \Sent) "/" Sent
        S: f OK ...
    )");
}

// RFC 4466 §2.4, §2.5
TEST_F(ExtendedSyntax, UnknownModifiersOfFetchAndStore) {
    play(R"(
        C: a FETCH 1 UID (BLURDYBLOOP)
        S: a BAD Unknown FETCH modifier
        C: b FETCH 1 (UID FLAGS) (CHANGEDSINCE 1 BLURDYBLOOP (a "b" (c)))
        S: b BAD Unknown FETCH modifier
        C: c FETCH 1 UID (CHANGEDSINCE 1 CHANGEDSINCE 2)
        S: c BAD Unknown FETCH modifier
        C: d FETCH 1 UID ()
        S: d BAD ...
        C: e STORE 1 (BLURDYBLOOP) FLAGS (\Seen)
        S: e BAD Unknown STORE modifier
        C: f STORE 1 (UNCHANGEDSINCE 9 UNCHANGEDSINCE 9) FLAGS (\Seen)
        S: f BAD ...
        C: g STORE 1 () FLAGS (\Seen)
        S: g BAD Unknown STORE modifier
        C: h FETCH 1 FLAGS
        S: * 1 FETCH (FLAGS (\Recent))
        S: h OK FETCH completed
    )");
}

// RFC 4466 §2.6.1: an empty list of options too; §2.6.2: SEARCH and ESEARCH exclude each other.
TEST_F(ExtendedSyntax, OptionsOfSearch) {
    play(R"(
        C: a SEARCH RETURN (BLURDYBLOOP) ALL
        S: a BAD Unknown return option
        C: b SEARCH RETURN (COUNT COUNT) ALL
        S: b BAD The same return option twice
        C: c SEARCH RETURN ALL
        S: c BAD Opening parenthesis expected
        C: d SEARCH RETURN () ALL
        S: * ESEARCH (TAG "d") ALL 1
        S: d OK SEARCH completed
        C: e UID SEARCH RETURN (count MIN) CHARSET UTF-8 ALL
        S: * ESEARCH (TAG "e") UID MIN 1 COUNT 1
        S: e OK UID SEARCH completed
    )");
}

// RFC 4466 §2.7: what follows flags and date must be known.
TEST_F(ExtendedSyntax, UnknownExtensionsOfAppend) {
    play(R"(
        C: a APPEND INBOX (\Seen) ANNOTATION (/comment) {1+}
        C: x
        S: a BAD ...
        C: b APPEND INBOX BLURDYBLOOP (x)
        S: b BAD ...
        C: c STATUS INBOX (MESSAGES)
        S: * STATUS INBOX (MESSAGES 1)
        S: c OK ...
    )");
}

}  // namespace
}  // namespace postern::imap
