// COMPRESS=DEFLATE: a compressed session, cut anywhere, with damage, and with very little that
// becomes very much. RFC 4978.
#include <gtest/gtest.h>
#include <zlib.h>

#include "bed.hpp"
#include "imap/deflate_layer.hpp"
#include "imap/limits.hpp"

namespace postern::imap {
namespace {

std::string deflated(const std::string& text) {
    z_stream stream{};
    EXPECT_EQ(deflateInit2(&stream, 9, Z_DEFLATED, -15, 9, Z_DEFAULT_STRATEGY), Z_OK);
    std::string out(text.size() + 1024, '\0');
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
    stream.avail_in = uInt(text.size());
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = uInt(out.size());
    EXPECT_EQ(deflate(&stream, Z_SYNC_FLUSH), Z_OK);
    out.resize(out.size() - stream.avail_out);
    deflateEnd(&stream);
    return out;
}

std::string inflated(const std::string& bytes) {
    z_stream stream{};
    EXPECT_EQ(inflateInit2(&stream, -15), Z_OK);
    std::string out;
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
    stream.avail_in = uInt(bytes.size());
    char piece[4096];
    do {
        stream.next_out = reinterpret_cast<Bytef*>(piece);
        stream.avail_out = sizeof(piece);
        int result = inflate(&stream, Z_SYNC_FLUSH);
        if (result != Z_OK && result != Z_BUF_ERROR) break;
        out.append(piece, sizeof(piece) - stream.avail_out);
    } while (stream.avail_out == 0);
    inflateEnd(&stream);
    return out;
}

constexpr std::string_view active = "b OK DEFLATE active\r\n";

// What the server said behind the tagged OK, decompressed.
std::string converse(Bed& bed, const std::string& commands, std::size_t piece_bytes) {
    std::string bytes = deflated(commands);
    std::vector<std::string> pieces{"a LOGIN alice secret\r\nb COMPRESS DEFLATE\r\n"};
    for (std::size_t at = 0; at < bytes.size(); at += piece_bytes) {
        pieces.push_back(bytes.substr(at, piece_bytes));
    }
    std::string said = bed.converse(std::move(pieces));
    std::size_t at = said.find(active);
    EXPECT_NE(at, std::string::npos) << said;
    return at == std::string::npos ? "" : inflated(said.substr(at + active.size()));
}

TEST(CompressDeflate, RefusedForms) {
    Bed bed;
    bed.play(R"(
        S: * OK ...
        C: a COMPRESS DEFLATE
        S: a BAD Command not allowed now
        C: a LOGIN alice secret
        S: a OK ...
        C: a COMPRESS
        S: a BAD ...
        C: a COMPRESS GZIP
        S: a BAD Unknown compression mechanism
        C: a COMPRESS DEFLATE x
        S: a BAD Unexpected extra arguments
    )");
}

TEST(CompressDeflate, ASessionCutAnywhere) {
    std::string expected;
    for (std::size_t piece : {100'000, 1, 3, 50}) {
        Bed bed;
        bed.deliver("alice", simple_message("one", std::string(100'000, 'x') + "\r\n"));
        std::string said = converse(bed,
                                    "c COMPRESS DEFLATE\r\nd EXAMINE INBOX\r\n"
                                    "e FETCH 1 BODY[]\r\nf LOGOUT\r\n",
                                    piece);
        EXPECT_TRUE(said.starts_with("c NO [COMPRESSIONACTIVE] ")) << said.substr(0, 100);
        EXPECT_NE(said.find(std::string(100'000, 'x')), std::string::npos);
        EXPECT_TRUE(said.ends_with("f OK LOGOUT completed\r\n"));
    }
}

// A line that becomes very long is a long line: refused, and the session goes on.
TEST(CompressDeflate, ABombIsALongLine) {
    Bed bed;
    std::string bomb = "c " + std::string(8'000'000, 'x') + "\r\nd LOGOUT\r\n";
    std::string said = converse(bed, bomb, 100'000);
    EXPECT_TRUE(said.starts_with("c BAD Command line too long\r\n")) << said.substr(0, 100);
    EXPECT_TRUE(said.ends_with("d OK LOGOUT completed\r\n"));
}

TEST(CompressDeflate, DamageEndsTheSession) {
    Bed bed;
    std::string said = bed.converse({"a LOGIN alice secret\r\nb COMPRESS DEFLATE\r\n",
                                     std::string("\xff\xff\xff\xff garbage\r\n")});
    EXPECT_TRUE(said.ends_with(active)) << said;
    bed.world().run_for(seconds(10));
    EXPECT_EQ(bed.counters().sessions, 0u);
}

// RFC 8437 §4: UNAUTHENTICATE ends it.
TEST(CompressDeflate, EndsWithUnauthenticate) {
    Bed bed;
    std::string commands = deflated("c UNAUTHENTICATE\r\n");
    std::string said =
        bed.converse({"a LOGIN alice secret\r\nb COMPRESS DEFLATE\r\n", commands, "", "", "", "",
                      "", "", "", "", "", "", "", "", "", "", "", "", "d LOGOUT\r\n"});
    EXPECT_TRUE(said.ends_with("d OK LOGOUT completed\r\n")) << said.size();
}

// One layer over another.
TEST(CompressDeflate, OverTls) {
    BedOptions options;
    options.with_tls = true;
    Bed bed(options);
    std::string bytes = deflated("d NOOP\r\ne LOGOUT\r\n");
    std::string said = bed.converse({"z STARTTLS\r\n", "", "", "", "", "", "", "", "", "", "", "",
                                     "a LOGIN alice secret\r\nb COMPRESS DEFLATE\r\n", bytes});
    std::size_t at = said.find(active);
    ASSERT_NE(at, std::string::npos) << said;
    EXPECT_TRUE(inflated(said.substr(at + active.size())).ends_with("e OK LOGOUT completed\r\n"));
}

}  // namespace
}  // namespace postern::imap
