// SCRAM's grammar; see scram_message.hpp.
#include "auth/scram_message.hpp"

#include <algorithm>

#include "base/ascii.hpp"
#include "base/base64.hpp"

namespace postern::auth {
namespace {

// Takes off everything up to the next comma, and the comma.
std::string_view take_field(std::string_view& rest) {
    const std::size_t comma = std::min(rest.find(','), rest.size());
    const std::string_view field = rest.substr(0, comma);
    rest.remove_prefix(std::min(comma + 1, rest.size()));
    return field;
}

// The value of the field that must come next; null when another one does.
std::optional<std::string_view> take_attribute(std::string_view& rest, char name) {
    if (rest.size() < 2 || rest[0] != name || rest[1] != '=') return std::nullopt;
    return take_field(rest).substr(2);
}

// printable = %x21-2B / %x2D-7E
bool is_nonce(std::string_view text) {
    const auto is_printable = [](char c) { return c >= 0x21 && c <= 0x7e && c != ','; };
    return !text.empty() && std::ranges::all_of(text, is_printable);
}

// cb-name = 1*(ALPHA / DIGIT / "." / "-")
bool is_binding_type(std::string_view text) {
    const auto fits = [](char c) { return is_ascii_alnum(c) || c == '.' || c == '-'; };
    return !text.empty() && std::ranges::all_of(text, fits);
}

// saslname = 1*(value-safe-char / "=2C" / "=3D")
std::expected<std::string, ScramError> decode_name(std::string_view text) {
    if (text.empty() || text.contains('\0') || !is_valid_utf8(text)) {
        return std::unexpected(ScramError::invalid_username_encoding);
    }
    std::string name;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '=') {
            name += text[i];
            continue;
        }
        const std::string_view escape = text.substr(i, 3);
        if (escape != "=2C" && escape != "=3D") {
            return std::unexpected(ScramError::invalid_username_encoding);
        }
        name += escape == "=2C" ? ',' : '=';
        i += 2;
    }
    return name;
}

// extensions = attr-val *("," attr-val), which are ignored when they are well formed.
bool are_extensions(std::string_view rest) {
    while (!rest.empty()) {
        const bool goes_on = rest.contains(',');
        const std::string_view field = take_field(rest);
        if (field.size() < 3 || !is_ascii_alpha(field[0]) || field[1] != '=') return false;
        if (field.contains('\0') || !is_valid_utf8(field)) return false;
        if (goes_on && rest.empty()) return false;  // a comma at the end
    }
    return true;
}

// gs2-header = gs2-cbind-flag "," [authzid] ","; what follows stays in `rest`.
std::expected<ClientFirst, ScramError> parse_gs2_header(std::string_view& rest) {
    const std::string_view message = rest;
    if (std::ranges::count(message, ',') < 2) return std::unexpected(ScramError::invalid_encoding);
    ClientFirst first;
    const std::string_view flag = take_field(rest);
    if (flag == "y") {
        first.binding = ScramBinding::not_offered;
    } else if (flag.starts_with("p=") && is_binding_type(flag.substr(2))) {
        first.binding = ScramBinding::used;
        first.binding_type = flag.substr(2);
    } else if (flag != "n") {
        return std::unexpected(ScramError::invalid_encoding);
    }
    const std::string_view authorization = take_field(rest);
    first.gs2_header = message.substr(0, message.size() - rest.size());
    if (authorization.empty()) return first;
    if (!authorization.starts_with("a=")) return std::unexpected(ScramError::invalid_encoding);
    auto name = decode_name(authorization.substr(2));
    if (!name) return std::unexpected(name.error());
    first.authorization = std::move(*name);
    return first;
}

}  // namespace

const char* name_of(ScramError error) {
    switch (error) {
        case ScramError::invalid_encoding: return "invalid-encoding";
        case ScramError::extensions_not_supported: return "extensions-not-supported";
        case ScramError::invalid_proof: return "invalid-proof";
        case ScramError::channel_bindings_dont_match: return "channel-bindings-dont-match";
        case ScramError::server_does_support_channel_binding:
            return "server-does-support-channel-binding";
        case ScramError::channel_binding_not_supported: return "channel-binding-not-supported";
        case ScramError::unsupported_channel_binding_type:
            return "unsupported-channel-binding-type";
        case ScramError::invalid_username_encoding: return "invalid-username-encoding";
        case ScramError::other_error: break;
    }
    return "other-error";
}

// RFC 5802 §7: client-first-message = gs2-header [reserved-mext ","] username "," nonce
// ["," extensions]
std::expected<ClientFirst, ScramError> parse_client_first(std::string_view message) {
    std::string_view rest = message;
    auto first = parse_gs2_header(rest);
    if (!first) return first;
    first->bare = rest;
    if (rest.starts_with("m=")) return std::unexpected(ScramError::extensions_not_supported);
    const auto name = take_attribute(rest, 'n');
    if (!name) return std::unexpected(ScramError::invalid_encoding);
    auto user_name = decode_name(*name);
    if (!user_name) return std::unexpected(user_name.error());
    first->user_name = std::move(*user_name);
    const auto nonce = take_attribute(rest, 'r');
    const bool ends_in_comma = first->bare.ends_with(',');
    if (!nonce || !is_nonce(*nonce) || ends_in_comma || !are_extensions(rest)) {
        return std::unexpected(ScramError::invalid_encoding);
    }
    first->nonce = *nonce;
    return first;
}

// RFC 5802 §7: client-final-message = channel-binding "," nonce ["," extensions] "," proof
std::expected<ClientFinal, ScramError> parse_client_final(std::string_view message) {
    const std::size_t proof_at = message.rfind(",p=");
    if (proof_at == std::string_view::npos) return std::unexpected(ScramError::invalid_encoding);
    ClientFinal final_message;
    final_message.without_proof = message.substr(0, proof_at);
    std::string_view rest = final_message.without_proof;
    const auto binding = take_attribute(rest, 'c');
    const auto nonce = take_attribute(rest, 'r');
    const bool ends_in_comma = final_message.without_proof.ends_with(',');
    if (!binding || !nonce || !is_nonce(*nonce) || ends_in_comma || !are_extensions(rest)) {
        return std::unexpected(ScramError::invalid_encoding);
    }
    auto binding_input = base64_decode(*binding);
    auto proof = base64_decode(message.substr(proof_at + 3));
    if (!binding_input || !proof) return std::unexpected(ScramError::invalid_encoding);
    final_message.binding_input = std::move(*binding_input);
    final_message.nonce = *nonce;
    final_message.proof = std::move(*proof);
    return final_message;
}

std::string format_server_first(std::string_view nonce, std::string_view salt,
                                std::uint32_t iterations) {
    return "r=" + std::string(nonce) + ",s=" + base64_encode(salt) +
           ",i=" + std::to_string(iterations);
}

}  // namespace postern::auth
