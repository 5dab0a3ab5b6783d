// Certificates over wolfCrypt: DecodedCert for reading, Cert for making. No shard owns anything
// here; failures are the administrator's mistakes, said in words, or no memory.
#include "tls/certificate.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <memory>

#include "base/ascii.hpp"
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

Failure fail_pem(const char* what) {
    return fail_request(ErrorCode::refused, what);
}

// --- reading ------------------------------------------------------------------------------------

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

std::optional<WallTime> read_date(const unsigned char* date, int bytes) {
    const unsigned char* text = nullptr;
    unsigned char format = 0;
    int length = 0;
    struct tm calendar = {};
    if (date == nullptr || wc_GetDateInfo(date, bytes, &text, &format, &length) != 0) return {};
    if (wc_GetDateAsCalendarTime(text, length, format, &calendar) != 0) return {};
    return WallTime{std::int64_t(timegm(&calendar)) * 1'000'000'000};
}

std::vector<std::string> dns_names(const Decoded& cert) {
    std::vector<std::string> names;
    for (const DNS_entry* entry = cert->altNames; entry != nullptr; entry = entry->next) {
        if (entry->type != ASN_DNS_TYPE || entry->len <= 0) continue;
        names.push_back(to_lower({entry->name, std::size_t(entry->len)}));
    }
    std::reverse(names.begin(), names.end());  // wolfSSL keeps them last first
    if (names.size() > limits::certificate_names_max) names.resize(limits::certificate_names_max);
    return names;
}

// RFC 5929 §4.1: the hash of the certificate's signature, SHA-256 for the weak ones.
std::string end_point_binding(const Decoded& cert, std::string_view der) {
    switch (cert->signatureOID) {
        case CTC_SHA384wRSA:
        case CTC_SHA384wECDSA: return crypto::digest(crypto::Hash::sha384, der);
        case CTC_SHA512wRSA:
        case CTC_SHA512wECDSA: return crypto::digest(crypto::Hash::sha512, der);
        case CTC_ED25519: return {};
        default: return crypto::digest(crypto::Hash::sha256, der);
    }
}

Result<std::string> first_der(std::string_view pem) {
    DerBuffer* der = nullptr;
    if (wc_PemToDer(bytes_of(pem), long(pem.size()), CERT_TYPE, &der, nullptr, nullptr, nullptr) !=
            0 ||
        der == nullptr) {
        wc_FreeDer(&der);
        return fail_pem("no certificate in the PEM text");
    }
    std::string out(reinterpret_cast<const char*>(der->buffer), der->length);
    wc_FreeDer(&der);
    return out;
}

// Lets wolfSSL judge chain and key, as the server context will.
bool pair_fits(std::string_view chain_pem, std::string_view key_pem) {
    start_library();
    using Context = std::unique_ptr<WOLFSSL_CTX, decltype(&wolfSSL_CTX_free)>;
    Context ctx(wolfSSL_CTX_new(wolfTLS_server_method()), &wolfSSL_CTX_free);
    return ctx &&
           wolfSSL_CTX_use_certificate_chain_buffer(ctx.get(), bytes_of(chain_pem),
                                                    long(chain_pem.size())) == WOLFSSL_SUCCESS &&
           wolfSSL_CTX_use_PrivateKey_buffer(ctx.get(), bytes_of(key_pem), long(key_pem.size()),
                                             WOLFSSL_FILETYPE_PEM) == WOLFSSL_SUCCESS &&
           wolfSSL_CTX_check_private_key(ctx.get()) == WOLFSSL_SUCCESS;
}

// --- making -------------------------------------------------------------------------------------

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

// Fills in everything but the names. RFC 5280 §4.1 and §4.2.1.
bool describe(Cert& cert, Key& key, std::string_view common_name, WallTime from, int days) {
    if (wc_InitCert(&cert) != 0) return false;
    if (common_name.size() > limits::common_name_bytes_max) common_name = "postern";
    std::memcpy(cert.subject.commonName, common_name.data(), common_name.size());
    cert.sigType = CTC_SHA256wECDSA;
    cert.isCA = 0;
    cert.beforeDateSz = write_date(cert.beforeDate, from.unix_seconds());
    cert.afterDateSz = write_date(cert.afterDate, from.unix_seconds() + days * 86400LL);
    return wc_SetKeyUsage(&cert, "digitalSignature") == 0 &&
           wc_SetExtKeyUsage(&cert, "serverAuth") == 0 &&
           wc_SetSubjectKeyIdFromPublicKey_ex(&cert, ECC_TYPE, &key.ecc) == 0;
}

}  // namespace

