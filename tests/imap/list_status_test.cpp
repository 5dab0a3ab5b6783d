// LIST-STATUS (RFC 5819): STATUS with each mailbox of a LIST.
#include <gtest/gtest.h>

#include "bed.hpp"

namespace postern::imap {
namespace {

// RFC 5819 §2
TEST(ListStatus, StatusWithEachMailbox) {
    Bed bed;
    bed.deliver("alice", simple_message("one"));
    bed.play(R"(
        L: alice
        C: a CREATE x/y
        S: a OK ...
        C: b DELETE x
        S: b OK ...
        C: c LIST "" (INBOX Sent x%) RETURN (STATUS (MESSAGES UNSEEN) SUBSCRIBED)
        S: * LIST (\Subscribed \HasNoChildren) "/" INBOX
        S: * STATUS INBOX (MESSAGES 1 UNSEEN 1)
        S: * LIST (\Subscribed \HasNoChildren \Sent) "/" Sent
        S: * STATUS Sent (MESSAGES 0 UNSEEN 0)
        S: * LIST (\NonExistent \HasChildren) "/" x
        S: c OK ...
    )");
}

// STATUS of many folders reads no message: the files can be gone.
TEST(ListStatus, StatusOfManyFolders) {
    Bed bed;
    std::string create = "L: alice\n";
    std::string expected;
    for (int i = 100; i < 400; ++i) {
        std::string n = std::to_string(i);
        create += "C: c" + n + " CREATE f" + n + "\nS: c" + n + " OK ...\n";
        expected += "S: * LIST (\\HasNoChildren) \"/\" f" + n + "\nS: * STATUS f" + n +
                    " (MESSAGES 0 SIZE 0 HIGHESTMODSEQ 1)\n";
    }
    bed.play(create + "C: a LIST \"\" f* RETURN (STATUS (MESSAGES SIZE HIGHESTMODSEQ))\n" +
             expected + "S: a OK ...\n");
}

}  // namespace
}  // namespace postern::imap
