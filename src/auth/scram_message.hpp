// The messages of a SCRAM exchange: RFC 5802 §7, which RFC 7677 takes over unchanged. Pure; views
// into the message that was parsed. What is wrong with a message is one of the RFC's own
// server-error-values.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

namespace postern::auth {

enum class ScramError : std::uint8_t {
    invalid_encoding,
    extensions_not_supported,
    invalid_proof,
    channel_bindings_dont_match,
    server_does_support_channel_binding,
    channel_binding_not_supported,
    unsupported_channel_binding_type,
    invalid_username_encoding,
    other_error,
};
const char* name_of(ScramError error);  // "invalid-encoding"

// gs2-cbind-flag
enum class ScramBinding : std::uint8_t {
    unsupported,  // "n": the client has no channel binding
    not_offered,  // "y": it has, and believes that the server has none
    used,         // "p=<type>"
};

struct ClientFirst {
    std::string_view gs2_header;  // with both commas
    ScramBinding binding = ScramBinding::unsupported;
    std::string_view binding_type;  // "tls-exporter"
    std::string authorization;      // empty: none given
    std::string_view bare;          // client-first-message-bare
    std::string user_name;          // decoded, not prepared
    std::string_view nonce;
};
std::expected<ClientFirst, ScramError> parse_client_first(std::string_view message);

struct ClientFinal {
    std::string binding_input;       // of "c=", decoded
    std::string_view nonce;          // client's and server's
    std::string proof;               // decoded
    std::string_view without_proof;  // client-final-message-without-proof
};
std::expected<ClientFinal, ScramError> parse_client_final(std::string_view message);

// "r=<nonce>,s=<salt>,i=<iterations>"; the salt comes raw.
std::string format_server_first(std::string_view nonce, std::string_view salt,
                                std::uint32_t iterations);

}  // namespace postern::auth
