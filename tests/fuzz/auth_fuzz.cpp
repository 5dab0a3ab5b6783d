// Fuzz targets of src/auth: SASL exchanges, SCRAM's above all. The bytes are messages, a line each;
// the first byte says by which mechanism. Nobody gets in but by the published exchange.
#include <array>
#include <memory>
#include <string>

#include "auth/scram.hpp"
#include "auth/scram_keys.hpp"
#include "auth/scram_message.hpp"
#include "base/base64.hpp"
#include "registry.hpp"

namespace postern::fuzz {
namespace {

using namespace std::string_view_literals;

// RFC 7677 §3
constexpr std::string_view published =
    "sn,,n=user,r=rOprNGfwEbeRWgbNEkqO\n"
    "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,"
    "p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=\n"sv;

constexpr std::array sasl_seeds = {
    published,
    "sp=tls-exporter,a=us=2Cer,n=u=3Dser,r=abc,x=y\nc=cD10bHM=,r=abc,x=y,p=AAAA\n"sv,
    "sy,,n=user,r=a\n\n"sv,
    "p\0alice\0secret"sv,
    "pbob\0alice\0secret"sv,
    "lalice\nsecret"sv};

std::unique_ptr<auth::Mechanism> make_scram() {
    static const auth::ScramKeys keys = auth::derive_scram_keys(
        crypto::Hash::sha256, "pencil", base64_decode("W22ZaJ0SNY7soEsUEjb6gQ==").value(), 4096);
    static const auto account = std::make_shared<auth::Account>();
    auth::ScramSettings settings;
    settings.nonce = "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0";
    settings.find_user = [](std::string_view) { return auth::ScramUser{keys, account}; };
    settings.is_name_of = [](const auth::Account&, std::string_view) { return true; };
    return auth::make_scram(std::move(settings));
}

std::unique_ptr<auth::Mechanism> make(char kind) {
    if (kind == 'p') return auth::make_password_mechanism("PLAIN");
    if (kind == 'l') return auth::make_password_mechanism("LOGIN");
    return make_scram();
}

}  // namespace

Seeds seeds_sasl() {
    return sasl_seeds;
}

void fuzz_sasl(std::string_view bytes) {
    if (bytes.empty()) return;
    const std::string_view whole = bytes;
    auto mechanism = make(bytes[0]);
    auth::SaslExchange framed(make(bytes[0]));
    bytes.remove_prefix(1);
    auth::SaslStep step = mechanism->start(std::nullopt);
    auth::SaslStep same = framed.start(std::nullopt);
    for (unsigned messages = 0; step.kind == auth::SaslStepKind::challenge; ++messages) {
        fuzz_check(messages < 4, "every exchange ends");
        fuzz_check(same.kind == step.kind, "framing changes nothing");
        fuzz_check(same.bytes == base64_encode(step.bytes), "challenges are framed");
        const std::size_t end = std::min(bytes.find('\n'), bytes.size());
        const std::string_view message = bytes.substr(0, end);
        bytes.remove_prefix(std::min(end + 1, bytes.size()));
        if (message.size() > 4'000) return;
        step = mechanism->step(message);
        same = framed.receive(base64_encode(message));
    }
    fuzz_check(same.kind == step.kind, "framing changes nothing at the end");
    if (step.kind == auth::SaslStepKind::authenticated) {
        fuzz_check(step.account != nullptr, "somebody has got in");
        fuzz_check(whole.find("n=user,r=rOprNGfwEbeRWgbNEkqO\n") != std::string_view::npos,
                   "only by the published exchange");
    }
}

}  // namespace postern::fuzz
