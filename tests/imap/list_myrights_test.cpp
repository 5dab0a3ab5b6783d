// LIST-MYRIGHTS (RFC 8440): what the user may do, with each mailbox of a LIST.
#include <gtest/gtest.h>

#include "bed.hpp"

namespace postern::imap {
namespace {

// RFC 8440 §3 (LIST-MYRIGHTS)
TEST(ListMyrights, ListSaysTheRights) {
    Bed bed;
    bed.play(R"(
        L: alice
        C: a CREATE a/b
        S: a OK ...
        C: a DELETE a
        S: a OK ...
        C: a SETACL a/b alice lrs
        S: a OK ...
        C: b LIST "" a* RETURN (MYRIGHTS)
        S: * LIST (\NonExistent \HasChildren) "/" a
        S: * LIST (\HasNoChildren) "/" a/b
        S: * MYRIGHTS a/b lrsa
        S: b OK ...
        C: c UNSUBSCRIBE Sent
        S: c OK ...
        C: c LIST (SUBSCRIBED) "" (Sent INBOX) RETURN (MYRIGHTS)
        S: * LIST (\Subscribed ...) "/" INBOX
        S: * MYRIGHTS INBOX lrswipkxteacd
        S: c OK ...
        C: d LIST "" INBOX RETURN (MYRIGHT)
        S: d BAD Unknown LIST return option
    )");
}

}  // namespace
}  // namespace postern::imap
