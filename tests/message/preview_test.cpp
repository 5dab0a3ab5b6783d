// Previews: which part, HTML, quotes, encodings, length.
#include "message/preview.hpp"

#include <gtest/gtest.h>

namespace postern::message {
namespace {

std::string preview_of(const std::string& text) {
    Facts facts = compute_facts(text);
    auto index = find_preview_part(facts);
    if (!index) return "(none)";
    const Part& part = facts.structure.parts[*index];
    return make_preview(std::string_view(text).substr(part.body_offset, part.body_size), part);
}

TEST(Preview, NothingToShow) {
    EXPECT_EQ(preview_of(""), "");
    EXPECT_EQ(preview_of("Content-Type: image/png\r\n\r\nxxxx"), "(none)");
    EXPECT_EQ(preview_of("Content-Type: text/html\r\n\r\n<style>a{}</style><!-- x"), "");
    EXPECT_EQ(preview_of("Content-Type: text/html\r\n\r\n<script>alert(1)"), "");
    EXPECT_EQ(preview_of("A: b\r\n\r\n> quoted\r\n>> twice\r\n\r\n"), "");
}

TEST(Preview, PlainTextOnOneLine) {
    EXPECT_EQ(preview_of("A: b\r\n\r\n> old\r\nHello,\r\n\r\n  world.\r\n"), "Hello, world.");
    EXPECT_EQ(preview_of("A: b\r\n\r\na\tb\x01"
                         "c"),
              "a b c");
}

TEST(Preview, EncodingsAndCharsets) {
    EXPECT_EQ(preview_of("Content-Type: text/plain; charset=koi8-r\r\n"
                         "Content-Transfer-Encoding: quoted-printable\r\n\r\n=D0=D2=C9=D7=C5=D4"),
              "привет");
    EXPECT_EQ(preview_of("Content-Type: text/plain; charset=utf-8\r\n"
                         "Content-Transfer-Encoding: base64\r\n\r\nYcOnw6Nv\r\n"),
              "ação");
}

TEST(Preview, HtmlIsReducedToText) {
    EXPECT_EQ(preview_of("Content-Type: text/html\r\n\r\n<html><head><title>x</title></head>"
                         "<body><p>A &amp; B</p><p>1 &lt; 2</p></body></html>"),
              "A & B 1 < 2");
    EXPECT_EQ(preview_of("Content-Type: text/html\r\n\r\n<header>top</header> a <b"), "top a");
}

TEST(Preview, PlainBeforeHtmlAndNoAttachments) {
    std::string text =
        "Content-Type: multipart/mixed; boundary=b\r\n\r\n"
        "--b\r\nContent-Type: text/plain\r\nContent-Disposition: attachment\r\n\r\nno\r\n"
        "--b\r\nContent-Type: text/html\r\n\r\n<b>html</b>\r\n"
        "--b\r\nContent-Type: text/plain\r\n\r\nplain\r\n--b--\r\n";
    EXPECT_EQ(preview_of(text), "plain");
}

// RFC 8970 §3.1: at most 200 characters, none of them cut.
TEST(Preview, IsShort) {
    std::string ascii = preview_of("A: b\r\n\r\n" + std::string(500, 'x'));
    EXPECT_EQ(ascii.size(), preview_characters_max);
    std::string words;
    for (int i = 0; i < 300; ++i) words += "ã ";
    std::string cut = preview_of("Content-Type: text/plain; charset=utf-8\r\n\r\n" + words);
    EXPECT_EQ(cut.size(), 100 * 2 + 99u);
}

}  // namespace
}  // namespace postern::message
