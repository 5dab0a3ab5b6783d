// The administrator's certificates judged; see certificate_check.hpp.
#include "tls/certificate_check.hpp"

#include <algorithm>
#include <span>

#include "base/utc_text.hpp"
#include "tls/chain.hpp"
#include "tls/decoded.hpp"
#include "tls/limits.hpp"
#include "tls/wolfssl.hpp"
// wolfCrypt's own headers need the settings above
#include <wolfssl/wolfcrypt/rsa.h>

namespace postern::tls {
namespace {

constexpr std::string_view certificate_begin = "-----BEGIN CERTIFICATE-----";
constexpr std::string_view certificate_end = "-----END CERTIFICATE-----";
constexpr int rsa_bits_min = 2048;
constexpr std::int64_t day_ns = 86'400LL * 1'000'000'000;

// The next block of a certificate, taken off `pem` with what is before it; empty: no whole one.
std::string_view take_block(std::string_view& pem) {
    const std::size_t begin = pem.find(certificate_begin);
    const std::size_t end = pem.find(certificate_end, std::min(begin, pem.size()));
    if (begin == pem.npos || end == pem.npos) return {};
    const std::string_view block = pem.substr(begin, end + certificate_end.size() - begin);
    pem.remove_prefix(end + certificate_end.size());
    return block;
}

// 0 when it is no RSA key.
int rsa_bits(const Decoded& cert) {
    RsaKey key;
    if (wc_InitRsaKey(&key, nullptr) != 0) return 0;
    word32 at = 0;
    const bool ok = wc_RsaPublicKeyDecode(cert->publicKey, &at, &key, cert->pubKeySize) == 0;
    const int bytes = ok ? wc_RsaEncryptSize(&key) : 0;
    wc_FreeRsaKey(&key);
    return bytes > 0 ? bytes * 8 : 0;
}

std::string describe_key(const Decoded& cert) {
    switch (cert->keyOID) {
        case RSAk: return "RSA " + std::to_string(rsa_bits(cert));
        case ED25519k: return "Ed25519";
        case ECDSAk:
            if (cert->pkCurveOID == ECC_SECP256R1_OID) return "ECDSA P-256";
            if (cert->pkCurveOID == ECC_SECP384R1_OID) return "ECDSA P-384";
            if (cert->pkCurveOID == ECC_SECP521R1_OID) return "ECDSA P-521";
            return "ECDSA";
        default: return "unknown";
    }
}

std::string date_of(WallTime time) {
    return format_utc(time.ns / 1'000'000).substr(0, 16) + " UTC";
}

// What is wrong with the order of the chain; nothing when each has issued the one before it.
std::string judge_order(const std::vector<std::string>& chain) {
    for (std::size_t i = 0; i + 1 < chain.size(); ++i) {
        const std::string_view one[] = {chain[i]};
        if (leads_to(one, chain[i + 1])) continue;
        return "certificate " + std::to_string(i + 2) +
               " of the chain has not issued certificate " + std::to_string(i + 1) +
               ", or has ended: the server's own comes first, then its "
               "issuer, and so on";
    }
    return {};
}

std::string judge_dates(const Certificate& certificate, WallTime now) {
    if (now > certificate.not_after) {
        return "the certificate has ended on " + date_of(certificate.not_after);
    }
    // Clocks differ by a day at the most.
    if (now.ns + day_ns < certificate.not_before.ns) {
        return "the certificate is valid only from " + date_of(certificate.not_before) +
               " on: is the clock right?";
    }
    return {};
}

std::string judge_names(const Certificate& certificate, const CheckWishes& wishes) {
    if (wishes.names == NameCheck::waived) return {};
    for (const std::string& name : certificate.names) {
        if (name_matches(name, wishes.host_name)) return {};
    }
    std::string listed;
    for (const std::string& name : certificate.names) listed += (listed.empty() ? "" : ", ") + name;
    return "the certificate is not for " + wishes.host_name + " but for " +
           (listed.empty() ? std::string("no name at all") : listed);
}

std::string judge_key(const CertificateDetails& details) {
    const bool is_weak =
        details.key.starts_with("RSA ") && std::atoi(details.key.c_str() + 4) < rsa_bits_min;
    if (is_weak) return "the key is too weak: " + details.key + ", at least RSA 2048 is wanted";
    if (details.key == "unknown") return "the key is of a kind that TLS clients do not know";
    return {};
}

// Whether somebody of `authorities` stands behind the last certificate of the chain.
bool is_known(const std::vector<std::string>& chain, const std::vector<std::string>& authorities) {
    const auto last = describe_certificate(chain.back());
    const std::string_view one[] = {chain.back()};
    return last && std::ranges::any_of(authorities, [&](const std::string& authority) {
               if (authority == chain.back()) return true;
               const auto details = describe_certificate(authority);
               return details && details->subject == last->issuer && leads_to(one, authority);
           });
}

}  // namespace

Result<CertificateDetails> describe_certificate(std::string_view der) {
    start_library();
    Decoded decoded(der);
    if (!decoded.parse()) {
        return fail_request(ErrorCode::refused, "the certificate cannot be read");
    }
    CertificateDetails details;
    details.subject = decoded->subject;
    details.issuer = decoded->issuer;
    details.key = describe_key(decoded);
    details.is_self_signed = decoded->selfSigned != 0;
    details.is_authority = decoded->isCA != 0;
    return details;
}

// RFC 7468 §2, §5: text between the blocks says nothing.
Result<std::vector<std::string>> certificates_of(std::string_view pem) {
    std::vector<std::string> found;
    std::string_view block = take_block(pem);
    for (; !block.empty() && found.size() < limits::chain_certificates_max;
         block = take_block(pem)) {
        auto one = first_certificate_der(std::string(block) + "\n");
        if (!one) return fail_request(ErrorCode::refused, "a certificate is damaged");
        found.push_back(std::move(*one));
    }
    if (pem.contains(certificate_begin) && found.size() < limits::chain_certificates_max) {
        return fail_request(ErrorCode::refused, "a certificate is cut off");
    }
    if (found.empty()) {
        return fail_request(ErrorCode::refused, "no certificate in the PEM text");
    }
    return found;
}

std::vector<std::string> every_certificate_of(std::string_view pem) {
    std::vector<std::string> found;
    for (auto block = take_block(pem); !block.empty(); block = take_block(pem)) {
        auto one = first_certificate_der(std::string(block) + "\n");
        if (one) found.push_back(std::move(*one));
    }
    return found;
}

std::string certificate_blocks_of(std::string_view pem) {
    std::string out;
    for (auto block = take_block(pem); !block.empty(); block = take_block(pem)) {
        out += std::string(block) + "\n";
    }
    return out;
}

std::string_view private_key_of(std::string_view pem) {
    constexpr std::string_view mark = "-----BEGIN ", kind = "PRIVATE KEY-----";
    for (std::size_t begin = pem.find(mark); begin != pem.npos; begin = pem.find(mark, begin + 1)) {
        const std::size_t line = std::min(pem.find('\n', begin), pem.size());
        if (!pem.substr(begin, line - begin).contains(kind)) continue;
        const std::size_t end = pem.find(kind, line);
        if (end == pem.npos) return {};
        return pem.substr(begin, end + kind.size() - begin);
    }
    return {};
}

std::expected<CheckedCertificate, std::string> check_certificate(std::string_view chain_pem,
                                                                 std::string_view key_pem,
                                                                 const CheckWishes& wishes) {
    const auto chain = certificates_of(chain_pem);
    if (!chain) return std::unexpected(chain.error().what);
    const auto details = describe_certificate(chain->front());
    if (!details) return std::unexpected(details.error().what);
    if (details->is_authority && !details->is_self_signed) {
        return std::unexpected(
            "the first certificate is an authority's: the server's own must come first");
    }
    auto certificate = load_certificate(chain_pem, key_pem);
    if (!certificate) return std::unexpected(certificate.error().what);
    for (const std::string& wrong : {judge_dates(*certificate, wishes.now), judge_key(*details),
                                     judge_names(*certificate, wishes), judge_order(*chain)}) {
        if (!wrong.empty()) return std::unexpected(wrong);
    }
    CheckedCertificate checked;
    checked.certificate = std::move(*certificate);
    if (details->is_self_signed) {
        checked.warnings.emplace_back("it is self-signed: mail clients ask whether to trust it");
    } else if (!is_known(*chain, wishes.authorities)) {
        checked.warnings.emplace_back(
            "no known authority stands behind its chain: mail clients may refuse it; is the "
            "issuer's certificate missing?");
    }
    return checked;
}

}  // namespace postern::tls
