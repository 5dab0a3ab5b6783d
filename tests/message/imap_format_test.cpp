// IMAP's view: strings that need care first, RFC 3501 §7.4.2 and §8, and the part numbers of
// RFC 3501 §6.4.5.
#include "message/imap_format.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace postern::message {
namespace {

// RFC 3501 §8, whose header is 342 bytes there as here; the body is of the size it names.
std::string rfc3501_message() {
    std::string text =
        "Date: Wed, 17 Jul 1996 02:23:25 -0700 (PDT)\r\n"
        "From: Terry Gray <gray@cac.washington.edu>\r\n"
        "Subject: IMAP4rev1 WG mtg summary and minutes\r\n"
        "To: imap@cac.washington.edu\r\n"
        "cc: minutes@CNRI.Reston.VA.US, John Klensin <KLENSIN@MIT.EDU>\r\n"
        "Message-Id: <B27397-0100000@cac.washington.edu>\r\n"
        "MIME-Version: 1.0\r\n"
        "Content-Type: TEXT/PLAIN; CHARSET=US-ASCII\r\n\r\n";
    for (int i = 0; i < 91; ++i) text += std::string(31, 'x') + "\r\n";
    return text + std::string(3028 - 91 * 33 - 2, 'y') + "\r\n";
}

std::string part(std::string_view boundary, std::string_view header, std::string_view body) {
    return "--" + std::string(boundary) + "\r\n" + std::string(header) + "\r\n" +
           std::string(body) + "\r\n";
}

// The message whose parts RFC 3501 §6.4.5 numbers; each leaf holds its own number.
std::string numbered_message() {
    std::string three = "Subject: three\r\nContent-Type: multipart/mixed; boundary=c\r\n\r\n" +
                        part("c", "", "3.1") +
                        part("c", "Content-Type: application/octet-stream\r\n", "3.2") +
                        "--c--\r\n";
    std::string alternative = part("f", "", "4.2.2.1") +
                              part("f", "Content-Type: text/richtext\r\n", "4.2.2.2") + "--f--\r\n";
    std::string four_two =
        "Subject: four two\r\nContent-Type: multipart/mixed; boundary=e\r\n\r\n" +
        part("e", "", "4.2.1") +
        part("e", "Content-Type: multipart/alternative; boundary=f\r\n", alternative) + "--e--\r\n";
    std::string four = part("d", "Content-Type: image/gif\r\n", "4.1") +
                       part("d", "Content-Type: message/rfc822\r\n", four_two) + "--d--\r\n";
    return "Subject: top\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n" +
           part("b", "", "1") + part("b", "Content-Type: application/octet-stream\r\n", "2") +
           part("b", "Content-Type: message/rfc822\r\n", three) +
           part("b", "Content-Type: multipart/mixed; boundary=d\r\n", four) + "--b--\r\n";
}

std::string section(const std::string& message, std::vector<std::uint32_t> numbers,
                    SectionText text = SectionText::all) {
    auto range = find_section(compute_facts(message), numbers, text);
    return range ? message.substr(range->offset, range->size) : "NIL";
}

std::string structure_of(std::string_view message) {
    return format_body(compute_facts(message), BodyForm::body_structure);
}

}  // namespace

TEST(ImapString, WhatCannotBeQuoted) {
    EXPECT_EQ(format_string(""), "\"\"");
    EXPECT_EQ(format_string("a\"b\\"), "\"a\\\"b\\\\\"");
    EXPECT_EQ(format_string("a\r\nb"), "{4}\r\na\r\nb");
    EXPECT_EQ(format_string("\xc3\xa9"), "{2}\r\n\xc3\xa9");
    EXPECT_EQ(format_string(std::string_view("a\0\x80", 3)), "{3}\r\na?\x80");
    EXPECT_EQ(format_string(std::string_view("a\0", 2)), "\"a?\"");
    EXPECT_EQ(format_string(std::string(1000, 'x')).front(), '"');
    EXPECT_EQ(format_string(std::string(1001, 'x')).substr(0, 8), "{1001}\r\n");
    EXPECT_EQ(format_nstring(std::nullopt), "NIL");
}

TEST(ImapEnvelope, BrokenMessages) {
    EXPECT_EQ(format_envelope(compute_facts("")), "(NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL)");
    EXPECT_EQ(
        format_envelope(compute_facts("From: root\r\nSubject:\r\n\r\n")),
        "(NIL \"\" ((NIL NIL \"root\" \"\")) ((NIL NIL \"root\" \"\")) ((NIL NIL \"root\" \"\")) "
        "NIL NIL NIL NIL NIL)");
}

