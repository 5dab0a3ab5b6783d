// SCRAM keys against the example exchanges of RFC 5802 §5 and RFC 7677 §3: the server signature
// printed there comes from our server key, and the client's proof fits our stored key.
#include "auth/scram_keys.hpp"

#include <gtest/gtest.h>

#include "base/base64.hpp"

namespace postern::auth {
namespace {

struct Example {
    crypto::Hash hash;
    const char* salt;
    const char* auth_message;
    const char* proof;
    const char* signature;
};

const Example examples[] = {
    {crypto::Hash::sha1, "QSXCR+Q6sek8bf92",
     "n=user,r=fyko+d2lbbFgONRv9qkxdawL,"
     "r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,s=QSXCR+Q6sek8bf92,i=4096,"
     "c=biws,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j",
     "v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=", "rmF9pqV8S7suAoZWja4dJRkFsKQ="},
    {crypto::Hash::sha256, "W22ZaJ0SNY7soEsUEjb6gQ==",
     "n=user,r=rOprNGfwEbeRWgbNEkqO,"
     "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096,"
     "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0",
     "dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=",
     "6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="}};

TEST(ScramKeys, ProveThePublishedExchanges) {
    for (const Example& example : examples) {
        const ScramKeys keys =
            derive_scram_keys(example.hash, "pencil", base64_decode(example.salt).value(), 4096);
        EXPECT_EQ(base64_encode(crypto::hmac(example.hash, keys.server_key, example.auth_message)),
                  example.signature);
        std::string client_key = base64_decode(example.proof).value();
        const std::string mask = crypto::hmac(example.hash, keys.stored_key, example.auth_message);
        ASSERT_EQ(client_key.size(), mask.size());
        for (std::size_t i = 0; i < mask.size(); ++i) {
            client_key[i] = static_cast<char>(client_key[i] ^ mask[i]);
        }
        EXPECT_EQ(crypto::digest(example.hash, client_key), keys.stored_key);
    }
}

TEST(ScramKeys, AreMadeWithEachCredential) {
    const std::string entropy = std::string(16, 'a') + std::string(16, 'b') + std::string(16, 'c');
    const auto record = make_credential("pencil", cheap_password_cost, entropy);
    ASSERT_TRUE(record);
    ASSERT_TRUE(record->scram_sha1 && record->scram_sha256);
    EXPECT_EQ(*record->scram_sha1,
              derive_scram_keys(crypto::Hash::sha1, "pencil", std::string(16, 'b'), 1));
    EXPECT_EQ(*record->scram_sha256,
              derive_scram_keys(crypto::Hash::sha256, "pencil", std::string(16, 'c'), 1));
    EXPECT_NE(record->scram_sha1->salt, record->scram_sha256->salt);
}

}  // namespace
}  // namespace postern::auth
