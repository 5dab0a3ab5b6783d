// Contexts by level; see tls_clients.hpp.
#include "smtp/client/tls_clients.hpp"

#include <fstream>
#include <sstream>
#include <utility>

#include "engine/io.hpp"
#include "smtp/client/dane.hpp"

namespace postern::smtp::client {

using engine::task;
using engine::try_;

namespace {

std::shared_ptr<const tls::ClientContext> make_context(tls::Verification verification) {
    tls::ClientOptions options;
    options.verification = verification;
    auto context = tls::ClientContext::make(std::move(options));
    return context ? *context : nullptr;
}

}  // namespace

TlsClients::TlsClients(std::string authorities_file, std::string own_authority_file)
    : authorities_file_(std::move(authorities_file)),
      own_authority_file_(std::move(own_authority_file)),
      trusting_(make_context(tls::Verification::none)),
      checking_(make_context(tls::Verification::check)) {}

Result<TlsClients::Context> TlsClients::with_authorities(tls::Verification verification) {
    std::lock_guard lock(mutex_);
    Context& known = verification == tls::Verification::ca ? verifying_ : watching_;
    if (known != nullptr) return known;
    std::ifstream file(authorities_file_);
    std::stringstream text;
    text << file.rdbuf();
    if (!file) return fail_internal(ErrorCode::io, "the authorities' file cannot be read");
    std::ifstream own(own_authority_file_);
    if (own) text << '\n' << own.rdbuf();
    tls::ClientOptions options;
    options.verification = verification;
    options.authorities_pem = text.str();
    auto context = tls::ClientContext::make(std::move(options));
    if (context) known = *context;
    return context;
}

task<Result<std::unique_ptr<tls::StreamLayer>>> TlsClients::make_layer(
    const TlsRequirement* requirement, tls::Resumption resumption) {
    std::shared_ptr<const tls::ClientContext> context = trusting_;
    tls::ClientPeer peer;
    peer.server_name = requirement->server_name;
    if (requirement->level == TlsLevel::dane) {
        context = checking_;
        peer.check = [requirement](std::span<const std::string_view> chain) {
            return matches_tlsa(chain, requirement->tlsa, requirement->reference_names);
        };
    } else if (requirement->level == TlsLevel::verify) {
        auto load = [this] { return with_authorities(tls::Verification::ca); };
        auto loaded = co_await try_(engine::try_offload(load));
        context = co_await try_(std::move(loaded));
    } else if (requirement->is_sts_testing) {
        auto load = [this] { return with_authorities(tls::Verification::watch); };
        auto loaded = co_await try_(engine::try_offload(load));
        if (loaded) context = std::move(*loaded);
    } else {
        peer.resumption = std::move(resumption);
    }
    if (context == nullptr) co_return fail_internal(ErrorCode::exhausted, "no TLS context");
    auto session = tls::Session::client(std::move(context), std::move(peer));
    if (!session) co_return Failure(session.error());
    co_return std::make_unique<tls::StreamLayer>(std::move(*session));
}

}  // namespace postern::smtp::client