// RFC 3501 §8
TEST(ImapEnvelope, Rfc3501Example) {
    std::string message = rfc3501_message();
    Facts facts = compute_facts(message);
    EXPECT_EQ(facts.header_size, 342u);
    EXPECT_EQ(format_envelope(facts),
              "(\"Wed, 17 Jul 1996 02:23:25 -0700 (PDT)\" \"IMAP4rev1 WG mtg summary and minutes\" "
              "((\"Terry Gray\" NIL \"gray\" \"cac.washington.edu\")) "
              "((\"Terry Gray\" NIL \"gray\" \"cac.washington.edu\")) "
              "((\"Terry Gray\" NIL \"gray\" \"cac.washington.edu\")) "
              "((NIL NIL \"imap\" \"cac.washington.edu\")) "
              "((NIL NIL \"minutes\" \"CNRI.Reston.VA.US\")"
              "(\"John Klensin\" NIL \"KLENSIN\" \"MIT.EDU\")) NIL NIL "
              "\"<B27397-0100000@cac.washington.edu>\")");
    EXPECT_EQ(format_body(facts, BodyForm::body),
              "(\"TEXT\" \"PLAIN\" (\"CHARSET\" \"US-ASCII\") NIL NIL \"7BIT\" 3028 92)");
}

// RFC 3501 §7.4.2: groups and routes
TEST(ImapEnvelope, GroupsAndRoutes) {
    std::string envelope =
        format_envelope(compute_facts("From: <@r:a@b>\r\nTo: A Group:Ed <c@d>;, empty:;\r\n\r\n"));
    EXPECT_NE(envelope.find("((NIL \"@r\" \"a\" \"b\"))"), std::string::npos);
    EXPECT_NE(envelope.find("((NIL NIL \"A Group\" NIL)(\"Ed\" NIL \"c\" \"d\")(NIL NIL NIL NIL)"
                            "(NIL NIL \"empty\" NIL)(NIL NIL NIL NIL))"),
              std::string::npos);
}

// RFC 3501 §7.4.2: a text and a base64 attachment
TEST(ImapBody, Rfc3501TwoParts) {
    std::string message =
        "Content-Type: multipart/mixed; boundary=b\r\n\r\n" +
        part("b", "Content-Type: TEXT/PLAIN; CHARSET=US-ASCII\r\n", "text") +
        part("b",
             "Content-Type: TEXT/PLAIN; CHARSET=US-ASCII; NAME=cc.diff\r\n"
             "Content-ID: <960723163407.20117h@cac.washington.edu>\r\n"
             "Content-Description: Compiler diff\r\nContent-Transfer-Encoding: BASE64\r\n",
             "Zg==") +
        "--b--\r\n";
    EXPECT_EQ(format_body(compute_facts(message), BodyForm::body),
              "((\"TEXT\" \"PLAIN\" (\"CHARSET\" \"US-ASCII\") NIL NIL \"7BIT\" 4 1)"
              "(\"TEXT\" \"PLAIN\" (\"CHARSET\" \"US-ASCII\" \"NAME\" \"cc.diff\") "
              "\"<960723163407.20117h@cac.washington.edu>\" \"Compiler diff\" \"BASE64\" 4 1) "
              "\"mixed\")");
}

TEST(ImapBody, ExtensionData) {
    EXPECT_EQ(
        structure_of("\r\n"),
        "(\"text\" \"plain\" (\"charset\" \"us-ascii\") NIL NIL \"7BIT\" 0 0 NIL NIL NIL NIL)");
    EXPECT_EQ(structure_of(
                  "Content-Type: a/b; n*=utf-8''%41\r\nContent-MD5: m\r\nContent-Language: de\r\n"
                  "Content-Disposition: attachment; filename=\"f\"\r\nContent-Location: l\r\n\r\n"),
              "(\"a\" \"b\" (\"n*\" \"utf-8''%41\") NIL NIL \"7BIT\" 0 \"m\" "
              "(\"attachment\" (\"filename\" \"f\")) \"de\" \"l\")");
    EXPECT_EQ(
        structure_of("Content-Type: multipart/x; boundary=b\r\nContent-Language: de, en\r\n"
                     "Content-Disposition: inline\r\n\r\n--b\r\nContent-Type: c/d\r\n\r\n--b--"),
        "((\"c\" \"d\" NIL NIL NIL \"7BIT\" 0 NIL NIL NIL NIL) \"x\" (\"boundary\" \"b\") "
        "(\"inline\" NIL) (\"de\" \"en\") NIL)");
    EXPECT_EQ(
        structure_of("Content-Type: message/rfc822\r\n\r\nSubject: s\r\n\r\nx\r\n"),
        "(\"message\" \"rfc822\" NIL NIL NIL \"7BIT\" 17 "
        "(NIL \"s\" NIL NIL NIL NIL NIL NIL NIL NIL) "
        "(\"text\" \"plain\" (\"charset\" \"us-ascii\") NIL NIL \"7BIT\" 3 1 NIL NIL NIL NIL) 3 "
        "NIL NIL NIL NIL)");
}

