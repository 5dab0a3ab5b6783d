// A certificate as wolfCrypt lays it open, for the .cpp files of this folder alone. What it points
// to lies in the bytes that it was made of.
#pragma once

#include <string>
#include <string_view>

#include "base/error.hpp"
#include "tls/wolfssl.hpp"
// wolfCrypt's own headers need the settings above
#include <wolfssl/wolfcrypt/asn.h>
#include <wolfssl/wolfcrypt/asn_public.h>

namespace postern::tls {

// Of the first certificate in a PEM text (certificate.cpp).
Result<std::string> first_certificate_der(std::string_view pem);

class Decoded {
 public:
    explicit Decoded(std::string_view der) {
        wc_InitDecodedCert(&cert_, bytes_of(der), word32(der.size()), nullptr);
    }
    Decoded(const Decoded&) = delete;
    Decoded& operator=(const Decoded&) = delete;
    ~Decoded() { wc_FreeDecodedCert(&cert_); }
    bool parse() { return wc_ParseCert(&cert_, CERT_TYPE, NO_VERIFY, nullptr) == 0; }
    const DecodedCert* operator->() const { return &cert_; }

 private:
    DecodedCert cert_;
};

}  // namespace postern::tls
