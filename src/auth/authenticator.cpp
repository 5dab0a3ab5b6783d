// Cache first, then the offload pool; SCRAM's users. See authenticator.hpp.
#include "auth/authenticator.hpp"

#include <utility>

#include "auth/app_password.hpp"
#include "auth/limits.hpp"
#include "auth/scram.hpp"
#include "base/ascii.hpp"
#include "base/base64.hpp"
#include "engine/io.hpp"
#include "engine/shard.hpp"

namespace postern::auth {

using engine::Shard;
using engine::task;

namespace {

ChannelBindings bindings_of(const net::SecureLayer* secure) {
    if (secure == nullptr) return {};
    return {std::string(secure->channel_binding(net::ChannelBinding::tls_exporter)),
            std::string(secure->channel_binding(net::ChannelBinding::tls_server_end_point))};
}

// Nobody's keys: made of the name and a secret of this installation, so that who asks for a name
// twice sees the same salt twice, on every shard and after a restart, as for names that exist.
ScramKeys decoy_keys(const Directory& directory, std::string_view user_name, crypto::Hash hash,
                     std::uint32_t iterations) {
    const std::string subject =
        std::to_string(crypto::digest_bytes(hash)) + ":" + directory.login_key(user_name);
    const auto derive = [&](const char* what, std::size_t bytes) {
        return crypto::hmac(crypto::Hash::sha512, directory.decoy_secret(), what + subject)
            .substr(0, bytes);
    };
    return {iterations,
            derive("salt:", scram_salt_bytes),
            derive("stored:", crypto::digest_bytes(hash)),
            {}};
}

ScramUser find_scram_user(const std::shared_ptr<const Directory>& directory,
                          std::string_view user_name, crypto::Hash hash, std::uint32_t iterations) {
    ScramUser nobody{decoy_keys(*directory, user_name, hash, iterations), nullptr};
    const Account* account = directory->find_login(user_name);
    if (account == nullptr) return nobody;
    const auto keys_of = [hash](const Credential& credential) -> const std::optional<ScramKeys>& {
        return hash == crypto::Hash::sha1 ? credential.scram_sha1 : credential.scram_sha256;
    };
    const auto& keys = keys_of(account->credential);
    if (!keys) return nobody;
    ScramUser user{*keys, std::shared_ptr<const Account>(directory, account)};
    for (const AppPassword& each : account->app_passwords) {
        const auto& more = keys_of(each.credential);
        const bool fits = more && more->salt == keys->salt && more->iterations == keys->iterations;
        if (fits) user.more_keys.push_back(*more);
    }
    return user;
}

}  // namespace

Authenticator::Authenticator(std::shared_ptr<const Directory> directory, PasswordCost cost,
                             std::string cache_key)
    : directory_(std::move(directory)),
      cost_(cost),
      decoy_(decoy_credential(cost)),
      cache_(std::move(cache_key)) {}

void Authenticator::set_directory(std::shared_ptr<const Directory> directory) {
    directory_ = std::move(directory);
    open_logins_.end_strangers(*directory_);
}

task<LoginResult> Authenticator::log_in(std::string user_name, std::string password) {
    // The snapshot is held here: the directory may be swapped while the pool works.
    std::shared_ptr<const Directory> directory = directory_;
    const Account* account = directory->find_login(user_name);
    const bool disabled = account != nullptr && account->disabled;
    const MonotonicTime now = Shard::current().now();
    if (account != nullptr && !disabled && cache_.knows(*account, password, now)) {
        co_return std::shared_ptr<const Account>(directory, account);
    }
    // A name that does not exist costs the same work, so that time does not tell the two apart.
    const Credential* record = account != nullptr ? &credential_for(*account, password) : &decoy_;
    bool verified = false;
    auto verify = [record, &password, &verified] { verified = verify_password(*record, password); };
    auto done = co_await engine::try_offload(verify);
    if (!done) co_return Failure(done.error());
    if (account == nullptr || !verified) {
        co_return fail_request(ErrorCode::authentication, "wrong user name or password");
    }
    if (disabled) co_return fail_request(ErrorCode::authentication, account_disabled);
    remember(*account, password);
    co_return std::shared_ptr<const Account>(directory, account);
}

void Authenticator::remember(const Account& account, std::string_view password) {
    const std::string proof = cache_.remember(account, password, Shard::current().now());
    for (unsigned shard = 0; shard < peers_.size(); ++shard) {
        if (peers_[shard] == this) continue;
        engine::post_to(shard, [peer = peers_[shard], proof] {
            peer->cache_.adopt(proof, Shard::current().now());
        });
    }
}

std::span<const std::string_view> Authenticator::mechanisms(const net::SecureLayer* secure) {
    return mechanism_names(bindings_of(secure).announced() ? PlusVariant::yes : PlusVariant::no);
}

std::unique_ptr<Mechanism> Authenticator::make_scram_mechanism(std::string_view name,
                                                               ChannelBindings bindings) {
    ScramSettings settings;
    settings.plus = name.ends_with("-PLUS") ? PlusVariant::yes : PlusVariant::no;
    settings.hash = name.starts_with("SCRAM-SHA-256") ? crypto::Hash::sha256 : crypto::Hash::sha1;
    settings.bindings = std::move(bindings);
    settings.nonce = base64_encode(crypto::random_bytes(scram_nonce_bytes));
    settings.find_user = [directory = directory_, hash = settings.hash,
                          iterations = cost_.scram_iterations](std::string_view user_name) {
        return find_scram_user(directory, user_name, hash, iterations);
    };
    settings.is_name_of = [directory = directory_](const Account& account, std::string_view other) {
        return directory->find_login(other) == &account;
    };
    return make_scram(std::move(settings));
}

std::optional<SaslExchange> Authenticator::begin(std::string_view mechanism,
                                                 const net::SecureLayer* secure) {
    ChannelBindings bindings = bindings_of(secure);
    for (const auto name : mechanism_names(bindings.any() ? PlusVariant::yes : PlusVariant::no)) {
        if (!iequals(name, mechanism)) continue;
        auto by_password = make_password_mechanism(name);
        return SaslExchange(by_password ? std::move(by_password)
                                        : make_scram_mechanism(name, std::move(bindings)));
    }
    return std::nullopt;
}

// RFC 4422 §3.4.1: nobody acts for somebody else here, which is said only to who is right.
task<LoginResult> Authenticator::conclude(SaslStep step) {
    switch (step.kind) {
        case SaslStepKind::authenticated: co_return std::move(step.account);
        case SaslStepKind::needs_verification: break;
        case SaslStepKind::unbound: co_return fail_request(ErrorCode::unsupported, step.reason);
        case SaslStepKind::refused:
            co_return fail_request(ErrorCode::refused, "acting for another user");
        default: co_return fail_request(ErrorCode::authentication, step.reason);
    }
    std::shared_ptr<const Directory> directory = directory_;
    auto login = co_await log_in(std::move(step.user_name), std::move(step.password));
    if (!login || step.authorization.empty()) co_return login;
    const Account* other = directory->find_login(step.authorization);
    if (other == nullptr || other->id != (*login)->id) {
        co_return fail_request(ErrorCode::refused, "acting for another user");
    }
    co_return login;
}

}  // namespace postern::auth
