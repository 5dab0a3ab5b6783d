// Passwords at rest: records that must fit nobody, preparation, then the round trip.
#include "auth/credential.hpp"

#include <gtest/gtest.h>

namespace postern::auth {
namespace {

const std::string entropy(credential_entropy_bytes, 'e');

Credential record_of(std::string_view password) {
    auto made = make_credential(password, cheap_password_cost, entropy);
    EXPECT_TRUE(made);
    return made ? *made : Credential{};
}

TEST(Password, DamagedRecordsFitNobody) {
    Credential record;
    EXPECT_FALSE(verify_password(record, "secret"));
    for (const char* bad :
         {"secret", "$argon2id$", "$argon2id$v=19$m=8,t=1,p=1$", "$argon2i$v=19$m=8,t=1,p=1$a$b",
          "$argon2id$v=19$m=4294967295,t=1,p=1$ZWVlZWVlZWVlZWVlZWVlZQ$AAAA",
          "$argon2id$v=19$m=8,t=4294967295,p=1$ZWVlZWVlZWVlZWVlZWVlZQ$AAAA"}) {
        record.password_hash = bad;
        EXPECT_FALSE(verify_password(record, "secret")) << bad;
        EXPECT_FALSE(verify_password(record, "")) << bad;
    }
}

TEST(Password, PreparationRefusesAndNormalises) {
    EXPECT_EQ(prepare_password("").error().code, ErrorCode::forbidden_byte);
    EXPECT_EQ(prepare_password("a\x01").error().code, ErrorCode::forbidden_byte);
    EXPECT_EQ(prepare_password("\xc3").error().code, ErrorCode::not_utf8);
    EXPECT_EQ(prepare_password("\xc2\xad").error().code, ErrorCode::forbidden_byte);
    EXPECT_EQ(prepare_password(std::string(password_bytes_max + 1, 'a')).error().code,
              ErrorCode::limit);
    EXPECT_TRUE(prepare_password(std::string(password_bytes_max, 'a')));
    // RFC 4013 §3
    EXPECT_EQ(prepare_password("I\xc2\xadX").value(), "IX");
    EXPECT_EQ(prepare_password("user").value(), "user");
    EXPECT_EQ(prepare_password("USER").value(), "USER");
    EXPECT_EQ(prepare_password("\xc2\xaa").value(), "a");
    EXPECT_EQ(prepare_password("\xe2\x85\xa8").value(), "IX");
    EXPECT_FALSE(prepare_password("\x07"));
    EXPECT_FALSE(
        prepare_password("\xd8\xa7"
                         "1"));
    EXPECT_EQ(prepare_password("a\xc2\xa0"
                               "b")
                  .value(),
              "a b");
    EXPECT_TRUE(prepare_password("\xf0\x9f\xa6\x84"));  // newer than RFC 3454's Unicode 3.2
    std::string widest;
    while (widest.size() + 3 <= password_bytes_max) widest += "\xef\xb7\xba";  // U+FDFA
    EXPECT_TRUE(prepare_password(widest));
}

TEST(Password, FitsItsRecordAndNoOther) {
    const Credential record = record_of("correct horse");
    EXPECT_EQ(record.password_hash.substr(0, 28), "$argon2id$v=19$m=8,t=1,p=1$Z");
    EXPECT_TRUE(verify_password(record, "correct horse"));
    EXPECT_FALSE(verify_password(record, "Correct horse"));
    EXPECT_FALSE(verify_password(record, "correct hors"));
    EXPECT_FALSE(verify_password(record, ""));
    EXPECT_TRUE(verify_password(record_of("caf\xc3\xa9"), "cafe\xcc\x81"));
}

// From the test vectors of the Argon2 reference implementation's own test.c (version 0x13,
// t=2, m=2^8, p=1, "password", "somesalt").
TEST(Password, AgreesWithAPublishedHash) {
    Credential record;
    record.password_hash =
        "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ"
        "$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4";
    EXPECT_TRUE(verify_password(record, "password"));
    EXPECT_FALSE(verify_password(record, "passwore"));
}

TEST(Password, EntropyMakesTheSalt) {
    const auto other =
        make_credential("secret", cheap_password_cost, std::string(credential_entropy_bytes, 'f'));
    ASSERT_TRUE(other);
    EXPECT_NE(other->password_hash, record_of("secret").password_hash);
    EXPECT_FALSE(make_credential("secret", cheap_password_cost, "short"));
}

TEST(Password, DecoyFitsNobodyAtTheSameCost) {
    const Credential decoy = decoy_credential(cheap_password_cost);
    EXPECT_TRUE(decoy.password_hash.starts_with("$argon2id$v=19$m=8,t=1,p=1$AAAA"));
    EXPECT_EQ(decoy.password_hash.size(), record_of("secret").password_hash.size());
    EXPECT_FALSE(verify_password(decoy, "secret"));
}

}  // namespace
}  // namespace postern::auth
