// SASL mechanisms and framing; see sasl.hpp.
#include "auth/sasl.hpp"

#include <array>

#include "auth/limits.hpp"
#include "base/ascii.hpp"
#include "base/base64.hpp"

namespace postern::auth {
namespace {

SaslStep malformed() {
    return {.kind = SaslStepKind::malformed};
}
SaslStep challenge(std::string_view bytes) {
    return {.kind = SaslStepKind::challenge, .bytes = std::string(bytes)};
}

// User names and passwords are UTF-8 without NUL (RFC 4616 §2 SAFE).
bool is_safe(std::string_view text, std::size_t bytes_max) {
    return !text.empty() && text.size() <= bytes_max && !text.contains('\0') && is_valid_utf8(text);
}

SaslStep verification(std::string_view user_name, std::string_view password) {
    if (!is_safe(user_name, user_name_bytes_max) || !is_safe(password, password_bytes_max)) {
        return malformed();
    }
    return {.kind = SaslStepKind::needs_verification,
            .user_name = std::string(user_name),
            .password = std::string(password)};
}

// RFC 4616 §2: message = [authzid] NUL authcid NUL passwd
SaslStep parse_plain(std::string_view message) {
    const std::size_t first = message.find('\0');
    if (first == std::string_view::npos) return malformed();
    const std::size_t second = message.find('\0', first + 1);
    if (second == std::string_view::npos) return malformed();
    const std::string_view authorization = message.substr(0, first);
    const std::string_view user_name = message.substr(first + 1, second - first - 1);
    if (!authorization.empty() && !is_safe(authorization, user_name_bytes_max)) return malformed();
    SaslStep step = verification(user_name, message.substr(second + 1));
    step.authorization = authorization;
    return step;
}

class PlainMechanism final : public Mechanism {
 public:
    SaslStep start(std::optional<std::string_view> initial_response) override {
        return initial_response ? step(*initial_response) : challenge("");
    }
    SaslStep step(std::string_view response) override { return parse_plain(response); }
};

class LoginMechanism final : public Mechanism {
 public:
    SaslStep start(std::optional<std::string_view> initial_response) override {
        return initial_response ? step(*initial_response) : challenge("Username:");
    }
    SaslStep step(std::string_view response) override {
        if (!user_name_.empty()) return verification(user_name_, response);
        if (!is_safe(response, user_name_bytes_max)) return malformed();
        user_name_ = response;
        return challenge("Password:");
    }

 private:
    std::string user_name_;
};

constexpr std::array<std::string_view, 6> names = {
    "SCRAM-SHA-256-PLUS", "SCRAM-SHA-1-PLUS", "SCRAM-SHA-256", "SCRAM-SHA-1", "PLAIN", "LOGIN"};
constexpr std::size_t plus_names = 2;

}  // namespace

std::string_view ChannelBindings::find(std::string_view type) const {
    if (type == "tls-exporter") return tls_exporter;
    if (type == "tls-server-end-point") return tls_server_end_point;
    return {};
}

std::span<const std::string_view> mechanism_names(PlusVariant plus) {
    const std::span<const std::string_view> all = names;
    return plus == PlusVariant::yes ? all : all.subspan(plus_names);
}

std::unique_ptr<Mechanism> make_password_mechanism(std::string_view name) {
    if (iequals(name, "PLAIN")) return std::make_unique<PlainMechanism>();
    if (iequals(name, "LOGIN")) return std::make_unique<LoginMechanism>();
    return nullptr;
}

SaslExchange::SaslExchange(std::unique_ptr<Mechanism> mechanism)
    : mechanism_(std::move(mechanism)) {}

SaslStep SaslExchange::frame(SaslStep step) const {
    if (step.kind == SaslStepKind::challenge) step.bytes = base64_encode(step.bytes);
    return step;
}

// RFC 4954 §4: "=" is an initial response of no bytes.
SaslStep SaslExchange::start(std::optional<std::string_view> initial_response) {
    if (!initial_response) return frame(mechanism_->start(std::nullopt));
    if (*initial_response == "=") return frame(mechanism_->start(std::string_view()));
    if (initial_response->empty() || initial_response->size() > sasl_line_bytes_max) {
        return malformed();
    }
    const auto decoded = base64_decode(*initial_response);
    if (!decoded || decoded->size() > sasl_message_bytes_max) return malformed();
    return frame(mechanism_->start(*decoded));
}

SaslStep SaslExchange::receive(std::string_view line) {
    if (line == "*") return {.kind = SaslStepKind::cancelled};
    if (line.size() > sasl_line_bytes_max) return {.kind = SaslStepKind::too_long};
    const auto decoded = base64_decode(line);
    if (!decoded || decoded->size() > sasl_message_bytes_max) return malformed();
    return frame(mechanism_->step(*decoded));
}

}  // namespace postern::auth
