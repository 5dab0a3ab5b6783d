// SCRAM exchanges: what must fail first, every message cut, out of order and again, then the
// published ones. The client's side here is written after RFC 5802 §3 with the message strings of
// RFC 5802 §5 and RFC 7677 §3; for those two exchanges every byte is theirs.
#include "auth/scram.hpp"

#include <gtest/gtest.h>

#include "auth/scram_keys.hpp"
#include "base/base64.hpp"

namespace postern::auth {
namespace {

using crypto::Hash;

const std::string salt = base64_decode("W22ZaJ0SNY7soEsUEjb6gQ==").value();

std::shared_ptr<const Account> pencil_owner() {
    static const auto account = [] {
        auto made = std::make_shared<Account>();
        made->address = "user@example.test";
        return made;
    }();
    return account;
}

ScramSettings settings_for(Hash hash, std::string nonce = "SERVERNONCE") {
    ScramSettings settings;
    settings.hash = hash;
    settings.nonce = std::move(nonce);
    settings.find_user = [hash](std::string_view name) -> ScramUser {
        return {derive_scram_keys(hash, name == "user" ? "pencil" : "nobody's", salt, 4096),
                name == "user" ? pencil_owner() : nullptr};
    };
    settings.is_name_of = [](const Account&, std::string_view name) { return name == "user"; };
    return settings;
}

// RFC 5802 §3, the client's half of the computation.
struct Client {
    Hash hash = Hash::sha256;
    std::string header = "n,,";
    std::string bound;  // channel binding data
    std::string password = "pencil";
    std::string nonce = "CLIENTNONCE";
    std::string name = "user";
    std::string expected_signature;

