// The commands on the certificate, on files: what they change, and what they refuse.
#include "admin/certificate_control.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "base/temporary_directory.hpp"
#include "tls/certificate_check.hpp"
#include "tls/fixtures.hpp"
#include "tls/pem_files.hpp"

namespace postern::admin {
namespace {

using Json = nlohmann::json;
namespace pem = tls::fixtures;

constexpr WallTime summer{1'785'628'800LL * 1'000'000'000};

class CertificateControl : public testing::Test {
 protected:
    CertificateControl() {
        places_.directory = directory_.path();
        places_.host_name = "mx.example.test";
        places_.now = summer;
    }
    Json ask(const Json& request) {
        const CertificateAnswer answer = handle_certificate_request(places_, request.dump());
        change_ = answer.change;
        EXPECT_TRUE(answer.response.ends_with("\n"));
        return Json::parse(answer.response);
    }
    std::string refused(const Json& request) {
        const Json response = ask(request);
        EXPECT_FALSE(response["ok"].get<bool>()) << response;
        EXPECT_EQ(change_, CertificateChange::none);
        return response.value("error", "");
    }

    TemporaryDirectory directory_;
    CertificatePlaces places_;
    CertificateChange change_ = CertificateChange::none;
};

TEST_F(CertificateControl, RefusesWhatItDoesNotKnow) {
    EXPECT_FALSE(is_certificate_request("nonsense"));
    EXPECT_FALSE(is_certificate_request(R"({"command":"certificate.frob"})"));
    ASSERT_TRUE(is_certificate_request(R"({"command":"certificate.show"})"));
    EXPECT_EQ(refused({{"command", "certificate.show"}, {"x", 1}}),
              "certificate.show: unknown field \"x\"");
    EXPECT_EQ(refused({{"command", "certificate.self-sign"}, {"names", "a"}}),
              "certificate.self-sign: \"names\" must be a list of texts");
    EXPECT_EQ(refused({{"command", "certificate.import"}}),
              "certificate.import: \"certificate\" is missing");
    EXPECT_EQ(refused({{"command", "certificate.show"}, {"", 1}}),
              "certificate.show: unknown field \"\"");
    EXPECT_TRUE(refused({{"command", "certificate.show"}}).contains("certificate.pem: No such"));
    EXPECT_EQ(refused({{"command", "certificate.self-sign"}, {"days", 0}}),
              "a certificate is valid between 1 day and 20 years");
}

TEST_F(CertificateControl, LeavesFilesAloneThatTheConfigurationNames) {
    places_.certificate = "/etc/mail.pem";
    places_.private_key = "/etc/mail.key";
    EXPECT_TRUE(refused({{"command", "certificate.self-sign"}})
                    .starts_with("the configuration names the certificate's files"));
}

TEST_F(CertificateControl, MakesASelfSignedOne) {
    const Json made = ask({{"command", "certificate.self-sign"},
                           {"names", {"mx.example.test", "imap.example.test"}},
                           {"days", 30}});
    ASSERT_TRUE(made["ok"].get<bool>()) << made;
    EXPECT_EQ(change_, CertificateChange::load_again);
    const Json shown = ask({{"command", "certificate.show"}});
    EXPECT_EQ(change_, CertificateChange::none);
    EXPECT_EQ(shown["certificate"]["sha256"], made["certificate"]["sha256"]);
    EXPECT_EQ(shown["certificate"]["names"], Json({"mx.example.test", "imap.example.test"}));
    EXPECT_EQ(shown["certificate"]["days_left"], 30);
    EXPECT_EQ(shown["certificate"]["key"], "ECDSA P-256");
    EXPECT_TRUE(shown["certificate"]["self_signed"].get<bool>());
    EXPECT_TRUE(shown["changeable"].get<bool>());
    EXPECT_TRUE(shown["request"].is_null());
}

TEST_F(CertificateControl, TakesAPairOnceItIsRight) {
    const Json import = {{"command", "certificate.import"}, {"certificate", pem::rsa_chain_pem}};
    EXPECT_TRUE(refused(import).starts_with("there is no private key for it"));
    Json whole = import;
    whole["key"] = pem::rsa_key_pem;
    places_.host_name = "other.test";
    EXPECT_TRUE(refused(whole).starts_with("the certificate is not for other.test"));
    EXPECT_FALSE(std::filesystem::exists(directory_ / "certificate.pem"));
    whole["any_name"] = true;
    EXPECT_TRUE(ask(whole)["ok"].get<bool>());
    EXPECT_EQ(change_, CertificateChange::load_again);
    EXPECT_TRUE(tls::read_pair(tls::pair_in(directory_.path())));
    // The key in force does for the same key's next certificate.
    places_.host_name = "mx.example.test";
    EXPECT_TRUE(ask(import)["ok"].get<bool>());
}

TEST_F(CertificateControl, TheAnswerToARequestFindsItsKey) {
    ASSERT_TRUE(ask({{"command", "certificate.self-sign"}})["ok"].get<bool>());
    const Json asked = ask({{"command", "certificate.request"}});
    EXPECT_EQ(asked["names"], Json({"mx.example.test"}));
    EXPECT_EQ(ask({{"command", "certificate.show"}})["request"], asked["request"]);
    // As an authority would: the fixture's key stands in for the one that was made.
    ASSERT_TRUE(tls::write_private(directory_ / "request-key.pem", pem::rsa_key_pem));
    const Json taken =
        ask({{"command", "certificate.import"}, {"certificate", pem::rsa_chain_pem}});
    ASSERT_TRUE(taken["ok"].get<bool>()) << taken;
    EXPECT_EQ(taken["warnings"].size(), 1U);
    EXPECT_TRUE(ask({{"command", "certificate.show"}})["request"].is_null());
    EXPECT_FALSE(std::filesystem::exists(directory_ / "request-key.pem"));
}

TEST_F(CertificateControl, AnAuthorityOfOnesOwnIsKnown) {
    EXPECT_EQ(refused({{"command", "certificate.authority"}, {"certificate", pem::rsa_chain_pem}}),
              "that certificate is not an authority's");
    const Json set =
        ask({{"command", "certificate.authority"}, {"certificate", pem::authority_pem}});
    ASSERT_TRUE(set["ok"].get<bool>()) << set;
    const Json taken = ask({{"command", "certificate.import"},
                            {"certificate", pem::rsa_chain_pem},
                            {"key", pem::rsa_key_pem}});
    EXPECT_EQ(taken["warnings"], Json::array()) << taken;
    EXPECT_TRUE(ask({{"command", "certificate.show"}})["authority"].is_object());
    ask({{"command", "certificate.authority"}, {"certificate", ""}});
    EXPECT_TRUE(ask({{"command", "certificate.show"}})["authority"].is_null());
}

}  // namespace
}  // namespace postern::admin
