// What cannot be converted, then what can: the result has no byte above 0x7f and decodes to the
// same.
#include "message/seven_bit.hpp"

#include <gtest/gtest.h>

#include "base/ascii.hpp"
#include "message/structure.hpp"
#include "message/transfer_encoding.hpp"

namespace postern::message {
namespace {

std::string decoded_body(const std::string& message, std::size_t part) {
    const Structure structure = parse_structure(message);
    const Part& leaf = structure.parts.at(part);
    TransferDecoder decoder(parse_transfer_encoding(leaf.encoding));
    std::string out;
    decoder.feed(std::string_view(message).substr(leaf.body_offset, leaf.body_size), out);
    decoder.finish(out);
    return out;
}

TEST(SevenBit, EightBitInAHeaderStaysWhatItIs) {
    EXPECT_FALSE(to_seven_bit("Subject: gr\xc3\xbc\xc3\x9f\r\n\r\nhello\r\n"));
    EXPECT_FALSE(
        to_seven_bit("Content-Type: multipart/mixed; boundary=b\r\nMIME-Version: 1.0\r\n\r\n"
                     "pr\xc3\xa4"
                     "amble\r\n--b\r\n\r\nx\r\n--b--\r\n"));
    EXPECT_FALSE(to_seven_bit("no empty line, \xff\r\n"));
}

TEST(SevenBit, WhatIsFitIsLeftAlone) {
    const std::string plain = "Subject: x\r\n\r\nhello\r\n";
    EXPECT_EQ(to_seven_bit(plain).value(), plain);
    EXPECT_EQ(to_seven_bit("").value(), "");
}

TEST(SevenBit, QuotedPrintable) {
    EXPECT_EQ(encode_quoted_printable("a=b \r\n\tc\t\r\n"), "a=3Db=20\r\n\tc=09\r\n");
    EXPECT_EQ(encode_quoted_printable("\r\n\n\r"), "\r\n=0A=0D");
    EXPECT_EQ(encode_quoted_printable("\xc3\xbc"), "=C3=BC");
    for (std::size_t length = 70; length < 85; ++length) {
        const std::string text = std::string(length, 'x') + "\r\n" + std::string(length, '=');
        const std::string encoded = encode_quoted_printable(text);
        TransferDecoder decoder(TransferEncoding::quoted_printable);
        std::string out;
        decoder.feed(encoded, out);
        decoder.finish(out);
        EXPECT_EQ(out, text);
        for (std::size_t i = 0, line = 0; i < encoded.size(); ++i) {
            line = encoded[i] == '\n' ? 0 : line + 1;
            EXPECT_LE(line, 77u);  // and the CR
        }
    }
}

TEST(SevenBit, MailThatIsNotMime) {
    const std::string body = "gr\xc3\xbc\xc3\x9f\r\n";
    const auto out = to_seven_bit("Subject: x\r\n\r\n" + body);
    ASSERT_TRUE(out);
    EXPECT_FALSE(has_8bit(*out));
    EXPECT_TRUE(out->contains("MIME-Version: 1.0\r\n"));
    EXPECT_EQ(decoded_body(*out, 0), body);
}

TEST(SevenBit, EachPartInItsWay) {
    const std::string text = "f\xc3\xbcr dich\r\n";
    const std::string bytes("\x89PNG\0\r\n\xff", 8);
    const auto out = to_seven_bit(
        "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n"
        "Content-Transfer-Encoding: binary\r\n\r\n"
        "--b\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: "
        "8bit\r\n\r\n" +
        text +
        "\r\n--b\r\nContent-Type: image/png\r\nContent-Transfer-Encoding:\r\n binary\r\n\r\n" +
        bytes + "\r\n--b\r\nContent-Type: text/plain\r\n\r\nplain\r\n--b--\r\n");
    ASSERT_TRUE(out);
    EXPECT_FALSE(has_8bit(*out));
    EXPECT_FALSE(out->contains("binary"));
    EXPECT_EQ(decoded_body(*out, 1), text);
    EXPECT_EQ(decoded_body(*out, 2), bytes);
    EXPECT_EQ(decoded_body(*out, 3), "plain");
    EXPECT_EQ(parse_structure(*out).parts.size(), 4u);
}

// RFC 6532 §3.7; what is no message/global keeps its header, which then cannot go.
TEST(SevenBit, AnInternationalisedMessageWithinIsEncodedAsAWhole) {
    const std::string inner = "Subject: gr\xc3\xbc\xc3\x9f\r\n\r\nf\xc3\xbcr dich\r\n";
    const auto around = [&](const std::string& subtype) {
        return to_seven_bit(
            "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
            "--b\r\nContent-Type: message/" +
            subtype + "\r\nContent-Transfer-Encoding: 8bit\r\n\r\n" + inner +
            "\r\n--b\r\nContent-Type: text/plain\r\n\r\nplain\r\n--b--\r\n");
    };
    EXPECT_FALSE(around("rfc822"));
    const auto out = around("global");
    ASSERT_TRUE(out);
    EXPECT_FALSE(has_8bit(*out));
    EXPECT_EQ(decoded_body(*out, 1), inner);
    EXPECT_EQ(decoded_body(*out, 2), "plain");
}

TEST(SevenBit, LongLines) {
    const std::string body(5'000, 'x');
    const auto out =
        to_seven_bit("MIME-Version: 1.0\r\nContent-Type: text/plain\r\n\r\n" + body + "\r\n");
    ASSERT_TRUE(out);
    EXPECT_EQ(decoded_body(*out, 0), body + "\r\n");
}

}  // namespace
}  // namespace postern::message
