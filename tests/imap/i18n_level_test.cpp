// SEARCH compares as people read (RFC 5051, RFC 5255 §4: I18NLEVEL=1): whatever charset, transfer
// encoding and case a text was written in, and whatever charset the client asks in. What must not
// be found comes first.
#include <gtest/gtest.h>

#include "bed.hpp"
#include "imap/limits.hpp"

namespace postern::imap {
namespace {

std::string mail(std::string_view subject, std::string_view type, std::string_view body) {
    std::string text = "From: a@x.test\r\nSubject: " + std::string(subject);
    text += "\r\nContent-Type: " + std::string(type) + "\r\n\r\n" + std::string(body) + "\r\n";
    return text;
}

class SearchCharset : public testing::Test {
 protected:
    // One transcript: each row "keys = numbers", the keys as bytes.
    void expect(std::initializer_list<std::pair<std::string, std::string>> rows) {
        std::string text = "L: alice\nC: s SELECT INBOX\nU: s OK ...\n";
        for (const auto& [keys, numbers] : rows) {
            text += "B: a SEARCH " + keys + "<CRLF>\nS: * SEARCH" + (numbers.empty() ? "" : " ") +
                    numbers + "\nS: a OK SEARCH completed\n";
        }
        bed.play(text);
    }
    static std::string literal(std::string_view bytes) {
        return "{" + std::to_string(bytes.size()) + "+}<CRLF>" + std::string(bytes);
    }
    Bed bed;
};

TEST_F(SearchCharset, EveryWayToWriteALetter) {
    // "письмо" as an encoded word and as a body, each in another charset and case.
    bed.deliver("alice", mail("=?koi8-r?B?8Onz+O3v?=", "text/plain; charset=windows-1251",
                              "\xcf\xe8\xf1\xfc\xec\xee"));
    bed.deliver("alice", mail("=?iso-8859-1?Q?A=E7=E3o?=", "text/plain; charset=iso-8859-1",
                              "\xc7\xc3O \xa1"));
    bed.deliver("alice", mail("=?ISO-2022-JP?B?GyRCNHpKODs6GyhC?=",
                              "text/plain; charset=iso-2022-jp", "\x1b$B4{J8;:\x1b(B"));
    expect({{"SUBJECT " + literal("pismo"), ""},
            {"BODY " + literal("письма"), ""},
            {"SUBJECT " + literal("acao"), ""},
            {"SUBJECT " + literal("письмо"), "1"},
            {"BODY " + literal("ПИСЬМО"), "1"},
            {"CHARSET koi8-r TEXT " + literal("\xf0\xe9\xf3\xf8\xed\xef"), "1"},
            {"CHARSET windows-1251 BODY " + literal("\xef\xe8\xf1\xfc\xec\xee"), "1"},
            {"SUBJECT " + literal("ação"), "2"},
            {"TEXT " + literal("AC\xcc\xa7\x41\xcc\x83O"), "2"},  // decomposed
            {"CHARSET iso-8859-1 BODY " + literal("\xe7\xe3o"), "2"},
            {"BODY " + literal("既文産"), "3"},
            {"CHARSET iso-2022-jp BODY " + literal("\x1b$B4{J8;:\x1b(B"), "3"},
            {"CHARSET shift_jis SUBJECT " + literal("\x8a\xf9"), ""},
            {"HEADER SUBJECT " + literal("=?koi8-r"), ""}});
}

TEST_F(SearchCharset, FoldingIsWiderThanAscii) {
    bed.deliver("alice",
                mail("x", "text/plain; charset=utf-8", "Straße Σίσυφος ﬁn ＡＢＣ ıstanbul"));
    expect({{"BODY " + literal("sisyphos"), ""},
            {"BODY STRASSE", "1"},
            {"BODY " + literal("ΣΊΣΥΦΟΣ"), "1"},
            {"BODY FIN", "1"},
            {"BODY abc", "1"},
            {"BODY ISTANBUL", "1"}});
}

// The match lies across the edge of two pieces that are read, and a part that holds no text is not
// read at all; what is asked of the body alone is not found in the header.
TEST_F(SearchCharset, StreamsLargeMessages) {
    for (std::size_t shift : {0u, 3u, 7u, 8u}) {
        std::string head =
            "From: a@x.test\r\nSubject: needle\r\nMIME-Version: 1.0\r\n"
            "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\n";
        std::string text = head + std::string(search_piece_bytes - head.size() - shift, 'x');
        text += "haystack\r\n--b\r\nContent-Type: application/octet-stream\r\n\r\n";
        text += std::string(3 * search_piece_bytes, 'y') + "hidden\r\n--b\r\n\r\nthe end\r\n";
        bed.deliver("alice", text + "--b--\r\n");
    }
    expect({{"BODY hidden", ""},
            {"BODY needle", ""},
            {"BODY xhaystackx", ""},
            {"TEXT needle", "1 2 3 4"},
            {"BODY HAYSTACK", "1 2 3 4"},
            {"BODY \"the END\"", "1 2 3 4"},
            {"OR BODY absent TEXT needle BODY end", "1 2 3 4"}});
}

}  // namespace
}  // namespace postern::imap
