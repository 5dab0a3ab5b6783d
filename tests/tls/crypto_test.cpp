// Vectors: FIPS 180-4 examples, RFC 2202 and RFC 4231 (HMAC), RFC 6070 and RFC 7914 §11 (PBKDF2).
#include "tls/crypto.hpp"

#include <gtest/gtest.h>

#include <cstring>

#include "base/hex.hpp"

namespace postern::crypto {
namespace {

TEST(Compare, ToldApartAnywhere) {
    EXPECT_TRUE(equal_constant_time("", ""));
    EXPECT_TRUE(equal_constant_time("secret", "secret"));
    EXPECT_FALSE(equal_constant_time("secret", "secre"));
    EXPECT_FALSE(equal_constant_time("secret", "Secret"));
    EXPECT_FALSE(equal_constant_time("secret", "secreT"));
    EXPECT_FALSE(equal_constant_time(std::string_view("a\0", 2), std::string_view("a\x80", 2)));
}

TEST(Hash, KnownAnswers) {
    EXPECT_EQ(to_hex(view_of(sha1("abc"))), "a9993e364706816aba3e25717850c26c9cd0d89d");
    EXPECT_EQ(to_hex(view_of(sha256("abc"))),
              "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    EXPECT_EQ(to_hex(view_of(sha256(""))),
              "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    EXPECT_EQ(to_hex(digest(Hash::sha384, "abc")).substr(0, 32),
              "cb00753f45a35e8bb5a03d699ac65007");
    EXPECT_EQ(to_hex(view_of(sha512("abc"))).substr(0, 32), "ddaf35a193617abacc417349ae204131");
}

TEST(Hash, InPiecesAndForked) {
    for (const Hash hash : {Hash::sha1, Hash::sha256, Hash::sha384, Hash::sha512}) {
        Hasher hasher(hash);
        hasher.update("the quick ");
        Hasher fork = hasher;
        hasher.update("brown fox");
        fork.update("red fox");
        EXPECT_EQ(hasher.finish(), digest(hash, "the quick brown fox"));
        EXPECT_EQ(fork.finish(), digest(hash, "the quick red fox"));
        fork.update("anew");
        hasher = fork;
        EXPECT_EQ(hasher.finish(), digest(hash, "anew"));
        EXPECT_EQ(hasher.finish(), digest(hash, ""));
    }
    Hasher other(Hash::sha1);
    other = Hasher(Hash::sha512);
    other.update("abc");
    EXPECT_EQ(other.finish(), view_of(sha512("abc")));
}

TEST(Hmac, KnownAnswers) {
    EXPECT_EQ(to_hex(hmac(Hash::sha1, "Jefe", "what do ya want for nothing?")),
              "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79");
    EXPECT_EQ(to_hex(hmac(Hash::sha256, "Jefe", "what do ya want for nothing?")),
              "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    EXPECT_EQ(to_hex(hmac(Hash::sha256, "", "")).substr(0, 16), "b613679a0814d9ec");
}

TEST(Pbkdf2, KnownAnswers) {
    EXPECT_EQ(to_hex(pbkdf2(Hash::sha1, "password", "salt", 2, 20)),
              "ea6c014dc72d6f8ccd1ed92ace1d41f0d8de8957");
    EXPECT_EQ(to_hex(pbkdf2(Hash::sha256, "passwd", "salt", 1, 64)).substr(0, 32),
              "55ac046e56e3089fec1691c22544b605");
}

TEST(Random, DiffersAndCanBeReplaced) {
    EXPECT_NE(random_bytes(32), random_bytes(32));
    set_random_source([](void* out, std::size_t bytes) { std::memset(out, 7, bytes); });
    EXPECT_EQ(random_bytes(3), "\7\7\7");
    set_random_source(nullptr);
    EXPECT_NE(random_bytes(32), std::string(32, '\7'));
    EXPECT_EQ(random_bytes(0), "");
}

}  // namespace
}  // namespace postern::crypto
