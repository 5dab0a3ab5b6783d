// SASL, the server's side (RFC 4422): mechanisms as state machines over decoded messages, and the
// base64 framing that SMTP (RFC 4954 §4), IMAP (RFC 9051 §6.2.2) and POP3 (RFC 5034 §4) share.
// Pure: whoever drives an exchange feeds lines and acts on the step it gets back. Sessions use
// Authenticator::begin, converse_sasl (sasl_dialogue.hpp) and Authenticator::conclude.
//
// PLAIN (RFC 4616) and LOGIN (the old two-question exchange that mail clients still use) are here,
// SCRAM in scram.hpp.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace postern::auth {

struct Account;

enum class SaslStepKind : unsigned char {
    challenge,           // send `bytes` to the client and feed its answer to the next step
    needs_verification,  // check user_name and password; the exchange is over
    authenticated,       // `account` has proved itself; the exchange is over
    cancelled,           // the client sent "*"
    too_long,            // a line over its limit
    malformed,           // bad base64, bad message, out of order, over a limit
    wrong,               // a proof that does not fit
    unbound,             // channel binding missing, unknown or of another connection
    refused,             // right, but an authorization identity that is not the user's own
};

struct SaslStep {
    SaslStepKind kind = SaslStepKind::malformed;
    std::string bytes;          // challenge: decoded from Mechanism, base64 from SaslExchange
    std::string user_name;      // all but challenge, cancelled and too_long, as far as it is known
    std::string password;       // needs_verification
    std::string authorization;  // needs_verification: whom to act for; empty: the user
    std::shared_ptr<const Account> account;  // authenticated
    const char* reason = "";                 // static text, for the log
};

inline constexpr const char* account_disabled = "the account is disabled";

// One exchange of one mechanism. `start` gets the decoded initial response, nothing when the
// client sent none (which is not the same as an empty one); `step` each decoded response.
class Mechanism {
 public:
    virtual ~Mechanism() = default;
    virtual SaslStep start(std::optional<std::string_view> initial_response) = 0;
    virtual SaslStep step(std::string_view response) = 0;
};

// What this connection can be tied to, copied from its TLS session; empty: not to be had.
struct ChannelBindings {
    std::string tls_exporter;          // RFC 9266
    std::string tls_server_end_point;  // RFC 5929 §4

    bool any() const { return !tls_exporter.empty() || !tls_server_end_point.empty(); }
    // Whether the -PLUS mechanisms are announced: under TLS 1.3. Before it, clients bind to
    // tls-unique (RFC 5929 §3), which is not here: who saw -PLUS would choose it and fail. Who asks
    // for it all the same may bind to the end point.
    bool announced() const { return !tls_exporter.empty(); }
    // By the registered name; empty for a type that is unknown or not to be had.
    std::string_view find(std::string_view type) const;
};

enum class PlusVariant : unsigned char { no, yes };  // RFC 5802 §6: SCRAM-…-PLUS

// The mechanisms offered, strongest first, for the capability lines of the protocols. The -PLUS
// ones are among them where ChannelBindings::announced().
std::span<const std::string_view> mechanism_names(PlusVariant plus);

// "PLAIN" and "LOGIN", case-insensitive; nullptr for all others.
std::unique_ptr<Mechanism> make_password_mechanism(std::string_view name);

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
