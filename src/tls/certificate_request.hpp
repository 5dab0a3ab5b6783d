// A request for a certificate (PKCS #10) with a key of its own: what an administrator gives to an
// authority, which answers with the certificate. Pure but for random bytes.
#pragma once

#include <string>
#include <vector>

#include "base/error.hpp"

namespace postern::tls {

struct CertificateRequest {
    std::string request_pem;
    std::string key_pem;  // PKCS #8, ECDSA P-256
};
// For a TLS server of these names, as make_self_signed takes them. Refused: a name that cannot be
// in a certificate, none or too many.
Result<CertificateRequest> make_certificate_request(const std::vector<std::string>& names);

}  // namespace postern::tls
