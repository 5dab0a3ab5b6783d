// Base subjects (RFC 5256 §2.1): what must stay first, then what goes, as the grammar of §5 has it.
#include "message/base_subject.hpp"

#include <gtest/gtest.h>

#include "message/limits.hpp"

namespace postern::message {

TEST(BaseSubject, WhatStays) {
    for (std::string_view subject : {"hello", "Re", "regarding: x", "re hello", "[list]", "fwd",
                                     "a re: b", "[fwd: x", "f: x", "re[2] x", "(fwd", "rex: y"}) {
        BaseSubject base = base_subject(subject);
        EXPECT_EQ(base.text, subject);
        EXPECT_FALSE(base.is_reply_or_forward) << subject;
    }
    EXPECT_EQ(base_subject("").text, "");
    EXPECT_EQ(base_subject("[only]").text, "[only]");
    EXPECT_EQ(base_subject("[a][b]").text, "[b]");
}

TEST(BaseSubject, WhatGoes) {
    struct Row {
        std::string_view subject, base;
        bool is_reply;
    };
    for (const Row& row : {Row{"Re: hello", "hello", true},
                           {"RE : hello", "hello", true},
                           {"re[2]: hello", "hello", true},
                           {"Re: Fwd: FW: re: hello", "hello", true},
                           {"[list] Re: hello", "hello", true},
                           {"Re: [list] hello", "hello", true},
                           {"[list] [other]hello", "hello", false},
                           {"hello (fwd)", "hello", true},
                           {"hello (fwd) (FWD)  ", "hello", true},
                           {"[Fwd: hello]", "hello", true},
                           {"[fwd: [fwd: Re: hello (fwd)]]", "hello", true},
                           {"  a\t \r\n b ", "a b", false},
                           {"Re:", "", true},
                           {"Re: re: ", "", true},
                           {"Re: [list]", "[list]", true},
                           {"=?utf-8?Q?Re:_=C3=A9?= (fwd)", "é", true}}) {
        BaseSubject base = base_subject(row.subject);
        EXPECT_EQ(base.text, row.base) << row.subject;
        EXPECT_EQ(base.is_reply_or_forward, row.is_reply) << row.subject;
    }
}

TEST(BaseSubject, IsBounded) {
    std::string blobs;
    for (int i = 0; i < 100'000; ++i) blobs += "[a]";
    EXPECT_LE(base_subject(blobs).text.size(), base_subject_bytes_max);
    std::string accents;
    for (int i = 0; i < 5'000; ++i) accents += "é";
    EXPECT_EQ(base_subject("x" + accents).text.size(), base_subject_bytes_max - 1);
}

}  // namespace postern::message
