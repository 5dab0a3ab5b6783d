// Certificates and requests for them made with wolfCrypt's Cert; see certificate.hpp and
// certificate_request.hpp. No shard owns anything here; failures are the administrator's names, or
// no memory.
#include <arpa/inet.h>

#include <cstring>
#include <ctime>
#include <memory>
#include <optional>

#include "base/ascii.hpp"
#include "tls/certificate.hpp"
#include "tls/certificate_request.hpp"
#include "tls/limits.hpp"
#include "tls/wolfssl.hpp"
// wolfCrypt's own headers need the settings above
#include <wolfssl/wolfcrypt/asn.h>
#include <wolfssl/wolfcrypt/asn_public.h>
#include <wolfssl/wolfcrypt/ecc.h>

namespace postern::tls {
namespace {

constexpr unsigned char tag_utc_time = 0x17;
constexpr unsigned char tag_generalized_time = 0x18;
constexpr unsigned char tag_sequence = 0x30;
constexpr unsigned char tag_dns_name = 0x82;    // GeneralName [2]
constexpr unsigned char tag_ip_address = 0x87;  // GeneralName [7]

void append_general_name(std::string& out, unsigned char tag, std::string_view value) {
    out += char(tag);
    out += char(value.size());  // under 128: checked by the caller
    out += value;
}

// SubjectAltName, RFC 5280 §4.2.1.6; nothing for a name that cannot be in one.
std::optional<std::string> encode_names(const std::vector<std::string>& names) {
    std::string list;
    for (const std::string& name : names) {
        char address[sizeof(in6_addr)];
        if (inet_pton(AF_INET, name.c_str(), address) == 1) {
            append_general_name(list, tag_ip_address, {address, sizeof(in_addr)});
        } else if (inet_pton(AF_INET6, name.c_str(), address) == 1) {
            append_general_name(list, tag_ip_address, {address, sizeof(in6_addr)});
        } else {
            if (name.empty() || name.size() > 127 || has_8bit(name)) return {};
            append_general_name(list, tag_dns_name, to_lower(name));
        }
    }
    std::string out(1, char(tag_sequence));
    if (list.size() < 128) {
        out += char(list.size());
    } else {
        out += {char(0x82), char(list.size() >> 8), char(list.size() & 0xff)};
    }
    return out + list;
}

// RFC 5280 §4.1.2.5: UTCTime through 2049, GeneralizedTime from then on. Returns the bytes written.
int write_date(unsigned char (&out)[CTC_DATE_SIZE], std::int64_t unix_seconds) {
    const std::time_t at = unix_seconds;
    struct tm calendar = {};
    gmtime_r(&at, &calendar);
    const bool generalized = calendar.tm_year >= 150;
    char text[24];
    const std::size_t bytes = std::strftime(
        text, sizeof text, generalized ? "%Y%m%d%H%M%SZ" : "%y%m%d%H%M%SZ", &calendar);
    out[0] = generalized ? tag_generalized_time : tag_utc_time;
    out[1] = static_cast<unsigned char>(bytes);
    std::memcpy(out + 2, text, bytes);
    return int(bytes) + 2;
}

struct Key {
    WC_RNG rng;
    ecc_key ecc;
    Key() {
        wc_InitRng(&rng);
        wc_ecc_init(&ecc);
    }
    Key(const Key&) = delete;
    Key& operator=(const Key&) = delete;
    ~Key() {
        wc_ecc_free(&ecc);
        wc_FreeRng(&rng);
    }
};

std::string to_pem(std::string_view der, int type) {
    const int bytes = wc_DerToPem(bytes_of(der), word32(der.size()), nullptr, 0, type);
    if (bytes <= 0) return {};
    std::string out(std::size_t(bytes), '\0');
    const int written =
        wc_DerToPem(bytes_of(der), word32(der.size()), reinterpret_cast<unsigned char*>(out.data()),
                    word32(out.size()), type);
    out.resize(written > 0 ? std::size_t(written) : 0);
    return out;
}

std::string key_pem(Key& key) {
    unsigned char der[256];
    word32 bytes = sizeof der;
    const int written = wc_EccPrivateKeyToPKCS8(&key.ecc, der, &bytes);
    std::string pem;
    if (written > 0) {
        pem = to_pem({reinterpret_cast<const char*>(der), std::size_t(written)},
                     PKCS8_PRIVATEKEY_TYPE);
    }
    crypto::wipe(der, sizeof der);
    return pem;
}

// Everything but names and dates. RFC 5280 §4.2.1.
bool describe(Cert& cert, Key& key, std::string_view common_name) {
    if (wc_InitCert(&cert) != 0) return false;
    if (common_name.size() > limits::common_name_bytes_max) common_name = "postern";
    std::memcpy(cert.subject.commonName, common_name.data(), common_name.size());
    cert.sigType = CTC_SHA256wECDSA;
    cert.isCA = 0;
    return wc_SetKeyUsage(&cert, "digitalSignature") == 0 &&
           wc_SetExtKeyUsage(&cert, "serverAuth") == 0 &&
           wc_SetSubjectKeyIdFromPublicKey_ex(&cert, ECC_TYPE, &key.ecc) == 0;
}

// A new key and what is to be signed with it, the names in it.
struct Draft {
    Key key;
    Cert cert;
};
Result<std::unique_ptr<Draft>> begin_draft(const std::vector<std::string>& names) {
    if (names.empty() || names.size() > limits::certificate_names_max) {
        return fail_request(ErrorCode::refused, "a certificate needs between 1 and 100 names");
    }
    const auto alternative_names = encode_names(names);
    if (!alternative_names) {
        return fail_request(ErrorCode::refused, "a name cannot be in a certificate");
    }
    start_library();
    auto draft = std::make_unique<Draft>();
    Cert& cert = draft->cert;
    Key& key = draft->key;
    if (wc_ecc_make_key_ex(&key.rng, 32, &key.ecc, ECC_SECP256R1) != 0 ||
        !describe(cert, key, names.front()) || alternative_names->size() > sizeof cert.altNames) {
        return fail_internal(ErrorCode::exhausted, "making a certificate failed");
    }
    std::memcpy(cert.altNames, alternative_names->data(), alternative_names->size());
    cert.altNamesSz = int(alternative_names->size());
    return draft;
}

enum class Wanted : unsigned char { certificate, request };

// Signed with its own key, in PEM.
Result<std::string> sign_draft(Draft& draft, Wanted wanted) {
    Cert& cert = draft.cert;
    Key& key = draft.key;
    std::string der(4096 + std::size_t(cert.altNamesSz), '\0');
    auto* out = reinterpret_cast<unsigned char*>(der.data());
    const word32 room = word32(der.size());
    const int made = wanted == Wanted::request
                         ? wc_MakeCertReq(&cert, out, room, nullptr, &key.ecc)
                         : wc_MakeCert(&cert, out, room, nullptr, &key.ecc, &key.rng);
    if (made <= 0) return fail_internal(ErrorCode::exhausted, "making a certificate failed");
    const int bytes =
        wc_SignCert(cert.bodySz, cert.sigType, out, room, nullptr, &key.ecc, &key.rng);
    if (bytes <= 0) return fail_internal(ErrorCode::exhausted, "signing a certificate failed");
    der.resize(std::size_t(bytes));
    return to_pem(der, wanted == Wanted::request ? CERTREQ_TYPE : CERT_TYPE);
}

}  // namespace

Result<Certificate> make_self_signed(const std::vector<std::string>& names, WallTime from,
                                     int days) {
    if (days < 1 || days > limits::certificate_days_max) {
        return fail_request(ErrorCode::refused,
                            "a certificate is valid between 1 day and 20 years");
    }
    auto draft = begin_draft(names);
    if (!draft) return std::unexpected(draft.error());
    Cert& cert = (*draft)->cert;
    cert.beforeDateSz = write_date(cert.beforeDate, from.unix_seconds());
    cert.afterDateSz = write_date(cert.afterDate, from.unix_seconds() + days * 86400LL);
    const auto pem = sign_draft(**draft, Wanted::certificate);
    if (!pem) return std::unexpected(pem.error());
    return load_certificate(*pem, key_pem((*draft)->key));
}

Result<CertificateRequest> make_certificate_request(const std::vector<std::string>& names) {
    auto draft = begin_draft(names);
    if (!draft) return std::unexpected(draft.error());
    auto pem = sign_draft(**draft, Wanted::request);
    if (!pem) return std::unexpected(pem.error());
    return CertificateRequest{std::move(*pem), key_pem((*draft)->key)};
}

}  // namespace postern::tls
