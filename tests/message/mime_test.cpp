// MIME fields: unreadable ones first, RFC 2045 §5.1, RFC 2183 §3, RFC 2231 §3 and §4. File names
// are those Python's get_filename() gives, but that the extended form is preferred to the plain
// one, sections end at a gap, and encoded words are decoded.
#include "message/mime.hpp"

#include <gtest/gtest.h>

#include "message/limits.hpp"

namespace postern::message {
namespace {

std::string show_type(std::string_view value) {
    ContentType type = parse_content_type(value);
    std::string out = type.type + "/" + type.subtype;
    for (const Parameter& p : type.parameters) {
        out += "; " + p.name + (p.extended ? "*=" : "=") + p.value;
    }
    return out;
}

std::string file_name(std::string_view value) {
    auto disposition = parse_disposition(value);
    if (!disposition) return "none";
    const Parameter* parameter = find_parameter(disposition->parameters, "filename");
    return parameter ? decode_parameter(*parameter) : "none";
}

}  // namespace

TEST(ContentType, UnreadableIsPlainText) {
    for (std::string_view bad :
         {"", "text", "/plain", "text/", "text plain", ";charset=x", "(", "\"text\"/plain"}) {
        EXPECT_EQ(show_type(bad), "text/plain; charset=us-ascii") << bad;
    }
}

TEST(ContentType, BadParametersAreLeftOut) {
    EXPECT_EQ(show_type("a/b; ;; c; =d; e=; f=g"), "a/b; e=; f=g");
    EXPECT_EQ(show_type("a/b; c=\"d"), "a/b; c=d");
    EXPECT_EQ(show_type("a/b; c=\"d\"junk; e=f"), "a/b; c=d; e=f");
    EXPECT_EQ(show_type("a/b charset=x; y=z"), "a/b; charset=x; y=z");
    EXPECT_EQ(show_type("a/b; x*1=late; y=z"), "a/b; y=z");
    EXPECT_EQ(show_type("a/b; x*99999=far; *=a; **=b"), "a/b; x*99999=far");
    std::string many = "a/b";
    for (std::size_t i = 0; i < mime_parameters_max + 1; ++i)
        many += ";p" + std::to_string(i) + "=1";
    EXPECT_EQ(parse_content_type(many).parameters.size(), mime_parameters_max);
}

// RFC 2045 §5.1
TEST(ContentType, Forms) {
    EXPECT_EQ(show_type("text/plain; charset=us-ascii (Plain text)"),
              "text/plain; charset=us-ascii");
    EXPECT_EQ(show_type("text/plain; charset=\"us-ascii\""), "text/plain; charset=us-ascii");
    EXPECT_EQ(show_type(" Multipart / Mixed ;\r\n\tBoundary=\"a \\\"b\""),
              "Multipart/Mixed; Boundary=a \"b");
    EXPECT_EQ(show_type("image/gif; name=my cat.gif; x=y"), "image/gif; name=my cat.gif; x=y");
    EXPECT_EQ(show_type("a/b; boundary=foo/bar=?:"), "a/b; boundary=foo/bar=?:");
    EXPECT_EQ(find_parameter(parse_content_type("a/b; CHARSET=x").parameters, "charset")->value,
              "x");
}

// RFC 2231 §3, §4, §4.1
TEST(Parameters, Rfc2231Examples) {
    EXPECT_EQ(show_type("message/external-body; access-type=URL;\r\n URL*0=\"ftp://\";\r\n"
                        " URL*1=\"cs.utk.edu/pub/moore/bulk-mailer/bulk-mailer.tar\""),
              "message/external-body; access-type=URL; "
              "URL=ftp://cs.utk.edu/pub/moore/bulk-mailer/bulk-mailer.tar");
    ContentType type = parse_content_type(
        "application/x-stuff;\r\n title*=us-ascii'en-us'This%20is%20%2A%2A%2Afun%2A%2A%2A");
    EXPECT_EQ(decode_parameter(type.parameters.at(0)), "This is ***fun***");
    type = parse_content_type(
        "application/x-stuff\r\n title*0*=us-ascii'en'This%20is%20even%20more%20\r\n"
        " title*1*=%2A%2A%2Afun%2A%2A%2A%20\r\n title*2=\"isn't it!\"");
    // The example lacks its semicolons; each line ends the value before it.
    type = parse_content_type(
        "application/x-stuff;\r\n title*0*=us-ascii'en'This%20is%20even%20more%20;\r\n"
        " title*1*=%2A%2A%2Afun%2A%2A%2A%20;\r\n title*2=\"isn't it!\"");
    ASSERT_EQ(type.parameters.size(), 1u);
    EXPECT_EQ(type.parameters[0].value,
              "us-ascii'en'This%20is%20even%20more%20%2A%2A%2Afun%2A%2A%2A%20isn%27t%20it!");
    EXPECT_EQ(decode_parameter(type.parameters[0]), "This is even more ***fun*** isn't it!");
}

TEST(Parameters, FileNames) {
    EXPECT_EQ(file_name(""), "none");
    EXPECT_EQ(file_name("attachment"), "none");
    EXPECT_EQ(
        file_name("attachment; filename=genome.jpeg;\r\n modification-date=\"Wed, 12 Feb 1997 "
                  "16:29:51 -0500\""),
        "genome.jpeg");
    EXPECT_EQ(file_name("attachment; filename=\"a.txt\"; filename*=utf-8''%e2%98%ba.txt"), "☺.txt");
    EXPECT_EQ(file_name("attachment; filename*1=b; filename*0=a; filename*3=d"), "ab");
    EXPECT_EQ(file_name("attachment; filename=\"=?utf-8?Q?=E2=98=BA?=.txt\""), "☺.txt");
    EXPECT_EQ(file_name("attachment; filename*=no quotes%20here"), "no quotes here");
    EXPECT_EQ(file_name("attachment; filename*=iso-8859-1'de'%fcber%"), "über%");
    EXPECT_EQ(file_name("attachment; filename*0*=''a%20; filename*1=b%20"), "a b%20");
}

TEST(Languages, List) {
    EXPECT_EQ(parse_languages("de, en-GB (British)"), (std::vector<std::string>{"de", "en-GB"}));
    EXPECT_TRUE(parse_languages("").empty());
    EXPECT_EQ(parse_languages(",,;a").size(), 1u);
}

TEST(EncodingToken, Forms) {
    EXPECT_EQ(parse_encoding_token(" (x) base64 junk"), "base64");
    EXPECT_EQ(parse_encoding_token(""), "");
}

}  // namespace postern::message
