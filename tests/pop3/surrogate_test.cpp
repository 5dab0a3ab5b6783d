// Surrogate headers: what is no UTF-8 first. RFC 6856 §2.1, RFC 6858 §2, RFC 2047 §2 and §6.2.
#include "pop3/surrogate.hpp"

#include <gtest/gtest.h>

#include "base/ascii.hpp"

namespace postern::pop3 {
namespace {

TEST(Surrogate, AnyBytesBecomeAscii) {
    EXPECT_EQ(make_surrogate_header("Subject: a \xe9t\xe9 b\r\n"),
              "Subject: a =?unknown-8bit?B?6XTp?= b\r\n");
    std::string every;
    for (int c = 255; c >= 0; --c) every += char(c);
    for (const char* name :
         {"", "Subject: ", "From: ", "Content-Type: ", "Return-Path: <", "X: "}) {
        EXPECT_FALSE(has_8bit(make_surrogate_header(name + every))) << name;
    }
}

// RFC 6858 §2.1
TEST(Surrogate, AddressesBecomeNobodys) {
    const auto one = [](const char* line) { return make_surrogate_header(line); };
    EXPECT_EQ(one("Return-Path: <\xc3\xa1@b>\r\n"),
              "Return-Path: <invalid@internationalized-address.invalid>\r\n");
    EXPECT_EQ(one("From: Fred Foo <fred@\xc3\xa1.com>\r\n"),
              "From: Fred Foo <invalid@internationalized-address.invalid>\r\n");
    EXPECT_EQ(one("to: \xc3\xa1@b,\r\n \"A. B\" <a@b>, c@d\r\n"),
              "to: =?utf-8?B?w6FAYg==?= <invalid@internationalized-address.invalid>,\r\n"
              " \"A. B\" <a@b>,\r\n c@d\r\n");
    EXPECT_EQ(one("Cc: Us: \xc3\xa1 <a@b>, c@d;, e@f\r\n"),
              "Cc: Us: =?utf-8?B?w6E=?= <a@b>,\r\n c@d;,\r\n e@f\r\n");
}

// RFC 6858 §2.2, §2.4
TEST(Surrogate, ParametersAndOtherFieldsGo) {
    EXPECT_EQ(make_surrogate_header("Content-Disposition: attachment; filename=\"\xc3\xa1;b\";"
                                    " size=1\r\nX-Other: \xc3\xa1\r\nReceived: from \xc3\xa1\r\n"
                                    " by x\r\nDate: x\r\n\r\n"),
              "Content-Disposition: attachment; size=1\r\nDate: x\r\n\r\n");
    EXPECT_EQ(make_surrogate_header("Content-Type: \xc3\xa1; charset=x\r\n"), "");
}

TEST(Surrogate, AsciiStaysAsItIs) {
    const std::string header = "From: \"A. B\" <a@b>\r\nSubject: x\r\n y\r\n\r\n";
    EXPECT_EQ(make_surrogate_header(header), header);
    EXPECT_EQ(make_surrogate_header(""), "");
}

TEST(Surrogate, RunsOfWordsAreOne) {
    EXPECT_EQ(make_surrogate_header("Subject: ol\xc3\xa1 \xc3\xa1gua now\r\n"),
              "Subject: =?utf-8?B?b2zDoSDDoWd1YQ==?= now\r\n");
}

TEST(Surrogate, LongRunsAreCutBetweenCharacters) {
    std::string word;
    for (int i = 0; i < 100; ++i) word += "\xd0\x96";
    const std::string out = make_surrogate_header("Subject: " + word).substr(9);
    EXPECT_EQ(out.substr(0, 68),
              "=?utf-8?B?0JbQltCW0JbQltCW0JbQltCW0JbQltCW0JbQltCW0JbQltCW0JbQltCW?=");
    for (std::size_t at = 0; at < out.size();) {
        const std::size_t end = std::min(out.find(' ', at), out.size());
        EXPECT_LE(end - at, 75u);
        at = end + 1;
    }
}

}  // namespace
}  // namespace postern::pop3