Result<Certificate> read_certificate(std::string_view der) {
    Decoded decoded(der);
    if (!decoded.parse()) return fail_pem("the certificate cannot be read");
    const auto not_before = read_date(decoded->beforeDate, decoded->beforeDateLen);
    const auto not_after = read_date(decoded->afterDate, decoded->afterDateLen);
    if (!not_before || !not_after) return fail_pem("the certificate has no readable dates");
    Certificate out;
    out.der = der;
    out.names = dns_names(decoded);
    out.not_before = *not_before;
    out.not_after = *not_after;
    out.fingerprint = crypto::sha256(der);
    out.end_point_binding = end_point_binding(decoded, der);
    return out;
}

Result<Certificate> load_certificate(std::string_view chain_pem, std::string_view key_pem) {
    if (chain_pem.size() > limits::certificate_pem_bytes_max ||
        key_pem.size() > limits::certificate_pem_bytes_max) {
        return fail_request(ErrorCode::too_big, "the certificate or its key is over its limit");
    }
    auto der = first_der(chain_pem);
    if (!der) return std::unexpected(der.error());
    auto out = read_certificate(*der);
    if (!out) return out;
    if (!pair_fits(chain_pem, key_pem)) {
        return fail_pem("the private key is not the certificate's, or one of them is damaged");
    }
    out->chain_pem = chain_pem;
    out->key_pem = key_pem;
    return out;
}

Result<Certificate> make_self_signed(const std::vector<std::string>& names, WallTime from,
                                     int days) {
    if (names.empty() || names.size() > limits::certificate_names_max) {
        return fail_pem("a certificate needs between 1 and 100 names");
    }
    if (days < 1 || days > limits::certificate_days_max) {
        return fail_pem("a certificate is valid between 1 day and 20 years");
    }
    const auto alternative_names = encode_names(names);
    if (!alternative_names) return fail_pem("a name cannot be in a certificate");
    start_library();
    auto key = std::make_unique<Key>();
    auto cert = std::make_unique<Cert>();
    if (wc_ecc_make_key_ex(&key->rng, 32, &key->ecc, ECC_SECP256R1) != 0 ||
        !describe(*cert, *key, names.front(), from, days) ||
        alternative_names->size() > sizeof cert->altNames) {
        return fail_internal(ErrorCode::exhausted, "making a certificate failed");
    }
    std::memcpy(cert->altNames, alternative_names->data(), alternative_names->size());
    cert->altNamesSz = int(alternative_names->size());
    std::string der(4096 + alternative_names->size(), '\0');
    auto* out = reinterpret_cast<unsigned char*>(der.data());
    if (wc_MakeCert(cert.get(), out, word32(der.size()), nullptr, &key->ecc, &key->rng) <= 0) {
        return fail_internal(ErrorCode::exhausted, "making a certificate failed");
    }
    const int bytes = wc_SignCert(cert->bodySz, cert->sigType, out, word32(der.size()), nullptr,
                                  &key->ecc, &key->rng);
    if (bytes <= 0) return fail_internal(ErrorCode::exhausted, "signing a certificate failed");
    der.resize(std::size_t(bytes));
    return load_certificate(to_pem(der, CERT_TYPE), key_pem(*key));
}

// RFC 6125 §6.4.3
bool name_matches(std::string_view pattern, std::string_view host) {
    if (host.ends_with('.')) host.remove_suffix(1);
    if (!pattern.starts_with("*.")) return iequals(pattern, host);
    const std::size_t dot = host.find('.');
    if (dot == std::string_view::npos || dot == 0) return false;
    return iequals(pattern.substr(1), host.substr(dot));
}

std::string format_fingerprint(const crypto::Sha256Digest& fingerprint) {
    std::string out;
    for (unsigned char c : fingerprint) {
        char pair[4];
        std::snprintf(pair, sizeof pair, "%02X:", c);
        out += pair;
    }
    out.pop_back();
    return out;
}

}  // namespace postern::tls
