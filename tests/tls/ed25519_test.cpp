// RFC 8032 §7.1: the RFC's own vectors, each then spoilt in every byte.
#include "tls/ed25519.hpp"

#include <gtest/gtest.h>

#include <array>
#include <string>

#include "base/hex.hpp"

namespace postern::crypto {
namespace {

struct SignedVector {
    const char* key;
    const char* message;
    const char* signature;
};

constexpr std::array<SignedVector, 3> vectors = {{
    {"d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
     "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b"
     "46bd25bf5f0595bbe24655141438e7a100b"},
    {"3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
     "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11"
     "d8c387b2eaeb4302aeeb00d291612bb0c00"},
    {"fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
     "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc"
     "6594a7c15e9716ed28dc027beceea1ec40a"},
}};

std::string unhex(const char* digits) {
    return from_hex(digits).value();
}

TEST(Ed25519, RefusesWhatIsSpoilt) {
    for (const SignedVector& vector : vectors) {
        const std::string key = unhex(vector.key);
        const std::string message = unhex(vector.message);
        const std::string signature = unhex(vector.signature);
        for (std::size_t i = 0; i < signature.size(); ++i) {
            std::string spoilt = signature;
            spoilt[i] = char(spoilt[i] ^ 1);
            EXPECT_FALSE(is_signed_by(key, message, spoilt)) << i;
            EXPECT_FALSE(is_signed_by(key, message, signature.substr(0, i))) << i;
        }
        for (std::size_t i = 0; i < key.size(); ++i) {
            std::string spoilt = key;
            spoilt[i] = char(spoilt[i] ^ 4);
            EXPECT_FALSE(is_signed_by(spoilt, message, signature)) << i;
        }
        EXPECT_FALSE(is_signed_by(key, message + "x", signature));
        EXPECT_FALSE(is_signed_by("", message, signature));
        EXPECT_FALSE(is_signed_by(key + "x", message, signature));
        EXPECT_FALSE(is_signed_by(key, message, signature + "x"));
    }
}

TEST(Ed25519, AcceptsTheVectorsOfTheRfc) {
    for (const SignedVector& vector : vectors) {
        EXPECT_TRUE(
            is_signed_by(unhex(vector.key), unhex(vector.message), unhex(vector.signature)));
    }
}

}  // namespace
}  // namespace postern::crypto
