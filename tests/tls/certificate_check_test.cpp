// An administrator's certificates judged: what is wrong is said, what is right is taken, and a pair
// of files is never parted.
#include "tls/certificate_check.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "base/temporary_directory.hpp"
#include "fixtures.hpp"
#include "tls/certificate_request.hpp"
#include "tls/pem_files.hpp"

namespace postern::tls {
namespace {

constexpr WallTime in_2026{1'785'628'800LL * 1'000'000'000};
constexpr std::int64_t a_day_ns = 86'400LL * 1'000'000'000;

CheckWishes wishes_for(const std::string& host_name) {
    CheckWishes wishes;
    wishes.host_name = host_name;
    wishes.now = in_2026;
    return wishes;
}
std::string problem_of(std::string_view chain, std::string_view key, const CheckWishes& wishes) {
    const auto checked = check_certificate(chain, key, wishes);
    return checked ? "" : checked.error();
}

TEST(CheckCertificate, SaysWhatIsWrong) {
    const auto made = make_self_signed({"mx.example.test"}, in_2026, 10);
    ASSERT_TRUE(made);
    const CheckWishes wishes = wishes_for("mx.example.test");
    EXPECT_EQ(problem_of("", made->key_pem, wishes), "no certificate in the PEM text");
    EXPECT_EQ(problem_of("-----BEGIN CERTIFICATE-----\nMII", made->key_pem, wishes),
              "a certificate is cut off");
    EXPECT_EQ(problem_of("-----BEGIN CERTIFICATE-----\nMII=\n-----END CERTIFICATE-----\n",
                         made->key_pem, wishes),
              "the certificate cannot be read");
    EXPECT_EQ(problem_of(made->chain_pem, "x", wishes), "the private key cannot be read");
    EXPECT_EQ(problem_of(made->chain_pem, "-----BEGIN ENCRYPTED PRIVATE KEY-----\n", wishes),
              "the private key is encrypted: it must be without a passphrase");
    EXPECT_EQ(problem_of(made->chain_pem, fixtures::rsa_key_pem, wishes),
              "the private key is not the certificate's");
    EXPECT_EQ(problem_of(fixtures::rsa_chain_pem, made->key_pem, wishes),
              "the private key is not the certificate's");
    EXPECT_EQ(problem_of(made->chain_pem, made->key_pem, wishes_for("other.test")),
              "the certificate is not for other.test but for mx.example.test");
    const std::string unordered = made->chain_pem + fixtures::rsa_chain_pem;
    EXPECT_TRUE(problem_of(unordered, made->key_pem, wishes)
                    .starts_with("certificate 2 of the chain has not issued certificate 1"));
}

TEST(CheckCertificate, KnowsTheDates) {
    const auto made = make_self_signed({"mx.example.test"}, in_2026, 10);
    ASSERT_TRUE(made);
    CheckWishes wishes = wishes_for("mx.example.test");
    wishes.now.ns = in_2026.ns + 10 * a_day_ns + 1;
    EXPECT_EQ(problem_of(made->chain_pem, made->key_pem, wishes),
              "the certificate has ended on 2026-08-12 00:00 UTC");
    wishes.now.ns = in_2026.ns - 2 * a_day_ns;
    EXPECT_EQ(problem_of(made->chain_pem, made->key_pem, wishes),
              "the certificate is valid only from 2026-08-02 00:00 UTC on: is the clock right?");
}

TEST(CheckCertificate, TakesWhatIsRightAndWarns) {
    const auto made = make_self_signed({"mx.example.test"}, in_2026, 10);
    ASSERT_TRUE(made);
    CheckWishes wishes = wishes_for("other.test");
    wishes.names = NameCheck::waived;
    const auto self = check_certificate(made->chain_pem, made->key_pem, wishes);
    ASSERT_TRUE(self) << self.error();
    ASSERT_EQ(self->warnings.size(), 1U);
    EXPECT_TRUE(self->warnings[0].starts_with("it is self-signed"));

    wishes = wishes_for("a.wild.example.test");
    const auto alone = check_certificate(fixtures::rsa_chain_pem, fixtures::rsa_key_pem, wishes);
    ASSERT_TRUE(alone) << alone.error();
    ASSERT_EQ(alone->warnings.size(), 1U);
    EXPECT_TRUE(alone->warnings[0].starts_with("no known authority")) << alone->warnings[0];
    wishes.authorities = every_certificate_of(fixtures::authority_pem);
    const auto known = check_certificate(fixtures::rsa_chain_pem, fixtures::rsa_key_pem, wishes);
    ASSERT_TRUE(known) << known.error();
    EXPECT_TRUE(known->warnings.empty());
    const std::string whole = std::string(fixtures::rsa_chain_pem) + fixtures::authority_pem;
    EXPECT_TRUE(check_certificate(whole, fixtures::rsa_key_pem, wishes));
    EXPECT_EQ(describe_certificate(known->certificate.der)->key, "RSA 2048");
    EXPECT_EQ(describe_certificate(made->der)->key, "ECDSA P-256");
    EXPECT_TRUE(describe_certificate(made->der)->is_self_signed);
    EXPECT_TRUE(describe_certificate(wishes.authorities[0])->is_authority);
}

TEST(CheckCertificate, FindsBlocksAmongText) {
    const std::string text = std::string("Bag Attributes\n") + fixtures::rsa_key_pem + "words\n" +
                             fixtures::rsa_chain_pem + "more\n";
    EXPECT_EQ(certificate_blocks_of(text), fixtures::rsa_chain_pem);
    EXPECT_TRUE(std::string(fixtures::rsa_key_pem).starts_with(private_key_of(text)));
    EXPECT_FALSE(private_key_of(text).empty());
    EXPECT_TRUE(private_key_of(fixtures::rsa_chain_pem).empty());
    EXPECT_TRUE(private_key_of("-----BEGIN PRIVATE KEY-----").empty());
}

TEST(CertificateRequest, ComesWithItsKey) {
    EXPECT_FALSE(make_certificate_request({}));
    EXPECT_FALSE(make_certificate_request({"m\xc3\xbcller.test"}));
    const auto made = make_certificate_request({"mx.example.test", "192.0.2.1"});
    ASSERT_TRUE(made) << made.error().what;
    EXPECT_TRUE(made->request_pem.starts_with("-----BEGIN CERTIFICATE REQUEST-----\n"));
    EXPECT_TRUE(made->key_pem.starts_with("-----BEGIN PRIVATE KEY-----\n"));
}

TEST(PemFiles, APairIsNeverParted) {
    const TemporaryDirectory directory;
    const auto first = make_self_signed({"a.test"}, in_2026, 10);
    const auto second = make_self_signed({"b.test"}, in_2026, 10);
    ASSERT_TRUE(first && second);
    const PemPair pair = pair_in(directory.path());
    EXPECT_FALSE(read_pair(pair));
    ASSERT_TRUE(write_pair(directory.path(), *first));
    EXPECT_EQ(read_pair(pair)->der, first->der);
    // The power went after the certificate, before the key had its name.
    ASSERT_TRUE(write_private(directory / "next-key.pem", second->key_pem));
    EXPECT_EQ(read_pair(pair)->der, first->der) << "only the key was written yet";
    ASSERT_TRUE(write_private(pair.certificate, second->chain_pem));
    EXPECT_EQ(read_pair(pair)->der, second->der);
    EXPECT_FALSE(std::filesystem::exists(directory / "next-key.pem"));
    EXPECT_EQ(read_pair(pair)->der, second->der);
    std::ofstream(pair.private_key) << "no key";
    EXPECT_EQ(read_pair(pair).error(), pair.certificate + ": the private key cannot be read");
    EXPECT_EQ(std::filesystem::status(pair.certificate).permissions(),
              std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
}

}  // namespace
}  // namespace postern::tls
