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

// Many folders with a message each, none of them open yet: not one message file is opened.
TEST(ListStatus, OfManyFolders) {
    const int folders = is_large_run() ? 1'000 : 100;
    Bed bed;
    bed.deliver("alice", simple_message("one"));
    std::string fill = "L: alice\nC: s SELECT INBOX\nU: s OK ...\n";
    std::string expected;
    for (int i = 1'000; i < 1'000 + folders; ++i) {
        const std::string n = std::to_string(i);
        fill += "C: c CREATE f" + n + "\nS: c OK ...\nC: d COPY 1 f" + n + "\nS: d OK ...\n";
        expected += "S: * LIST (\\HasNoChildren) \"/\" f" + n + "\nS: * STATUS f" + n +
                    " (MESSAGES 1 UNSEEN 1 SIZE <s>)\n";
    }
    bed.play(fill);
    bed.restart();
    bed.file_use() = {};
    bed.play("L: alice\nC: a LIST \"\" f* RETURN (STATUS (MESSAGES UNSEEN SIZE))\n" + expected +
             "S: a OK ...\n");
    EXPECT_EQ(bed.file_use().messages_opened, 0u);
}

}  // namespace
}  // namespace postern::imap
