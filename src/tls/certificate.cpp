// Certificates read over wolfCrypt's DecodedCert. No shard owns anything here; failures are the
// administrator's mistakes, said in words, or no memory.
#include "tls/certificate.hpp"

#include <algorithm>
#include <cstdio>
#include <ctime>
#include <memory>

#include "base/ascii.hpp"
#include "tls/decoded.hpp"
#include "tls/limits.hpp"
#include "tls/wolfssl.hpp"

namespace postern::tls {
namespace {

Failure fail_pem(const char* what) {
    return fail_request(ErrorCode::refused, what);
}

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

// Whether there is a private key of some kind in the text.
bool is_key(std::string_view pem) {
    using Context = std::unique_ptr<WOLFSSL_CTX, decltype(&wolfSSL_CTX_free)>;
    Context ctx(wolfSSL_CTX_new(wolfTLS_server_method()), &wolfSSL_CTX_free);
    return ctx && wolfSSL_CTX_use_PrivateKey_buffer(ctx.get(), bytes_of(pem), long(pem.size()),
                                                    WOLFSSL_FILETYPE_PEM) == WOLFSSL_SUCCESS;
}

// Lets wolfSSL judge chain and key, as the server context will. What is wrong, or nullptr.
const char* judge_pair(std::string_view chain_pem, std::string_view key_pem) {
    start_library();
    using Context = std::unique_ptr<WOLFSSL_CTX, decltype(&wolfSSL_CTX_free)>;
    Context ctx(wolfSSL_CTX_new(wolfTLS_server_method()), &wolfSSL_CTX_free);
    if (!ctx) return "no memory for a certificate";
    if (wolfSSL_CTX_use_certificate_chain_buffer(ctx.get(), bytes_of(chain_pem),
                                                 long(chain_pem.size())) != WOLFSSL_SUCCESS) {
        return "a certificate of the chain cannot be read";
    }
    if (key_pem.contains("ENCRYPTED")) {
        return "the private key is encrypted: it must be without a passphrase";
    }
    const int taken = wolfSSL_CTX_use_PrivateKey_buffer(ctx.get(), bytes_of(key_pem),
                                                        long(key_pem.size()), WOLFSSL_FILETYPE_PEM);
    // wolfSSL compares here already, as far as it can.
    if (taken != WOLFSSL_SUCCESS && !is_key(key_pem)) return "the private key cannot be read";
    if (taken != WOLFSSL_SUCCESS || wolfSSL_CTX_check_private_key(ctx.get()) != WOLFSSL_SUCCESS) {
        return "the private key is not the certificate's";
    }
    return nullptr;
}

}  // namespace

Result<std::string> first_certificate_der(std::string_view pem) {
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
    auto der = first_certificate_der(chain_pem);
    if (!der) return std::unexpected(der.error());
    auto out = read_certificate(*der);
    if (!out) return out;
    if (const char* wrong = judge_pair(chain_pem, key_pem)) return fail_pem(wrong);
    out->chain_pem = chain_pem;
    out->key_pem = key_pem;
    return out;
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
