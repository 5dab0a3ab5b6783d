// Facts: flags, the envelope's defaults, and the durable form: every truncation and every flipped
// byte must be an error, and so must records whose checksum is right and whose tree is not.
#include "message/facts.hpp"

#include <gtest/gtest.h>

#include "base/checksum.hpp"

namespace postern::message {
namespace {

const std::string sample =
    "From: A <a@b>, g: c@d;\r\nTo: x@y\r\nTo: z@y\r\nSubject: =?utf-8?q?s?=\r\n"
    "Content-Type: multipart/mixed; boundary=b\r\n\r\n"
    "--b\r\nContent-Type: text/plain; charset=utf-8; name*=utf-8''%41\r\nContent-ID: <i@d>\r\n"
    "Content-Description: d\r\nContent-MD5: m\r\nContent-Location: l\r\nContent-Language: de, "
    "en\r\n"
    "Content-Disposition: attachment; filename=f\r\nContent-Transfer-Encoding: 8bit\r\n\r\nbody\r\n"
    "--b\r\nContent-Type: message/rfc822\r\n\r\nSubject: inner\r\n\r\ntext\r\n--b--\r\n";

// `bytes` without its checksum, given a right one.
std::string seal(std::string bytes) {
    std::uint32_t checksum = crc32c(bytes);
    for (int shift = 0; shift < 32; shift += 8) bytes += char(checksum >> shift & 0xff);
    return bytes;
}

}  // namespace

TEST(Facts, DamageIsCorrupt) {
    std::string bytes = encode_facts(compute_facts(sample));
    for (std::size_t size = 0; size < bytes.size(); ++size) {
        auto facts = decode_facts(std::string_view(bytes).substr(0, size));
        ASSERT_FALSE(facts);
        EXPECT_EQ(facts.error().code, ErrorCode::corrupt);
    }
    for (std::size_t at = 0; at < bytes.size(); ++at) {
        std::string damaged = bytes;
        damaged[at] = char(damaged[at] ^ 0x10);
        EXPECT_FALSE(decode_facts(damaged)) << at;
    }
    EXPECT_FALSE(decode_facts(bytes + "x"));
}

// With a right checksum nothing is believed either; whatever decodes encodes to the same bytes.
TEST(Facts, HostileRecords) {
    std::string bytes = encode_facts(compute_facts(sample));
    bytes.resize(bytes.size() - 4);
    for (std::size_t at = 4; at < bytes.size(); ++at) {
        for (int flip : {0x01, 0x02, 0x04, 0x10, 0x40, 0x80, 0xff}) {
            std::string hostile = bytes;
            hostile[at] = char(hostile[at] ^ flip);
            hostile = seal(hostile);
            auto facts = decode_facts(hostile);
            if (facts) {
                ASSERT_EQ(encode_facts(*facts), hostile) << at;
            }
        }
    }
    EXPECT_FALSE(decode_facts(seal(std::string("PMF2\0\0\0\0\0\0", 10))));  // no parts
    EXPECT_FALSE(decode_facts(seal("PMF2" + std::string(200, '\xff'))));
    EXPECT_FALSE(decode_facts(seal("PMF1" + bytes.substr(4))));
}

// A container without children, and what else breaks the tree of one small part.
TEST(Facts, UnsoundTrees) {
    std::string bytes = encode_facts(compute_facts("A: b\r\n\r\nx\r\n"));
    bytes.resize(bytes.size() - 4);
    // Magic, three varints of a byte each, flags, number of parts; then the part.
    constexpr std::size_t kind = 9, depth = 10, subtree_end = 11, envelope = 12, body_size = 16;
    auto decodes = [&](std::size_t at, int value) {
        std::string changed = bytes;
        changed[at] = char(value);
        return decode_facts(seal(changed)).has_value();
    };
    EXPECT_TRUE(decodes(kind, int(PartKind::text)));
    EXPECT_FALSE(decodes(kind, int(PartKind::multipart)));
    EXPECT_FALSE(decodes(kind, int(PartKind::message)));
    EXPECT_FALSE(decodes(depth, 1));
    EXPECT_FALSE(decodes(subtree_end, 0));
    EXPECT_FALSE(decodes(subtree_end, 2));
    EXPECT_FALSE(decodes(envelope, 0));
    EXPECT_FALSE(decodes(envelope, 2));
    EXPECT_TRUE(decodes(body_size, 3));
    EXPECT_FALSE(decodes(body_size, 4));
}

TEST(Facts, RoundTrip) {
    for (std::string_view message : {std::string_view(""), std::string_view(sample),
                                     std::string_view("\r\n.\r\n"), std::string_view("a\0b", 3)}) {
        Facts facts = compute_facts(message);
        auto again = decode_facts(encode_facts(facts));
        ASSERT_TRUE(again);
        EXPECT_EQ(*again, facts);
    }
}

TEST(Facts, Flags) {
    struct Case {
        std::string_view message;
        bool dot, clean, eight, nul;
        std::uint64_t lines;
    };
    const Case cases[] = {{"", false, true, false, false, 0},
                          {"a: b\r\n\r\nx\r\n", false, true, false, false, 3},
                          {"a: b\r\n\r\n.x\r\n", true, true, false, false, 3},
                          {".", true, false, false, false, 1},
                          {"x.y\r\n", false, true, false, false, 1},
                          {"x\ny\r\n", false, false, false, false, 2},
                          {"x\ry\r\n", false, false, false, false, 1},
                          {"x\r\r\n", false, false, false, false, 1},
                          {"x", false, false, false, false, 1},
                          {"\xc3\xa9\r\n", false, true, true, false, 1},
                          {std::string_view("\0\r\n", 3), false, true, false, true, 1}};
    for (const Case& c : cases) {
        Facts facts = compute_facts(c.message);
        EXPECT_EQ(facts.has_dot_line, c.dot) << c.message;
        EXPECT_EQ(facts.clean_crlf, c.clean) << c.message;
        EXPECT_EQ(facts.has_8bit, c.eight) << c.message;
        EXPECT_EQ(facts.has_nul, c.nul) << c.message;
        EXPECT_EQ(facts.lines, c.lines) << c.message;
        EXPECT_EQ(facts.size, c.message.size());
    }
    EXPECT_EQ(compute_facts("a: b\r\n\r\nbody").header_size, 8u);
}

// RFC 3501 §7.4.2, RFC 5322 §4.5.3
TEST(Envelope, DefaultsAndRepeatedFields) {
    Envelope e = parse_envelope(
        "From: a@b\r\nFrom: second@b\r\nSender:\r\nTo: c@d\r\nTo: e@f\r\nSubject:\r\nMessage-Id: "
        "<1>\r\n"
        "Cc: \r\n\r\nBcc: body@not.header\r\n");
    ASSERT_EQ(e.from.size(), 1u);
    EXPECT_EQ(e.sender, e.from);
    EXPECT_EQ(e.reply_to, e.from);
    EXPECT_EQ(e.to.size(), 2u);
    EXPECT_TRUE(e.cc.empty() && e.bcc.empty());
    EXPECT_EQ(e.subject, "");
    EXPECT_EQ(e.message_id, "<1>");
    EXPECT_FALSE(e.date);
    EXPECT_FALSE(e.in_reply_to);
}

}  // namespace postern::message
