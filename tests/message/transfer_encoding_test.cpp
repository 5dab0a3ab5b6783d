// Transfer encodings: damaged input first, RFC 2045 §6.7 and §6.8, and every way to cut the stream.
#include "message/transfer_encoding.hpp"

#include <gtest/gtest.h>

namespace postern::message {
namespace {

std::string decode(TransferEncoding encoding, std::string_view text, std::size_t cut = 0) {
    std::string out;
    TransferDecoder decoder(encoding);
    decoder.feed(text.substr(0, cut), out);
    decoder.feed(text.substr(cut), out);
    decoder.finish(out);
    return out;
}

std::string qp(std::string_view text) {
    return decode(TransferEncoding::quoted_printable, text);
}
std::string b64(std::string_view text) {
    return decode(TransferEncoding::base64, text);
}

}  // namespace

TEST(TransferEncoding, DamagedQuotedPrintable) {
    EXPECT_EQ(qp("=ZZ=4x="), "=ZZ=4x");
    EXPECT_EQ(qp("=4"), "=4");
    EXPECT_EQ(qp("=="), "=");
    EXPECT_EQ(qp("==41"), "=A");
    EXPECT_EQ(qp("=4=41"), "=4A");
    EXPECT_EQ(qp("a= b"), "a= b");
    EXPECT_EQ(qp("=41=4\r\n"), "A=4\r\n");
    EXPECT_EQ(qp(std::string(10'000, ' ') + "x").size(), 10'001u);
    EXPECT_EQ(qp("=" + std::string(10'000, ' ') + "x").size(), 10'002u);
}

// RFC 2045 §6.7
TEST(TransferEncoding, QuotedPrintable) {
    EXPECT_EQ(qp("Now's the time =\r\nfor all folk to come=\r\n to the aid of their country."),
              "Now's the time for all folk to come to the aid of their country.");
    EXPECT_EQ(qp("trailing \t\r\nblank=20\r\n=3D=3d\n"), "trailing\r\nblank \r\n==\n");
    EXPECT_EQ(qp("soft=  \r\nbreak=\nlf"), "softbreaklf");
    EXPECT_EQ(qp("end  "), "end");
    EXPECT_EQ(qp("J=C3=B8rn"), "Jørn");
}

TEST(TransferEncoding, Base64) {
    EXPECT_EQ(b64(""), "");
    EXPECT_EQ(b64("Zm9v\r\nYm Fy!"), "foobar");
    EXPECT_EQ(b64("Zg==\r\nZg=="), "ff");
    EXPECT_EQ(b64("Zm9vYg"), "foob");
    EXPECT_EQ(b64("\x80\xff=Z"), "");
}

TEST(TransferEncoding, CutAnywhere) {
    std::string_view quoted = "a =\r\nb=3D \t\r\n=C3=B8 =ZZ = \n\r\n=";
    std::string_view base64 = "SWYg\r\neW91IGNhbg==\r\n";
    for (std::size_t cut = 0; cut <= quoted.size(); ++cut) {
        EXPECT_EQ(decode(TransferEncoding::quoted_printable, quoted, cut),
                  "a b=\r\n\xc3\xb8 =ZZ \r\n");
    }
    for (std::size_t cut = 0; cut <= base64.size(); ++cut) {
        EXPECT_EQ(decode(TransferEncoding::base64, base64, cut), "If you can");
    }
}

TEST(TransferEncoding, Names) {
    EXPECT_EQ(parse_transfer_encoding("x-uuencode"), TransferEncoding::unknown);
    EXPECT_EQ(parse_transfer_encoding(" BASE64 (really)"), TransferEncoding::base64);
    EXPECT_EQ(parse_transfer_encoding("Quoted-Printable"), TransferEncoding::quoted_printable);
    for (std::string_view same : {"", "7bit", "8BIT", "binary"}) {
        EXPECT_EQ(parse_transfer_encoding(same), TransferEncoding::identity);
    }
    EXPECT_EQ(decode(TransferEncoding::unknown, "=41"), "=41");
}

}  // namespace postern::message
