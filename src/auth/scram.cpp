// The SCRAM exchange; see scram.hpp.
#include "auth/scram.hpp"

#include <utility>

#include "auth/limits.hpp"
#include "auth/scram_message.hpp"
#include "base/base64.hpp"

namespace postern::auth {
namespace {

// What is malformed may be a mistake of the client's author; everything else is a failed login.
SaslStep failed(ScramError error, std::string_view user_name) {
    SaslStep step;
    step.user_name = user_name;
    step.reason = name_of(error);
    switch (error) {
        case ScramError::invalid_encoding:
        case ScramError::extensions_not_supported:
        case ScramError::invalid_username_encoding: step.kind = SaslStepKind::malformed; break;
        case ScramError::channel_bindings_dont_match:
        case ScramError::server_does_support_channel_binding:
        case ScramError::channel_binding_not_supported:
        case ScramError::unsupported_channel_binding_type: step.kind = SaslStepKind::unbound; break;
        case ScramError::invalid_proof:
        case ScramError::other_error: step.kind = SaslStepKind::wrong; break;
    }
    return step;
}

class ScramMechanism final : public Mechanism {
 public:
    explicit ScramMechanism(ScramSettings settings) : settings_(std::move(settings)) {}

    // RFC 5802 §5.2, 2a: the client speaks first.
    SaslStep start(std::optional<std::string_view> initial_response) override {
        if (initial_response) return step(*initial_response);
        return {.kind = SaslStepKind::challenge};
    }

    SaslStep step(std::string_view response) override {
        switch (std::exchange(awaited_, Awaited::nothing)) {
            case Awaited::client_first: return answer_first(response);
            case Awaited::client_final: return answer_final(response);
            case Awaited::end: return finish(response);
            case Awaited::nothing: break;
        }
        return {.kind = SaslStepKind::malformed};
    }

 private:
    enum class Awaited : std::uint8_t { client_first, client_final, end, nothing };

    SaslStep answer_first(std::string_view message);
    SaslStep answer_final(std::string_view message);
    SaslStep finish(std::string_view response);
    SaslStep fail(ScramError error) const { return failed(error, user_name_); }
    std::optional<ScramError> choose_binding(const ClientFirst& first);
    // The keys whose password the client has proved to know; nullptr: none of them.
    const ScramKeys* find_proved(const ClientFinal& final_message,
                                 std::string_view auth_message) const;

    ScramSettings settings_;
    Awaited awaited_ = Awaited::client_first;
    std::string user_name_;
    std::string authorization_;
    ScramUser user_;
    std::string binding_input_;  // cbind-input, as the client must say it
    std::string nonce_;          // both parts
    std::string transcript_;     // client-first-message-bare "," server-first-message
};

// RFC 5802 §6: "y" while -PLUS is announced means that somebody took it off the list on the way.
std::optional<ScramError> ScramMechanism::choose_binding(const ClientFirst& first) {
    binding_input_ = first.gs2_header;
    const bool chose_plus = settings_.plus == PlusVariant::yes;
    if (first.binding != ScramBinding::used) {
        if (first.binding == ScramBinding::not_offered && settings_.bindings.announced()) {
            return ScramError::server_does_support_channel_binding;
        }
        if (chose_plus) return ScramError::channel_bindings_dont_match;
        return std::nullopt;
    }
    if (!chose_plus) return ScramError::channel_binding_not_supported;
    const std::string_view data = settings_.bindings.find(first.binding_type);
    if (data.empty()) return ScramError::unsupported_channel_binding_type;
    binding_input_ += data;
    return std::nullopt;
}

// RFC 5802 §5: client-first-message → server-first-message
SaslStep ScramMechanism::answer_first(std::string_view message) {
    const auto first = parse_client_first(message);
    if (!first) return fail(first.error());
    if (first->user_name.size() > user_name_bytes_max ||
        first->authorization.size() > user_name_bytes_max) {
        return fail(ScramError::invalid_username_encoding);
    }
    user_name_ = first->user_name;
    authorization_ = first->authorization;
    if (const auto error = choose_binding(*first)) return fail(*error);
    user_ = settings_.find_user(user_name_);
    nonce_ = std::string(first->nonce) + settings_.nonce;
    SaslStep next{.kind = SaslStepKind::challenge};
    next.bytes = format_server_first(nonce_, user_.keys.salt, user_.keys.iterations);
    transcript_ = std::string(first->bare) + "," + next.bytes;
    awaited_ = Awaited::client_final;
    return next;
}

// RFC 5802 §3: ClientKey := ClientProof XOR ClientSignature; H(ClientKey) must be StoredKey.
const ScramKeys* ScramMechanism::find_proved(const ClientFinal& final_message,
                                             std::string_view auth_message) const {
    const ScramKeys* proved = nullptr;
    const auto try_keys = [&](const ScramKeys& keys) {
        std::string key = crypto::hmac(settings_.hash, keys.stored_key, auth_message);
        for (std::size_t i = 0; i < key.size(); ++i) key[i] = char(key[i] ^ final_message.proof[i]);
        const std::string hashed = crypto::digest(settings_.hash, key);
        crypto::wipe(key);
        if (crypto::equal_constant_time(hashed, keys.stored_key)) proved = &keys;
    };
    try_keys(user_.keys);
    for (const ScramKeys& each : user_.more_keys) try_keys(each);
    return user_.account != nullptr ? proved : nullptr;
}

// RFC 5802 §5: client-final-message → server-final-message
SaslStep ScramMechanism::answer_final(std::string_view message) {
    const auto final_message = parse_client_final(message);
    if (!final_message) return fail(final_message.error());
    if (final_message->proof.size() != crypto::digest_bytes(settings_.hash)) {
        return fail(ScramError::invalid_encoding);
    }
    // Of another exchange, or tampered with.
    if (final_message->nonce != nonce_) return fail(ScramError::other_error);
    if (final_message->binding_input != binding_input_) {
        return fail(ScramError::channel_bindings_dont_match);
    }
    const std::string auth_message = transcript_ + "," + std::string(final_message->without_proof);
    const ScramKeys* proved = find_proved(*final_message, auth_message);
    if (proved == nullptr) return fail(ScramError::invalid_proof);
    SaslStep next{.kind = SaslStepKind::challenge};
    next.bytes =
        "v=" + base64_encode(crypto::hmac(settings_.hash, proved->server_key, auth_message));
    if (user_.account->disabled) {
        next = {.kind = SaslStepKind::wrong, .user_name = user_name_, .reason = account_disabled};
    } else if (!authorization_.empty() && !settings_.is_name_of(*user_.account, authorization_)) {
        next = {.kind = SaslStepKind::refused, .user_name = user_name_};
    } else {
        awaited_ = Awaited::end;
    }
    return next;
}

// RFC 4422 §5, 2b: where success cannot carry data, the client acknowledges it with nothing. PHP's
// Net_SMTP, and Roundcube with it, acknowledges with NOOP, which happens to be base64.
SaslStep ScramMechanism::finish(std::string_view response) {
    constexpr std::string_view decoded_noop = "\x34\xe3\x8f";
    if (!response.empty() && response != decoded_noop) return {.kind = SaslStepKind::malformed};
    return {.kind = SaslStepKind::authenticated, .user_name = user_name_, .account = user_.account};
}

}  // namespace

std::unique_ptr<Mechanism> make_scram(ScramSettings settings) {
    return std::make_unique<ScramMechanism>(std::move(settings));
}

}  // namespace postern::auth