// RFC 6532 §3.7, RFC 9051 §9 (media-message)
TEST(ImapBody, MessageGlobal) {
    Facts facts = compute_facts("Content-Type: message/global\r\n\r\nSubject: s\r\n\r\nx\r\n");
    EXPECT_EQ(format_body(facts, BodyForm::body),
              "(\"message\" \"global\" NIL NIL NIL \"7BIT\" 17)");
    EXPECT_EQ(format_body(facts, BodyForm::body, ImapRevision::rev2),
              "(\"message\" \"global\" NIL NIL NIL \"7BIT\" 17 "
              "(NIL \"s\" NIL NIL NIL NIL NIL NIL NIL NIL) "
              "(\"text\" \"plain\" (\"charset\" \"us-ascii\") NIL NIL \"7BIT\" 3 1) 3)");
    facts = compute_facts(
        "Content-Type: message/global\r\nContent-Transfer-Encoding: base64\r\n\r\nQTogYg==\r\n");
    EXPECT_EQ(facts.structure.parts.size(), 1u);
}

TEST(ImapSection, NoSuchPart) {
    std::string plain = "Subject: s\r\n\r\nbody";
    EXPECT_EQ(section(plain, {0}), "NIL");
    EXPECT_EQ(section(plain, {2}), "NIL");
    EXPECT_EQ(section(plain, {1, 1}), "NIL");
    EXPECT_EQ(section(plain, {1}, SectionText::header), "NIL");
    EXPECT_EQ(section(plain, {}, SectionText::mime), "NIL");
    std::string numbered = numbered_message();
    for (std::vector<std::uint32_t> bad : {std::vector<std::uint32_t>{5},
                                           {1, 1},
                                           {3, 3},
                                           {3, 0},
                                           {4, 2, 3},
                                           {4, 1, 1},
                                           {0xffffffff}}) {
        EXPECT_EQ(section(numbered, bad), "NIL");
    }
    EXPECT_EQ(section(numbered, {4}, SectionText::header), "NIL");
    EXPECT_EQ(section(numbered, {1}, SectionText::text), "NIL");
}

TEST(ImapSection, PlainMessage) {
    std::string plain = "Subject: s\r\n\r\nbody";
    EXPECT_EQ(section(plain, {}), plain);
    EXPECT_EQ(section(plain, {}, SectionText::header), "Subject: s\r\n\r\n");
    EXPECT_EQ(section(plain, {}, SectionText::text), "body");
    EXPECT_EQ(section(plain, {1}), "body");
    EXPECT_EQ(section(plain, {1}, SectionText::mime), "Subject: s\r\n\r\n");
    EXPECT_EQ(section("Content-Type: message/rfc822\r\n\r\nSubject: s\r\n\r\nx", {1, 1}), "x");
}

// RFC 3501 §6.4.5
TEST(ImapSection, NumberedParts) {
    std::string message = numbered_message();
    EXPECT_EQ(section(message, {1}), "1");
    EXPECT_EQ(section(message, {2}), "2");
    EXPECT_EQ(section(message, {3, 1}), "3.1");
    EXPECT_EQ(section(message, {3, 2}), "3.2");
    EXPECT_EQ(section(message, {4, 1}), "4.1");
    EXPECT_EQ(section(message, {4, 2, 1}), "4.2.1");
    EXPECT_EQ(section(message, {4, 2, 2, 1}), "4.2.2.1");
    EXPECT_EQ(section(message, {4, 2, 2, 2}), "4.2.2.2");
    EXPECT_EQ(section(message, {3}, SectionText::header).substr(0, 16), "Subject: three\r\n");
    EXPECT_EQ(section(message, {3}, SectionText::text).substr(0, 5), "--c\r\n");
    EXPECT_EQ(section(message, {3}).substr(0, 16), "Subject: three\r\n");
    EXPECT_EQ(section(message, {4, 1}, SectionText::mime), "Content-Type: image/gif\r\n\r\n");
    EXPECT_EQ(section(message, {4, 2}, SectionText::header).substr(0, 18), "Subject: four two\r");
    EXPECT_EQ(section(message, {3}, SectionText::mime), "Content-Type: message/rfc822\r\n\r\n");
    Facts facts = compute_facts(message);
    EXPECT_EQ(facts.structure.parts[*find_part(facts, std::vector<std::uint32_t>{4, 1})].subtype,
              "gif");
    EXPECT_FALSE(find_part(facts, {}));
}

}  // namespace postern::message
