// SASL, the server's side (RFC 4422): mechanisms as state machines over decoded messages, and the
// base64 framing that SMTP (RFC 4954 §4), IMAP (RFC 9051 §6.2.2) and POP3 (RFC 5034 §4) share.
// Pure: a session feeds lines and acts on the step it gets back. When a step says
// `needs_verification`, the session looks the user up, asks the shard's login cache and otherwise
// has verify_password run in the offload pool; no mechanism ever does that itself.
//
// PLAIN (RFC 4616) and LOGIN (the old two-question exchange that mail clients still use).
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace postern::auth {

enum class SaslStepKind : unsigned char {
    challenge,           // send `bytes` to the client and feed its answer to the next step
    needs_verification,  // check user_name and password; the exchange is over
    cancelled,           // the client sent "*"
    malformed,           // bad base64, bad message, over a limit
    refused,             // well formed, but an authorization identity that is not the user's own
};

struct SaslStep {
    SaslStepKind kind = SaslStepKind::malformed;
    std::string bytes;      // challenge: decoded from Mechanism, base64 from SaslExchange
    std::string user_name;  // needs_verification
    std::string password;   // needs_verification
};

// One exchange of one mechanism. `start` gets the decoded initial response, nothing when the
// client sent none (which is not the same as an empty one); `step` each decoded response.
class Mechanism {
 public:
    virtual ~Mechanism() = default;
    virtual SaslStep start(std::optional<std::string_view> initial_response) = 0;
    virtual SaslStep step(std::string_view response) = 0;
};

// The mechanisms offered, strongest first, for the capability lines of the protocols.
std::span<const std::string_view> mechanism_names();

// Case-insensitive; nullptr when the mechanism is not offered.
std::unique_ptr<Mechanism> make_mechanism(std::string_view name);

// A mechanism behind the line framing. Responses come without CRLF.
class SaslExchange {
 public:
    explicit SaslExchange(std::unique_ptr<Mechanism> mechanism);

    // The third word of AUTH / AUTHENTICATE: absent, "=" for an empty response, or base64.
    SaslStep start(std::optional<std::string_view> initial_response);
    // A line of the client: base64, or "*" to cancel (RFC 4954 §4, RFC 9051 §6.2.2).
    SaslStep receive(std::string_view line);

 private:
    SaslStep frame(SaslStep step) const;
    std::unique_ptr<Mechanism> mechanism_;
};

}  // namespace postern::auth