    std::string first() const { return header + bare(); }
    std::string bare() const { return "n=" + name + ",r=" + nonce; }
    std::string final_for(const std::string& server_first) {
        const std::string both = server_first.substr(2, server_first.find(',') - 2);
        const std::string without = "c=" + base64_encode(header + bound) + ",r=" + both;
        const std::string auth = bare() + "," + server_first + "," + without;
        const std::string salted =
            crypto::pbkdf2(hash, password, salt, 4096, crypto::digest_bytes(hash));
        std::string proof = crypto::hmac(hash, salted, "Client Key");
        const std::string mask = crypto::hmac(hash, crypto::digest(hash, proof), auth);
        for (std::size_t i = 0; i < proof.size(); ++i) proof[i] = char(proof[i] ^ mask[i]);
        const std::string server_key = crypto::hmac(hash, salted, "Server Key");
        expected_signature = "v=" + base64_encode(crypto::hmac(hash, server_key, auth));
        return without + ",p=" + base64_encode(proof);
    }
};

// Up to where the server stops asking.
SaslStep talk(ScramSettings settings, Client client) {
    auto mechanism = make_scram(std::move(settings));
    SaslStep step = mechanism->start(client.first());
    if (step.kind != SaslStepKind::challenge) return step;
    step = mechanism->step(client.final_for(step.bytes));
    if (step.kind != SaslStepKind::challenge) return step;
    EXPECT_EQ(step.bytes, client.expected_signature);
    return mechanism->step("");
}

TEST(Scram, WrongPasswordsAndUnknownUsersLookAlike) {
    for (const Hash hash : {Hash::sha1, Hash::sha256}) {
        for (const auto& [name, password] : {std::pair("user", "pencils"), {"resu", "pencil"}}) {
            Client client{.hash = hash, .password = password, .name = name};
            const SaslStep end = talk(settings_for(hash), client);
            EXPECT_EQ(end.kind, SaslStepKind::wrong);
            EXPECT_STREQ(end.reason, "invalid-proof");
            EXPECT_EQ(end.user_name, name);
            EXPECT_EQ(end.account, nullptr);
        }
        // Even who knows the made-up keys is nobody.
        EXPECT_EQ(
            talk(settings_for(hash), {.hash = hash, .password = "nobody's", .name = "resu"}).kind,
            SaslStepKind::wrong);
    }
}

TEST(Scram, AnAppPasswordWillDoAndThePasswordStillDoes) {
    for (const Hash hash : {Hash::sha1, Hash::sha256}) {
        ScramSettings settings = settings_for(hash);
        settings.find_user = [hash](std::string_view) -> ScramUser {
            return {derive_scram_keys(hash, "pencil", salt, 4096),
                    pencil_owner(),
                    {derive_scram_keys(hash, "other", salt, 4096),
                     derive_scram_keys(hash, "app", salt, 4096)}};
        };
        for (const auto& [password, kind] : {std::pair("app", SaslStepKind::authenticated),
                                             {"other", SaslStepKind::authenticated},
                                             {"pencil", SaslStepKind::authenticated},
                                             {"apps", SaslStepKind::wrong}}) {
            EXPECT_EQ(talk(settings, {.hash = hash, .password = password}).kind, kind) << password;
        }
    }
}

TEST(Scram, EveryMessageCut) {
    const Client whole;
    const std::string first = whole.first();
    for (std::size_t cut = 0; cut < first.size(); ++cut) {
        auto mechanism = make_scram(settings_for(Hash::sha256));
        const SaslStep step = mechanism->start(std::string_view(first).substr(0, cut));
        // A shorter nonce is a nonce.
        const bool is_whole = cut > first.find("r=") + 2;
        EXPECT_EQ(step.kind, is_whole ? SaslStepKind::challenge : SaslStepKind::malformed) << cut;
        if (is_whole) continue;
        EXPECT_EQ(mechanism->step(first).kind, SaslStepKind::malformed);
    }
    for (std::size_t cut = 0;; ++cut) {
        auto mechanism = make_scram(settings_for(Hash::sha256));
        Client client;
        const std::string last = client.final_for(mechanism->start(first).bytes);
        if (cut == last.size()) break;
        const SaslStep step = mechanism->step(std::string_view(last).substr(0, cut));
        EXPECT_TRUE(step.kind == SaslStepKind::malformed) << cut;
        EXPECT_EQ(mechanism->step(last).kind, SaslStepKind::malformed) << "after the end";
    }
}

TEST(Scram, EveryByteOfTheProofCounts) {
    for (std::size_t at = 0; at < 32; ++at) {
        auto mechanism = make_scram(settings_for(Hash::sha256));
        Client client;
        std::string last = client.final_for(mechanism->start(client.first()).bytes);
        const std::size_t begin = last.find(",p=") + 3;
        std::string proof = base64_decode(last.substr(begin)).value();
        proof[at] = char(proof[at] ^ 1);
        last.replace(begin, last.npos, base64_encode(proof));
        EXPECT_EQ(mechanism->step(last).kind, SaslStepKind::wrong) << at;
    }
}

// As PHP's Net_SMTP does.
TEST(Scram, NoopAcknowledgesTheEnd) {
    for (const std::string_view word : {"NOOP", "NOOQ", "noop"}) {
        auto mechanism = make_scram(settings_for(Hash::sha256));
        Client client;
        const SaslStep step =
            mechanism->step(client.final_for(mechanism->start(client.first()).bytes));
        ASSERT_EQ(step.kind, SaslStepKind::challenge);
        const SaslStep end = mechanism->step(base64_decode(word).value());
        EXPECT_EQ(end.kind, word == "NOOP" ? SaslStepKind::authenticated : SaslStepKind::malformed);
    }
}

TEST(Scram, OutOfOrderAndAgain) {
    Client client;
    auto mechanism = make_scram(settings_for(Hash::sha256));
    const std::string server_first = mechanism->start(client.first()).bytes;
    const std::string last = client.final_for(server_first);
    EXPECT_EQ(mechanism->step(client.first()).kind, SaslStepKind::malformed) << "first twice";
    EXPECT_EQ(mechanism->step(last).kind, SaslStepKind::malformed) << "the exchange is over";

    EXPECT_EQ(make_scram(settings_for(Hash::sha256))->start(last).kind, SaslStepKind::malformed);

    auto replayed = make_scram(settings_for(Hash::sha256, "ANOTHERNONCE"));
    EXPECT_EQ(replayed->start(client.first()).kind, SaslStepKind::challenge);
    const SaslStep replay = replayed->step(last);
    EXPECT_EQ(replay.kind, SaslStepKind::wrong);
    EXPECT_STREQ(replay.reason, "other-error");

    auto twice = make_scram(settings_for(Hash::sha256));
    EXPECT_EQ(twice->start(client.first()).kind, SaslStepKind::challenge);
    EXPECT_EQ(twice->step(last).kind, SaslStepKind::challenge);
    EXPECT_EQ(twice->step(last).kind, SaslStepKind::malformed) << "final twice";
    EXPECT_EQ(twice->step("").kind, SaslStepKind::malformed);
}

TEST(Scram, AnotherHashIsAnotherMechanism) {
    EXPECT_EQ(talk(settings_for(Hash::sha1), {.hash = Hash::sha256}).kind,
              SaslStepKind::malformed);  // a proof of the wrong size
}

ScramSettings bound_settings(PlusVariant plus) {
    ScramSettings settings = settings_for(Hash::sha256);
    settings.plus = plus;
    settings.bindings = {"exported", "end point"};
    return settings;
}

std::string reason_of(PlusVariant plus, const char* header, const char* bound) {
    const SaslStep step = talk(bound_settings(plus), {.header = header, .bound = bound});
    EXPECT_EQ(step.kind, SaslStepKind::unbound) << header;
    return step.reason;
}

// RFC 5802 §6
TEST(Scram, ChannelBindingMustFit) {
    using enum PlusVariant;
    EXPECT_EQ(reason_of(no, "y,,", ""), "server-does-support-channel-binding");
    EXPECT_EQ(reason_of(yes, "y,,", ""), "server-does-support-channel-binding");
    EXPECT_EQ(reason_of(yes, "n,,", ""), "channel-bindings-dont-match");
    EXPECT_EQ(reason_of(no, "p=tls-exporter,,", "exported"), "channel-binding-not-supported");
    EXPECT_EQ(reason_of(yes, "p=tls-unique,,", "unique"), "unsupported-channel-binding-type");
    EXPECT_EQ(reason_of(yes, "p=tls-exporter,,", "end point"), "channel-bindings-dont-match");
    EXPECT_EQ(reason_of(yes, "p=tls-exporter,,", ""), "channel-bindings-dont-match");
    EXPECT_EQ(reason_of(yes, "p=tls-server-end-point,,", "another"), "channel-bindings-dont-match");
    ScramSettings only_end_point = bound_settings(yes);
    only_end_point.bindings.tls_exporter.clear();
    EXPECT_EQ(talk(only_end_point, {.header = "p=tls-exporter,,"}).kind, SaslStepKind::unbound);
    EXPECT_EQ(talk(only_end_point, {.header = "y,,"}).kind, SaslStepKind::unbound) << "-PLUS";
    only_end_point.plus = no;  // not announced under TLS 1.2
    EXPECT_EQ(talk(only_end_point, {.header = "y,,"}).kind, SaslStepKind::authenticated);
}

TEST(Scram, ChannelBindingThatFits) {
    using enum PlusVariant;
    for (const auto& [header, data] : {std::pair("p=tls-exporter,,", "exported"),
                                       {"p=tls-server-end-point,a=user,", "end point"}}) {
        EXPECT_EQ(talk(bound_settings(yes), {.header = header, .bound = data}).kind,
                  SaslStepKind::authenticated);
    }
    // A client without channel binding, and one that has it on a connection without.
    EXPECT_EQ(talk(bound_settings(no), {}).kind, SaslStepKind::authenticated);
    EXPECT_EQ(talk(settings_for(Hash::sha256), {.header = "y,,"}).kind,
              SaslStepKind::authenticated);
}

TEST(Scram, NobodyActsForSomebodyElse) {
    EXPECT_EQ(talk(settings_for(Hash::sha256), {.header = "n,a=admin,"}).kind,
              SaslStepKind::refused);
    EXPECT_EQ(talk(settings_for(Hash::sha256), {.header = "n,a=admin,", .password = "x"}).kind,
              SaslStepKind::wrong)
        << "said to nobody but the user";
    EXPECT_EQ(talk(settings_for(Hash::sha256), {.header = "n,a=user,"}).kind,
              SaslStepKind::authenticated);
}

TEST(Scram, DisabledAccountsDoNotGetIn) {
    ScramSettings settings = settings_for(Hash::sha256);
    settings.find_user = [](std::string_view) -> ScramUser {
        auto account = std::make_shared<Account>();
        account->disabled = true;
        return {derive_scram_keys(Hash::sha256, "pencil", salt, 4096), account};
    };
    const SaslStep step = talk(std::move(settings), {});
    EXPECT_EQ(step.kind, SaslStepKind::wrong);
    EXPECT_STREQ(step.reason, account_disabled);
}

struct Exchange {
    Hash hash;
    const char* salt;
    const char* server_nonce;
    const char* client_first;
    const char* server_first;
    const char* client_final;
    const char* server_final;
};

// RFC 5802 §5, RFC 7677 §3
const Exchange published[] = {
    {Hash::sha1, "QSXCR+Q6sek8bf92", "3rfcNHYJY1ZVvWVs7j", "n,,n=user,r=fyko+d2lbbFgONRv9qkxdawL",
     "r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,s=QSXCR+Q6sek8bf92,i=4096",
     "c=biws,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=",
     "v=rmF9pqV8S7suAoZWja4dJRkFsKQ="},
    {Hash::sha256, "W22ZaJ0SNY7soEsUEjb6gQ==", "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0",
     "n,,n=user,r=rOprNGfwEbeRWgbNEkqO",
     "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096",
     "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,"
     "p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=",
     "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="}};

TEST(Scram, PublishedExchanges) {
    for (const Exchange& example : published) {
        ScramSettings settings = settings_for(example.hash, example.server_nonce);
        settings.find_user = [&](std::string_view name) -> ScramUser {
            EXPECT_EQ(name, "user");
            const std::string its_salt = base64_decode(example.salt).value();
            return {derive_scram_keys(example.hash, "pencil", its_salt, 4096), pencil_owner()};
        };
        auto mechanism = make_scram(std::move(settings));
        const SaslStep empty = mechanism->start(std::nullopt);
        EXPECT_EQ(empty.kind, SaslStepKind::challenge);
        EXPECT_EQ(empty.bytes, "");
        EXPECT_EQ(mechanism->step(example.client_first).bytes, example.server_first);
        EXPECT_EQ(mechanism->step(example.client_final).bytes, example.server_final);
        const SaslStep end = mechanism->step("");
        EXPECT_EQ(end.kind, SaslStepKind::authenticated);
        EXPECT_EQ(end.account, pencil_owner());
    }
}

}  // namespace
}  // namespace postern::auth
