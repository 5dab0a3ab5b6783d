// Binary parts become base64, everything else stays as it is, wherever the pieces are cut.
// RFC 3030 §3, RFC 2046 §5.1.1.
#include "smtp/binary_mime.hpp"

#include <gtest/gtest.h>

#include <string>

namespace postern::smtp {
namespace {

std::string rewritten(std::string_view message, std::size_t step) {
    BinaryMime rewriter;
    std::string out;
    for (std::size_t i = 0; i < message.size(); i += step) {
        rewriter.feed(message.substr(i, step), out);
    }
    rewriter.finish(out);
    return rewriter.failed() ? "(failed)" : out;
}

void expect_rewritten(std::string_view message, std::string_view expected) {
    for (const std::size_t step : {1, 2, 3, 7, 64, 1'000'000}) {
        EXPECT_EQ(rewritten(message, step), expected) << step;
    }
}

const std::string binary_head =
    "Content-Type: image/png\r\nContent-Transfer-Encoding: BINARY (raw)\r\n";
const std::string base64_head = "Content-Type: image/png\r\nContent-Transfer-Encoding: base64\r\n";
const std::string mixed =
    "Content-Type: multipart/mixed; boundary=\"b b\"\r\nContent-Transfer-Encoding: binary\r\n\r\n";
const std::string mixed_8bit =
    "Content-Type: multipart/mixed; boundary=\"b b\"\r\nContent-Transfer-Encoding: 8bit\r\n\r\n";

TEST(BinaryMime, NestedTooDeepFails) {
    std::string message;
    for (int i = 0; i < 200; ++i) {
        const std::string name = "b" + std::to_string(i);
        message += "Content-Type: multipart/mixed; boundary=" + name + "\r\n\r\n--" + name + "\r\n";
    }
    EXPECT_EQ(rewritten(message, 1'000'000), "(failed)");
    EXPECT_EQ(rewritten("X: " + std::string(100'000, 'x'), 1'000'000), "(failed)");
}

TEST(BinaryMime, WhatIsNotBinaryPasses) {
    for (const std::string text :
         {"", "\r\n", "Subject: x", "Subject: x\r\n", "Subject: x\r\n\r\nbody",
          "Content-Transfer-Encoding: 8bit\r\n\r\nbo\ndy\r\n--x\r\n--x--\r\n"}) {
        expect_rewritten(text, text);
    }
}

TEST(BinaryMime, ASinglePart) {
    expect_rewritten(binary_head + "\r\n" + std::string("\0\r\n\n", 4),
                     base64_head + "\r\nAA0KCg==\r\n");
    expect_rewritten(binary_head + "\r\n", base64_head + "\r\n");
    expect_rewritten(binary_head + "\r\n\r\n--not a delimiter\r\n",
                     base64_head + "\r\nDQotLW5vdCBhIGRlbGltaXRlcg0K\r\n");
    const std::string long_line(57, 'x');
    expect_rewritten(
        binary_head + "\r\n" + long_line + "y", base64_head + "\r\n" + [] {
            std::string text;
            for (int i = 0; i < 19; ++i) text += "eHh4";
            return text;
        }() + "\r\neQ==\r\n");
}

TEST(BinaryMime, PartsBetweenDelimiters) {
    expect_rewritten(mixed + "preamble\r\n--b b\r\n" + binary_head +
                         "\r\na\n\r\n--b bc\r\n--b b \r\n\r\ntext\r\n" + "--b b\r\n" + binary_head +
                         "\r\n--b b\r\n" + binary_head + "--b b--\r\nepilogue\r\n",
                     mixed_8bit + "preamble\r\n--b b\r\n" + base64_head +
                         "\r\nYQoNCi0tYiBiYw==\r\n--b b \r\n" + "\r\ntext\r\n--b b\r\n" +
                         base64_head + "\r\n--b b\r\n" + base64_head + "--b b--\r\nepilogue\r\n");
}

TEST(BinaryMime, MessagesInsideMessages) {
    const std::string outer = "Content-Type: message/rfc822\r\n\r\n";
    expect_rewritten(mixed + "--b b\r\n" + outer + binary_head + "\r\na\r\n--b b--\r\n",
                     mixed_8bit + "--b b\r\n" + outer + base64_head + "\r\nYQ==\r\n--b b--\r\n");
}

TEST(BinaryMime, AnOuterDelimiterEndsInnerParts) {
    const std::string inner = "Content-Type: multipart/mixed; boundary=in\r\n\r\n--in\r\n";
    expect_rewritten(
        mixed + "--b b\r\n" + inner + binary_head + "\r\na\r\n--b b\r\n\r\n--in\r\nx\r\n",
        mixed_8bit + "--b b\r\n" + inner + base64_head + "\r\nYQ==\r\n--b b\r\n\r\n--in\r\nx\r\n");
}

}  // namespace
}  // namespace postern::smtp
