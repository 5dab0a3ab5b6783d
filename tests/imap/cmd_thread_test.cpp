// THREAD (RFC 5256): refused forms, then the response for each algorithm.
#include <gtest/gtest.h>

#include "bed.hpp"

namespace postern::imap {
namespace {

class Thread : public testing::Test {
 protected:
    void deliver(std::string_view id, std::string_view parents, std::string_view subject) {
        ++hour;
        bed.deliver("alice", "From: a@x.test\r\nDate: Mon, 7 Feb 1994 " +
                                 std::to_string(10 + hour) + ":00:00 +0000\r\nMessage-ID: <" +
                                 std::string(id) + "@x>\r\n" + std::string(parents) +
                                 "Subject: " + std::string(subject) + "\r\n\r\nx\r\n");
    }
    void SetUp() override {
        deliver("a", "", "lunch");
        deliver("b", "References: <\"a\"@x>\r\n", "Re: lunch");
        deliver("c", "In-Reply-To: your mail <a@x> of <today@y>\r\n", "Re: LUNCH");
        deliver("d", "References: <a@x> <b@x>\r\n", "dinner");
        deliver("e", "", "Re: lunch");
        deliver("f", "References: <gone@x>\r\n", "other");
        deliver("g", "References: <gone@x>\r\n", "another");
    }
    Bed bed;
    int hour = 0;
};

TEST_F(Thread, RefusedForms) {
    bed.play(R"(
        L: alice
        C: s SELECT INBOX
        U: s OK ...
        C: a THREAD
        S: a BAD Missing argument
        C: a THREAD FOO UTF-8 ALL
        S: a BAD Unknown thread algorithm
        C: a THREAD REFERENCES ALL
        S: a BAD Missing argument
        C: a THREAD REFERENCES X-KLINGON ALL
        S: a NO [BADCHARSET ...
        C: a THREAD REFERENCES UTF-8 FOO
        S: a BAD Unknown search key
    )");
}

TEST_F(Thread, Algorithms) {
    bed.play(R"(
        L: alice
        C: s SELECT INBOX
        U: s OK ...
        C: a THREAD REFERENCES UTF-8 ALL
        S: * THREAD (1 (2 4)(3)(5))((6)(7))
        S: a OK THREAD completed
        C: b THREAD REFS UTF-8 ALL
        S: * THREAD (1 (2 4)(3))(5)((6)(7))
        S: b OK THREAD completed
        C: c THREAD ORDEREDSUBJECT UTF-8 ALL
        S: * THREAD (1 (2)(3)(5))(4)(6)(7)
        S: c OK THREAD completed
        C: d THREAD REFERENCES UTF-8 2:4
        S: * THREAD ((2 4)(3))
        S: d OK THREAD completed
        C: e THREAD REFERENCES UTF-8 SUBJECT nothing
        S: * THREAD
        S: e OK THREAD completed
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
