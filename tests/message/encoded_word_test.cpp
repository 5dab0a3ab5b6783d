// Encoded words: malformed first, RFC 2047 §8, RFC 2231 §5, and our own writing read back.
#include "message/encoded_word.hpp"

#include <gtest/gtest.h>

#include "message/limits.hpp"

namespace postern::message {

TEST(EncodedWord, MalformedStaysAsItIs) {
    for (std::string_view text : {"=?", "=??", "=?utf-8", "=?utf-8?", "=?utf-8?q", "=?utf-8?q?",
                                  "=?utf-8?q?x", "=?utf-8?q?x?", "=?utf-8?x?a?=", "=?\?q?a?=",
                                  "=?utf-8?qq?a?=", "a =? b ?=", "=?ut f?q?a?="}) {
        EXPECT_EQ(decode_encoded_words(text), text);
    }
    EXPECT_EQ(decode_encoded_words("=?utf-8?q?=4?="), "=4");
    EXPECT_EQ(decode_encoded_words("=?utf-8?q?=zz=41?="), "=zzA");
    EXPECT_EQ(decode_encoded_words("=?utf-8?b?!!YQ?="), "a");
    EXPECT_EQ(decode_encoded_words("=?utf-8?q?\?="), "");
    EXPECT_EQ(decode_encoded_words("=?x-none?q?=e9?="), "\xef\xbf\xbd");
    EXPECT_EQ(decode_encoded_words("raw \xe9"), "raw \xef\xbf\xbd");
}

// RFC 2047 §8, comments of header fields and the table at its end.
TEST(EncodedWord, Rfc2047Examples) {
    EXPECT_EQ(decode_encoded_words("=?US-ASCII?Q?Keith_Moore?= <moore@cs.utk.edu>"),
              "Keith Moore <moore@cs.utk.edu>");
    EXPECT_EQ(decode_encoded_words("=?ISO-8859-1?Q?Keld_J=F8rn_Simonsen?="), "Keld Jørn Simonsen");
    EXPECT_EQ(decode_encoded_words("=?ISO-8859-1?B?SWYgeW91IGNhbiByZWFkIHRoaXMgeW8=?=\r\n"
                                   " =?ISO-8859-2?B?dSB1bmRlcnN0YW5kIHRoZSBleGFtcGxlLg==?="),
              "If you can read this you understand the example.");
    EXPECT_EQ(decode_encoded_words("(=?iso-8859-8?b?7eXs+SDv4SDp7Oj08A==?=)"), "(םולש ןב ילטפנ)");
    EXPECT_EQ(decode_encoded_words("(=?ISO-8859-1?Q?a?=)"), "(a)");
    EXPECT_EQ(decode_encoded_words("(=?ISO-8859-1?Q?a?= b)"), "(a b)");
    EXPECT_EQ(decode_encoded_words("(=?ISO-8859-1?Q?a?= =?ISO-8859-1?Q?b?=)"), "(ab)");
    EXPECT_EQ(decode_encoded_words("(=?ISO-8859-1?Q?a?=\r\n    =?ISO-8859-1?Q?b?=)"), "(ab)");
    EXPECT_EQ(decode_encoded_words("(=?ISO-8859-1?Q?a_b?=)"), "(a b)");
    EXPECT_EQ(decode_encoded_words("(=?ISO-8859-1?Q?a?= =?ISO-8859-2?Q?_b?=)"), "(a b)");
}

// RFC 2231 §5
TEST(EncodedWord, Language) {
    EXPECT_EQ(decode_encoded_words("=?US-ASCII*EN?Q?Keith_Moore?="), "Keith Moore");
}

TEST(EncodedWord, WhatRealMailWrites) {
    EXPECT_EQ(decode_encoded_words("=?utf-8?b?4pg=?= =?UTF-8?b?ug==?="), "☺");  // cut character
    EXPECT_EQ(decode_encoded_words("x=?utf-8?q?y?=z"), "xyz");
    EXPECT_EQ(decode_encoded_words("=?utf-8?q?a b?="), "a b");
    EXPECT_EQ(decode_encoded_words("=?iso-2022-jp?B?GyRCJDMkcxsoQg==?="), "こん");
    EXPECT_EQ(decode_encoded_words("=?koi8-r?Q?=F0=D2?= raw"), "Пр raw");
}

TEST(EncodedWord, WritingIsReadBack) {
    EXPECT_EQ(encode_encoded_words("plain text"), "plain text");
    EXPECT_EQ(encode_encoded_words("Keld Jørn Simonsen"), "=?utf-8?Q?Keld_J=C3=B8rn_Simonsen?=");
    for (std::string text : {std::string("a=?b"), std::string("naïve ☺ test"),
                             std::string("line\r\nbreak"), std::string(300, 'x') + "é",
                             std::string("Привет, мир! Это длинная строка заголовка, которую надо "
                                         "разбить на несколько слов.")}) {
        std::string encoded = encode_encoded_words(text);
        EXPECT_EQ(decode_encoded_words(encoded), text);
        EXPECT_EQ(
            encoded.find_first_not_of(
                "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!*+-/=?_ \r\n"),
            std::string::npos);
        for (std::size_t at = 0; at < encoded.size();) {
            std::size_t end = std::min(encoded.find("\r\n ", at), encoded.size());
            EXPECT_LE(end - at, encoded_word_bytes_max);
            at = end + 3;
        }
    }
}

}  // namespace postern::message
