// Surrogate headers: what is no UTF-8 first. RFC 6856 §2.1, RFC 2047 §2 and §6.2.
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
    EXPECT_FALSE(has_8bit(make_surrogate_header(every)));
}

TEST(Surrogate, AsciiStaysAsItIs) {
    const std::string header = "From: \"A. B\" <a@b>\r\nSubject: x\r\n y\r\n\r\n";
    EXPECT_EQ(make_surrogate_header(header), header);
    EXPECT_EQ(make_surrogate_header(""), "");
}

TEST(Surrogate, RunsOfWordsAreOne) {
    EXPECT_EQ(make_surrogate_header("Subject: ol\xc3\xa1 \xc3\xa1gua now\r\n"),
              "Subject: =?utf-8?B?b2zDoSDDoWd1YQ==?= now\r\n");
    EXPECT_EQ(make_surrogate_header("From: \"\xc3\xa1\" <\xc3\xa1@b>\r\n"),
              "From: \"=?utf-8?B?w6E=?=\" <=?utf-8?B?w6E=?=@b>\r\n");
}

TEST(Surrogate, LongRunsAreCutBetweenCharacters) {
    std::string word;
    for (int i = 0; i < 100; ++i) word += "\xd0\x96";
    const std::string out = make_surrogate_header(word);
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
