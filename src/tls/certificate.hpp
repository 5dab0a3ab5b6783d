// Certificates: a PEM chain with its private key, checked and with its facts laid open, and the
// self-signed one that a new installation starts with. No shard owns them: values, immutable once
// loaded. Failures are ErrorKind::peer_request with a text saying what is wrong with the PEM: it
// is the administrator who gave it.
// RFC 5280 (profile), RFC 6125 §6.4 (names), RFC 5929 §4.1 (tls-server-end-point), RFC 7468 (PEM).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "base/time.hpp"
#include "tls/crypto.hpp"

namespace postern::tls {

struct Certificate {
    std::string chain_pem;           // the server's certificate first, then its issuers
    std::string key_pem;             // PKCS #8, SEC 1 or PKCS #1, not encrypted; empty for a peer's
    std::string der;                 // the first certificate of the chain
    std::vector<std::string> names;  // DNS names of the subject alternative name, lower case
    WallTime not_before;
    WallTime not_after;
    crypto::Sha256Digest fingerprint;  // SHA-256 over der
    std::string end_point_binding;     // tls-server-end-point; empty for Ed25519, which has none
};

// The pair must fit; the chain is not verified and may have expired (see not_after).
Result<Certificate> load_certificate(std::string_view chain_pem, std::string_view key_pem);

// Facts of a single certificate in DER.
Result<Certificate> read_certificate(std::string_view der);

// ECDSA P-256, self-signed, for TLS servers; names are host names or IP addresses, at least one,
// the first also the common name if it is short enough for one. Valid from `from` for `days`.
Result<Certificate> make_self_signed(const std::vector<std::string>& names, WallTime from,
                                     int days);

// Whether `pattern` of a certificate (perhaps "*.example.org") stands for `host`; RFC 6125 §6.4.3
// with the wildcard as the whole leftmost label only. Case does not matter.
bool name_matches(std::string_view pattern, std::string_view host);

// As administrators compare it: AA:BB:…, upper case.
std::string format_fingerprint(const crypto::Sha256Digest& fingerprint);

}  // namespace postern::tls
