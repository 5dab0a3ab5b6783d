// STATUS=SIZE (RFC 8438): how large a mailbox is, without opening it.
#include <gtest/gtest.h>

#include "bed.hpp"

namespace postern::imap {
namespace {

// RFC 8438 §2: "greater than or equal to the sum of the values of the RFC822.SIZE"
TEST(StatusSize, IsTheSumOfItsMessages) {
    Bed bed;
    const std::size_t one = simple_message("one").size();
    const std::size_t two = simple_message("two", "longer\r\n").size();
    bed.deliver("alice", simple_message("one"));
    bed.deliver("alice", simple_message("two", "longer\r\n"));
    bed.play(R"(
        S: * OK ...
        C: l LOGIN alice secret
        S: l OK [CAPABILITY ... STATUS=SIZE ...] ...
        C: a STATUS INBOX (SIZE)
        S: * STATUS INBOX (SIZE )" +
             std::to_string(one + two) + R"()
        S: a OK ...
        C: s SELECT INBOX
        U: s OK ...
        C: b STORE 1 +FLAGS.SILENT (\Deleted)
        S: b OK ...
        C: c EXPUNGE
        S: * 1 EXPUNGE
        S: c OK ...
        C: d STATUS INBOX (SIZE MESSAGES)
        S: * STATUS INBOX (SIZE )" +
             std::to_string(two) + R"( MESSAGES 1)
        S: d OK ...
        C: e STATUS Sent (SIZE)
        S: * STATUS Sent (SIZE 0)
        S: e OK ...
    )");
}

}  // namespace
}  // namespace postern::imap
