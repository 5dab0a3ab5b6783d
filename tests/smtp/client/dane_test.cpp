// TLSA records: which count, what they match. Malformed and useless ones first.
// RFC 6698 §2.1, RFC 7671 §5, §9, RFC 7672 §3.
#include "smtp/client/dane.hpp"

#include <gtest/gtest.h>

#include "smtp/client/limits.hpp"
#include "tls/certificate.hpp"
#include "tls/chain.hpp"
#include "tls/crypto.hpp"

namespace postern::smtp::client {
namespace {

using Records = std::vector<dns::Tlsa>;
const std::string sha256_bytes(32, 'x');
const std::string sha512_bytes(64, 'y');

TEST(Dane, RecordsThatDoNotCount) {
    const Records useless = {
        {0, 1, 1, sha256_bytes},
        {1, 1, 1, sha256_bytes},  // PKIX-TA, PKIX-EE
        {4, 1, 1, sha256_bytes},
        {255, 0, 0, "anything"},  // no such usage
        {3, 2, 1, sha256_bytes},  // no such selector
        {3, 1, 3, sha256_bytes},  // no such digest
        {3, 1, 1, std::string(31, 'x')},
        {3, 1, 1, sha512_bytes},
        {3, 1, 2, sha256_bytes},
        {3, 1, 1, ""},
        {3, 0, 0, ""},
    };
    for (const dns::Tlsa& record : useless) {
        EXPECT_TRUE(usable_tlsa({record}).empty())
            << int(record.usage) << ' ' << int(record.selector) << ' ' << int(record.matching);
    }
    EXPECT_TRUE(usable_tlsa(useless).empty());
}

TEST(Dane, NoMoreThanSoManyCount) {
    Records many(100, {3, 1, 1, sha256_bytes});
    EXPECT_EQ(usable_tlsa(many).size(), tlsa_records_max);
}

// RFC 7671 §9: for each usage and selector the strongest digest, and whole ones.
TEST(Dane, TheStrongestDigestCounts) {
    const dns::Tlsa weak{3, 1, 1, sha256_bytes}, strong{3, 1, 2, sha512_bytes}, all{3, 1, 0, "key"},
        other_selector{3, 0, 1, sha256_bytes}, other_usage{2, 1, 1, sha256_bytes},
        malformed{3, 0, 2, sha256_bytes};
    EXPECT_EQ(usable_tlsa({weak}), Records{weak});
    EXPECT_EQ(usable_tlsa({weak, strong}), Records{strong});
    EXPECT_EQ(usable_tlsa({strong, weak, all}), (Records{strong, all}));
    EXPECT_EQ(usable_tlsa({strong, other_selector, other_usage}),
              (Records{strong, other_selector, other_usage}));
    EXPECT_EQ(usable_tlsa({other_selector, malformed}), Records{other_selector})
        << "what is unusable outdoes nothing";
}

// ---- what they match ----------------------------------------------------------------------------

tls::Certificate certificate_of(const std::string& name) {
    const WallTime then{1'600'000'000LL * 1'000'000'000};
    return tls::make_self_signed({name}, then, 7300).value();
}

bool fits(const tls::Certificate& certificate, const dns::Tlsa& record,
          const std::vector<std::string>& names = {"mx.far.test"}) {
    const std::string_view chain[] = {certificate.der};
    return matches_tlsa(chain, {record}, names);
}

TEST(Dane, NoChainMatches) {
    EXPECT_FALSE(matches_tlsa({}, {{3, 1, 1, sha256_bytes}}, {"mx.far.test"}));
    const std::string_view garbage[] = {"garbage"};
    EXPECT_FALSE(matches_tlsa(garbage, {{3, 1, 1, sha256_bytes}}, {"mx.far.test"}));
    EXPECT_FALSE(matches_tlsa(garbage, {{2, 1, 1, sha256_bytes}}, {"mx.far.test"}));
}

TEST(Dane, ByEverySelectorAndMatching) {
    const tls::Certificate certificate = certificate_of("mx.far.test");
    const std::string key = tls::public_key_info(certificate.der).value();
    for (const auto& [selector, bytes] :
         {std::pair<std::uint8_t, std::string>{0, certificate.der}, {1, key}}) {
        EXPECT_TRUE(fits(certificate, {3, selector, 0, bytes}));
        EXPECT_TRUE(
            fits(certificate, {3, selector, 1, crypto::digest(crypto::Hash::sha256, bytes)}));
        EXPECT_TRUE(
            fits(certificate, {3, selector, 2, crypto::digest(crypto::Hash::sha512, bytes)}));
        EXPECT_FALSE(fits(certificate, {3, selector, 1, sha256_bytes}));
        EXPECT_FALSE(fits(certificate, {3, selector, 0, bytes + "x"}));
    }
    EXPECT_FALSE(fits(certificate, {3, 1, 0, certificate.der})) << "the other selector";
}

// RFC 7672 §3.1.1: neither names nor dates.
TEST(Dane, EndEntitiesNeedNoName) {
    const tls::Certificate certificate = certificate_of("quite.another.test");
    EXPECT_TRUE(fits(certificate, {3, 0, 0, certificate.der}));
    const WallTime long_ago{1'000'000'000LL * 1'000'000'000};
    const tls::Certificate expired = tls::make_self_signed({"mx.far.test"}, long_ago, 1).value();
    EXPECT_TRUE(fits(expired, {3, 0, 0, expired.der}));
}

// RFC 7672 §3.2.2, §3.2.3: names decide with a trust anchor, any of ours by any of theirs.
TEST(Dane, AnchorsNeedAName) {
    const tls::Certificate certificate = certificate_of("*.far.test");
    const dns::Tlsa record{2, 0, 0, certificate.der};
    EXPECT_FALSE(fits(certificate, record, {"far.test"}));
    EXPECT_FALSE(fits(certificate, record, {"a.mx.far.test"})) << "a wildcard is one label";
    EXPECT_FALSE(fits(certificate, record, {}));
}

}  // namespace
}  // namespace postern::smtp::client
