// Loading, reading and making certificates, against one that openssl made; damaged ones first.
// RFC 5280 §4.1.2.5, RFC 5929 §4.1, RFC 6125 §6.4.3.
#include "tls/certificate.hpp"

#include <gtest/gtest.h>

#include "base/hex.hpp"
#include "fixtures.hpp"
#include "tls/limits.hpp"

namespace postern::tls {
namespace {

constexpr WallTime from{1'700'000'000LL * 1'000'000'000};

TEST(LoadCertificate, RefusesWhatIsNoPair) {
    EXPECT_FALSE(load_certificate("", ""));
    EXPECT_FALSE(load_certificate("-----BEGIN CERTIFICATE-----\n", fixtures::rsa_key_pem));
    EXPECT_FALSE(load_certificate(fixtures::rsa_key_pem, fixtures::rsa_key_pem));
    EXPECT_FALSE(load_certificate(fixtures::rsa_chain_pem, ""));
    EXPECT_FALSE(load_certificate(fixtures::rsa_chain_pem, fixtures::rsa_chain_pem));
    std::string damaged = fixtures::rsa_chain_pem;
    damaged[200] = damaged[200] == 'A' ? 'B' : 'A';
    damaged[90] = '!';
    EXPECT_FALSE(load_certificate(damaged, fixtures::rsa_key_pem));
    const auto other = make_self_signed({"mx.example.test"}, from, 10);
    ASSERT_TRUE(other);
    const auto crossed = load_certificate(fixtures::rsa_chain_pem, other->key_pem);
    ASSERT_FALSE(crossed);
    EXPECT_EQ(crossed.error().kind, ErrorKind::peer_request);
    const std::string big(limits::certificate_pem_bytes_max + 1, 'A');
    EXPECT_EQ(load_certificate(big, fixtures::rsa_key_pem).error().code, ErrorCode::too_big);
}

TEST(LoadCertificate, LaysTheFactsOpen) {
    const auto loaded = load_certificate(fixtures::rsa_chain_pem, fixtures::rsa_key_pem);
    ASSERT_TRUE(loaded) << loaded.error().what;
    EXPECT_EQ(loaded->names, (std::vector<std::string>{"mx.example.test", "*.wild.example.test"}));
    EXPECT_EQ(format_fingerprint(loaded->fingerprint), fixtures::rsa_fingerprint);
    EXPECT_EQ(to_hex(loaded->end_point_binding), fixtures::rsa_end_point_hex);
    EXPECT_EQ(loaded->not_before.unix_seconds(), 1577836800);  // 2020-01-01
    EXPECT_EQ(loaded->not_after.unix_seconds(), 4701974400);   // 2119-01-01
}

TEST(ReadCertificate, RefusesEveryTruncation) {
    const auto loaded = load_certificate(fixtures::rsa_chain_pem, fixtures::rsa_key_pem);
    ASSERT_TRUE(loaded);
    for (std::size_t bytes = 0; bytes < loaded->der.size(); ++bytes) {
        const std::string cut(loaded->der, 0, bytes);
        EXPECT_FALSE(read_certificate(cut)) << bytes;
    }
    EXPECT_TRUE(read_certificate(loaded->der));
}

TEST(SelfSigned, RefusesNamesAndDaysOutOfBounds) {
    EXPECT_FALSE(make_self_signed({}, from, 10));
    EXPECT_FALSE(make_self_signed({""}, from, 10));
    EXPECT_FALSE(make_self_signed({std::string(128, 'a')}, from, 10));
    EXPECT_FALSE(make_self_signed({"m\xc3\xbcller.test"}, from, 10));
    EXPECT_FALSE(make_self_signed({"a.test"}, from, 0));
    EXPECT_FALSE(make_self_signed({"a.test"}, from, limits::certificate_days_max + 1));
    const std::vector<std::string> many(limits::certificate_names_max + 1, "a.test");
    EXPECT_FALSE(make_self_signed(many, from, 10));
}

TEST(SelfSigned, SaysWhatWasAsked) {
    const auto made =
        make_self_signed({"MX.example.test", "192.0.2.1", "2001:db8::1", "b.test"}, from, 365);
    ASSERT_TRUE(made) << made.error().what;
    EXPECT_EQ(made->names, (std::vector<std::string>{"mx.example.test", "b.test"}));
    EXPECT_EQ(made->not_before.ns, from.ns);
    EXPECT_EQ(made->not_after.unix_seconds(), from.unix_seconds() + 365 * 86400);
    EXPECT_TRUE(made->chain_pem.starts_with("-----BEGIN CERTIFICATE-----\n"));
    EXPECT_TRUE(made->key_pem.starts_with("-----BEGIN PRIVATE KEY-----\n"));
    EXPECT_EQ(made->end_point_binding, crypto::view_of(made->fingerprint));
    const auto again = make_self_signed({"mx.example.test"}, from, 365);
    ASSERT_TRUE(again);
    EXPECT_NE(again->key_pem, made->key_pem);
}

TEST(SelfSigned, ManyAndLongNames) {
    std::vector<std::string> names;
    for (std::size_t i = 0; i < limits::certificate_names_max; ++i) {
        names.push_back(std::string(63, 'a') + "." + std::to_string(i) + ".example.test");
    }
    const auto made = make_self_signed(names, from, limits::certificate_days_max);
    ASSERT_TRUE(made) << made.error().what;
    EXPECT_EQ(made->names, names);
    // After 2049 dates are written in another form (RFC 5280 §4.1.2.5).
    const WallTime late{2'600'000'000LL * 1'000'000'000};
    const auto later = make_self_signed({"a.test"}, late, 10);
    ASSERT_TRUE(later);
    EXPECT_EQ(later->not_before.ns, late.ns);
}

TEST(NameMatches, WildcardIsOneWholeLabel) {
    EXPECT_FALSE(name_matches("*.example.test", "example.test"));
    EXPECT_FALSE(name_matches("*.example.test", ".example.test"));
    EXPECT_FALSE(name_matches("*.example.test", "a.b.example.test"));
    EXPECT_FALSE(name_matches("m*.example.test", "mx.example.test"));
    EXPECT_FALSE(name_matches("*", "example"));
    EXPECT_FALSE(name_matches("mx.example.test", ""));
    EXPECT_TRUE(name_matches("*.example.test", "MX.Example.test"));
    EXPECT_TRUE(name_matches("mx.example.test", "mx.EXAMPLE.test."));
}

}  // namespace
}  // namespace postern::tls
