// SEARCH text: what must not be found first, then encodings, charsets and pieces.
#include "message/search_text.hpp"

#include <gtest/gtest.h>

#include "message/charset.hpp"
#include "message/limits.hpp"

namespace postern::message {
namespace {

bool found(std::string_view message, std::string_view needle,
           SearchScope scope = SearchScope::text) {
    return contains_folded(message, compute_facts(message), fold_for_search(needle), scope);
}

const std::string searched =
    "Subject: =?iso-8859-1?q?Caf=E9?= opening\r\nX-Note: folded\r\n text\r\n"
    "Content-Type: multipart/mixed; boundary=b\r\n\r\npreamble\r\n"
    "--b\r\nContent-Type: text/plain; charset=koi8-r\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    "8NLJ18XUIM3J0g==\r\n"
    "--b\r\nContent-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: "
    "quoted-printable\r\n\r\n"
    "Stra=C3=9Fe so=\r\nft\r\n"
    "--b\r\nContent-Type: application/octet-stream; name=photo.jpg\r\n\r\nbinary needle\r\n"
    "--b\r\nContent-Type: message/rfc822\r\n\r\nSubject: inner subject\r\n\r\ninner "
    "body\r\n--b--\r\n";

}  // namespace

TEST(SearchText, NotFound) {
    EXPECT_FALSE(found(searched, "absent"));
    EXPECT_FALSE(found(searched, "8NLJ18XU"));
    EXPECT_FALSE(found(searched, "binary needle"));
    EXPECT_FALSE(found(searched, "cafe opening"));
    EXPECT_FALSE(found(searched, "opening", SearchScope::body));
    EXPECT_FALSE(found("", "x"));
    Facts facts = compute_facts(searched);
    EXPECT_FALSE(contains_folded("", facts, "inner", SearchScope::text));  // the file has gone
}

TEST(SearchText, Found) {
    for (std::string_view needle :
         {"café OPENING", "CAFE\xcc\x81", "folded text", "привет МИР", "strasse soft",
          "inner SUBJECT", "inner body", "photo.jpg", ""}) {
        EXPECT_TRUE(found(searched, needle)) << needle;
    }
    EXPECT_TRUE(found(searched, "inner subject", SearchScope::body));
    EXPECT_TRUE(found("", ""));
}

// A needle across the edge of two pieces, in ASCII and in text without a single ASCII byte.
TEST(SearchText, AcrossPieces) {
    for (std::size_t shift = 0; shift < 12; ++shift) {
        std::string text(text_chunk_bytes - 6 + shift, 'x');
        EXPECT_TRUE(found("\r\n" + text + "needle" + text, "NEEDLE")) << shift;
        std::string chinese = std::string(shift % 3, 'x');
        while (chinese.size() < text_chunk_bytes - 6) chinese += "你";
        EXPECT_TRUE(
            found("Content-Type: text/plain; charset=utf-8\r\n\r\n" + chinese + "好吗" + chinese,
                  "好吗"));
    }
    std::string decomposed = "\r\n" + std::string(text_chunk_bytes - 1, 'x') + "E\xcc\x81!";
    EXPECT_TRUE(found("Content-Type: text/plain; charset=utf-8\r\n" + decomposed, "é!"));
}

TEST(SearchText, Header) {
    auto holds = [](std::string_view name, std::string_view needle) {
        return header_contains_folded(searched, name, fold_for_search(needle));
    };
    EXPECT_FALSE(holds("Subject", "closing"));
    EXPECT_FALSE(holds("X-Absent", ""));
    EXPECT_FALSE(holds("Subj", ""));
    EXPECT_TRUE(holds("subject", "CAFÉ"));
    EXPECT_TRUE(holds("X-Note", ""));
    EXPECT_TRUE(holds("x-note", "folded text"));
}

}  // namespace postern::message
