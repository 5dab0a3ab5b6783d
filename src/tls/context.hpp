// What all sessions of one kind share: certificates, policy, ticket keys. Built once, never changed
// after, shared by all shards (wolfSSL counts its references atomically and takes no lock on the
// server's side of a handshake); a reload builds another and swaps the pointer, and sessions keep
// the one they began with. Building fails with the administrator's mistake in the error's text.
// Policy: TLS 1.2 and 1.3, forward secrecy, AEAD only (RFC 9325 §3 and §4); no renegotiation, no
// compression, no early data.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "tls/certificate.hpp"
#include "tls/tickets.hpp"

struct WOLFSSL_CTX;

namespace postern::tls {

enum class Versions : std::uint8_t { tls12_and_13, only_tls12, only_tls13 };

struct ServerOptions {
    std::vector<Certificate> certificates;      // at least one; the first serves unknown names
    std::shared_ptr<const TicketKeys> tickets;  // none: no resumption
    std::vector<std::string> alpn;              // in order of preference; empty: not negotiated
    Versions versions = Versions::tls12_and_13;
};

class ServerContext {
 public:
    static Result<std::shared_ptr<const ServerContext>> make(ServerOptions options);
    ~ServerContext();
    ServerContext(const ServerContext&) = delete;
    ServerContext& operator=(const ServerContext&) = delete;

    // The certificate for a host (RFC 6066 §3): an exact name before a wildcard before the first.
    const Certificate& choose(std::string_view server_name) const;

 private:
    friend class Session;
    struct Site;  // one certificate and its WOLFSSL_CTX
    ServerContext() = default;
    const Site& site_for(std::string_view server_name) const;

    std::vector<std::unique_ptr<Site>> sites_;
    std::string alpn_;  // as wolfSSL takes it: comma separated
};

enum class Verification : std::uint8_t {
    none,   // opportunistic (RFC 7435): anything goes
    ca,     // a chain to one of the authorities, and the server's name
    check,  // ChainCheck of the session alone decides (a pinned certificate, DANE)
    watch,  // anything goes, and Session::verified() says what `ca` would have made of it
};

// Whether to go on with a server that shows this chain (DER, its own certificate first).
using ChainCheck = std::function<bool(std::span<const std::string_view> chain)>;

// wolfSSL's client cannot fall back to a full handshake when a TLS 1.2 server has forgotten its
// ticket: the connection is lost then. So it resumes under TLS 1.3 only, unless told otherwise.
enum class Resume : std::uint8_t { only_tls13, tls12_too };

struct ClientOptions {
    Verification verification = Verification::ca;
    std::string authorities_pem;  // for Verification::ca
    std::vector<std::string> alpn;
    Versions versions = Versions::tls12_and_13;
    Resume resume = Resume::only_tls13;
};

class ClientContext {
 public:
    static Result<std::shared_ptr<const ClientContext>> make(ClientOptions options);
    ~ClientContext();
    ClientContext(const ClientContext&) = delete;
    ClientContext& operator=(const ClientContext&) = delete;

    Verification verification() const { return verification_; }

 private:
    friend class Session;
    ClientContext() = default;

    WOLFSSL_CTX* ctx_ = nullptr;
    Verification verification_ = Verification::ca;
    Resume resume_ = Resume::only_tls13;
    std::string alpn_;
};

}  // namespace postern::tls
