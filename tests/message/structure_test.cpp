// The MIME tree: broken multiparts first, then hostile sizes, RFC 2046 §5.1.1 and the example of
// RFC 3501 §6.4.5. Part bodies of the broken ones are those Python's email.parser
// gives, but that a multipart without parts is text here and that the innermost of two multiparts
// with one boundary gets it.
#include "message/structure.hpp"

#include <gtest/gtest.h>

#include "message/facts.hpp"
#include "message/limits.hpp"

namespace postern::message {
namespace {

// The tree as "type/subtype[body]" with children in parentheses; line counts after a colon.
void show_part(std::string_view message, const Structure& s, std::size_t i, std::string& out) {
    const Part& part = s.parts[i];
    out += part.type + "/" + part.subtype;
    if (part.kind == PartKind::multipart || part.kind == PartKind::message) {
        out += "(";
        for (std::size_t c = i + 1; c < part.subtree_end; c = s.parts[c].subtree_end) {
            if (c != i + 1) out += " ";
            show_part(message, s, c, out);
        }
        out += ")";
        return;
    }
    out += "[" + std::string(message.substr(part.body_offset, part.body_size)) +
           "]:" + std::to_string(part.body_lines);
}

std::string show_structure(std::string_view message) {
    std::string out;
    show_part(message, parse_structure(message), 0, out);
    return out;
}

const std::string mixed_head = "Content-Type: multipart/mixed; boundary=b\r\n\r\n";

}  // namespace

TEST(Structure, NotMime) {
    EXPECT_EQ(show_structure(""), "text/plain[]:0");
    EXPECT_EQ(show_structure("\r\n"), "text/plain[]:0");
    EXPECT_EQ(show_structure("A: b"), "text/plain[]:0");
    EXPECT_EQ(show_structure("A: b\r\n\r\n--b\r\nbody"), "text/plain[--b\r\nbody]:2");
    EXPECT_EQ(show_structure("Content-Type: nonsense\n\nx\n"), "text/plain[x\n]:1");
}

TEST(Structure, BrokenMultiparts) {
    EXPECT_EQ(show_structure("Content-Type: multipart/mixed\r\n\r\n--\r\nx"),
              "text/plain[--\r\nx]:2");
    EXPECT_EQ(show_structure(mixed_head + "no boundary ever\r\n"),
              "text/plain[no boundary ever\r\n]:1");
    EXPECT_EQ(show_structure(mixed_head + "--b--\r\n"), "text/plain[--b--\r\n]:1");
    EXPECT_EQ(show_structure(mixed_head + "--b"), "multipart/mixed(text/plain[]:0)");
    EXPECT_EQ(show_structure(mixed_head + "--b\r\n\r\none"), "multipart/mixed(text/plain[one]:1)");
    EXPECT_EQ(show_structure(mixed_head + "--b\r\n\r\none\r\n--b\r\n--b--"),
              "multipart/mixed(text/plain[one]:1 text/plain[]:0)");
    EXPECT_EQ(show_structure(mixed_head +
                             "--b\r\nContent-Type: a/b\r\n--b\r\n\r\ntwo\r\n--b--\r\nepilogue"),
              "multipart/mixed(a/b[]:0 text/plain[two]:1)");
    EXPECT_EQ(show_structure(mixed_head + "--b\n\none\n--b--\n--b\n\nafter the end\n--b--\n"),
              "multipart/mixed(text/plain[one]:1)");
    EXPECT_EQ(show_structure(mixed_head + "--b \t\r\n\r\n--bb\r\n --b\r\n--b-\r\n\r\n--b-- \r\n"),
              "multipart/mixed(text/plain[--bb\r\n --b\r\n--b-\r\n]:3)");
}

// A boundary that is the beginning of another, a missing end boundary, the same one twice.
TEST(Structure, NestedBoundaries) {
    std::string inner = "--b\r\nContent-Type: multipart/alternative; boundary=\"b2\"\r\n\r\n";
    EXPECT_EQ(
        show_structure(mixed_head + inner + "--b2\r\n\r\nx\r\n--b2--\r\n--b\r\n\r\ny\r\n--b--\r\n"),
        "multipart/mixed(multipart/alternative(text/plain[x]:1) text/plain[y]:1)");
    EXPECT_EQ(show_structure(mixed_head + inner + "--b2\r\n\r\nx\r\n--b\r\n\r\ny\r\n--b--\r\n"),
              "multipart/mixed(multipart/alternative(text/plain[x]:1) text/plain[y]:1)");
    EXPECT_EQ(show_structure(mixed_head + "--b\r\n" + mixed_head +
                             "--b\r\n\r\nx\r\n--b--\r\n--b\r\n\r\ny\r\n--b--"),
              "multipart/mixed(multipart/mixed(text/plain[x]:1) text/plain[y]:1)");
    EXPECT_EQ(
        show_structure(
            "Content-Type: multipart/mixed; boundary=\"b--\"\r\n\r\n--b--\r\n\r\nx\r\n--b----\r\n"),
        "multipart/mixed(text/plain[x]:1)");
}

TEST(Structure, Messages) {
    EXPECT_EQ(show_structure("Content-Type: message/rfc822\r\n\r\nSubject: in\r\n\r\nx\r\n"),
              "message/rfc822(text/plain[x\r\n]:1)");
    EXPECT_EQ(show_structure("Content-Type: message/rfc822\r\n"), "message/rfc822(text/plain[]:0)");
    EXPECT_EQ(show_structure(mixed_head + "--b\r\nContent-Type: message/rfc822\r\n--b--"),
              "multipart/mixed(message/rfc822(text/plain[]:0))");
    EXPECT_EQ(
        show_structure(
            "Content-Type: multipart/digest; boundary=b\r\n\r\n--b\r\n\r\nSubject: 1\r\n\r\nx\r\n"
            "--b\r\nContent-Type: text/html\r\n\r\ny\r\n--b--\r\n"),
        "multipart/digest(message/rfc822(text/plain[x]:1) text/html[y]:1)");
    auto s =
        parse_structure("Subject: out\r\nContent-Type: message/rfc822\r\n\r\nSubject: in\r\n\r\nx");
    ASSERT_EQ(s.envelopes.size(), 2u);
    EXPECT_EQ(s.envelopes[0].subject, "out");
    EXPECT_EQ(s.envelopes[s.parts[1].envelope].subject, "in");
    EXPECT_EQ(s.parts[0].body_lines, 3u);
}

TEST(Structure, DepthLimit) {
    auto nested = [](std::size_t containers) {
        std::string text;
        for (std::size_t i = 0; i < containers; ++i) text += "Content-Type: message/rfc822\r\n\r\n";
        return parse_structure(text + "Subject: x\r\n\r\nbody");
    };
    EXPECT_EQ(nested(mime_depth_max).parts.back().subtype, "plain");
    EXPECT_EQ(nested(mime_depth_max).parts.back().depth, mime_depth_max);
    Structure deep = nested(mime_depth_max + 1);
    EXPECT_EQ(deep.parts.back().subtype, "octet-stream");
    EXPECT_EQ(deep.parts.back().depth, mime_depth_max);
    EXPECT_EQ(deep.parts.back().kind, PartKind::leaf);
    std::string multi;
    for (int i = 0; i < 1000; ++i) {
        multi += "Content-Type: multipart/mixed; boundary=b" + std::to_string(i) + "\r\n\r\n--b" +
                 std::to_string(i) + "\r\n";
    }
    EXPECT_EQ(parse_structure(multi).parts.size(), mime_depth_max + 1);
}

TEST(Structure, PartCountLimit) {
    auto parts = [](std::size_t count) {
        std::string text = mixed_head;
        for (std::size_t i = 0; i < count; ++i) text += "--b\r\n\r\nx\r\n";
        return parse_structure(text).parts.size();
    };
    EXPECT_EQ(parts(mime_parts_max - 2), mime_parts_max - 1);
    EXPECT_EQ(parts(mime_parts_max - 1), mime_parts_max);
    EXPECT_EQ(parts(mime_parts_max), mime_parts_max);
}

// Parts cost memory even when they are small: text of parts is bounded as a whole.
TEST(Structure, TextBudget) {
    std::string text = mixed_head;
    std::string to = "To: ";
    for (int i = 0; i < 5000; ++i) to += "a,";
    for (int i = 0; i < 100; ++i)
        text += "--b\r\nContent-Type: message/rfc822\r\n\r\n" + to + "\r\n\r\nx\r\n";
    Structure s = parse_structure(text);
    std::size_t addresses = 0;
    for (const Envelope& envelope : s.envelopes) addresses += envelope.to.size();
    EXPECT_GT(addresses, 0u);
    EXPECT_LT(addresses, structure_text_bytes_max / 32);
    EXPECT_EQ(s.parts.back().subtype, "octet-stream");
}

// A megabyte of lines that look like boundaries beneath a hundred open multiparts.
TEST(Structure, ManyBoundaryLikeLinesUnderManyBoundaries) {
    std::string text;
    for (int i = 0; i < 100; ++i) {
        std::string boundary = std::string(60, 'b') + std::to_string(i);
        text += "Content-Type: multipart/mixed; boundary=" + boundary + "\r\n\r\n--" + boundary +
                "\r\n";
    }
    std::string line = "--" + std::string(60, 'b') + "\n";
    while (text.size() < 1024 * 1024) text += line;
    Structure s = parse_structure(text);
    EXPECT_EQ(s.parts.size(), 101u);
    EXPECT_EQ(s.parts[0].body_offset + s.parts[0].body_size, text.size());
}

// RFC 2046 §5.1.1: the example of a multipart, with preamble and epilogue.
TEST(Structure, Rfc2046Example) {
    std::string text =
        "From: Nathaniel Borenstein <nsb@bellcore.com>\r\nMIME-Version: 1.0\r\n"
        "Content-type: multipart/mixed; boundary=\"simple boundary\"\r\n\r\n"
        "This is the preamble.  It is to be ignored.\r\n\r\n--simple boundary\r\n\r\n"
        "This is implicitly typed plain US-ASCII text.\r\nIt does NOT end with a linebreak.\r\n"
        "--simple boundary\r\nContent-type: text/plain; charset=us-ascii\r\n\r\n"
        "This is explicitly typed plain US-ASCII text.\r\nIt DOES end with a linebreak.\r\n\r\n"
        "--simple boundary--\r\n\r\nThis is the epilogue.  It is also to be ignored.\r\n";
    EXPECT_EQ(show_structure(text),
              "multipart/mixed("
              "text/plain[This is implicitly typed plain US-ASCII text.\r\nIt does NOT end with a "
              "linebreak.]:2 "
              "text/plain[This is explicitly typed plain US-ASCII text.\r\nIt DOES end with a "
              "linebreak.\r\n]:2)");
}

}  // namespace postern::message
