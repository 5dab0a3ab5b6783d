// Fixture of the tests of THREAD: seven messages of alice's INBOX that answer each other in every
// way there is.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "bed.hpp"

namespace postern::imap {

class Conversations : public testing::Test {
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
    void play(std::string_view steps) {
        bed.play("L: alice\nC: s SELECT INBOX\nU: s OK ...\n" + std::string(steps));
    }
    Bed bed;
    int hour = 0;
};

}  // namespace postern::imap
