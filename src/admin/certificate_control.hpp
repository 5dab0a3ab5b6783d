// The commands on the gateway's certificate: certificate.show, certificate.self-sign,
// certificate.import, certificate.request, certificate.cancel-request, certificate.authority.
// README.md shows their fields. Files lie in one directory: the pair in force (tls/pem_files.hpp),
// request.pem and request-key.pem while a request waits for its answer, authority.pem.
//
// BLOCKING: in the offload pool. A change is on disk when the answer comes; the daemon then loads
// it. Whatever is refused has changed nothing.
#pragma once

#include <string>
#include <string_view>

#include "base/time.hpp"

namespace postern::admin {

struct CertificatePlaces {
    std::string directory;    // <data>/tls
    std::string certificate;  // PEM files that the configuration names; both empty: of `directory`
    std::string private_key;
    std::string host_name;
    std::string authorities;  // PEM file: whom mail clients know
    WallTime now;
};

bool is_certificate_request(std::string_view line);

enum class CertificateChange : unsigned char { none, load_again };
struct CertificateAnswer {
    std::string response;  // a line
    CertificateChange change = CertificateChange::none;
};
CertificateAnswer handle_certificate_request(const CertificatePlaces& places,
                                             std::string_view line);

// The response when what is on disk now could not be loaded.
std::string refuse_certificate(std::string_view words);

}  // namespace postern::admin
