// Chains over wolfSSL's certificate manager; see chain.hpp.
#include "tls/chain.hpp"

#include <memory>
#include <optional>

#include "tls/limits.hpp"
#include "tls/wolfssl.hpp"

namespace postern::tls {
namespace {

constexpr unsigned char der_sequence = 0x30, der_integer = 0x02, der_version = 0xa0;

// One DER element (X.690 §8.1), whole and its contents; takes it off the front of `der`.
struct Element {
    unsigned char tag = 0;
    std::string_view whole;
    std::string_view contents;
};
std::optional<Element> take_element(std::string_view& der) {
    if (der.size() < 2) return std::nullopt;
    std::size_t head = 2;
    std::size_t size = bytes_of(der)[1];
    if (size >= 0x80) {
        const std::size_t octets = size & 0x7f;
        if (octets == 0 || octets > 4 || der.size() < 2 + octets) return std::nullopt;
        size = 0;
        for (std::size_t i = 0; i < octets; ++i) size = size << 8 | bytes_of(der)[2 + i];
        head += octets;
    }
    if (size > der.size() - head) return std::nullopt;
    const Element element{bytes_of(der)[0], der.substr(0, head + size), der.substr(head, size)};
    der.remove_prefix(head + size);
    return element;
}

// RFC 5280 §4.1: version, serial number, signature, issuer, validity, subject, key.
std::optional<std::string_view> find_key_info(std::string_view der) {
    const auto certificate = take_element(der);
    if (!certificate || certificate->tag != der_sequence || !der.empty()) return std::nullopt;
    std::string_view rest = certificate->contents;
    const auto to_be_signed = take_element(rest);
    if (!to_be_signed || to_be_signed->tag != der_sequence) return std::nullopt;
    rest = to_be_signed->contents;
    if (!rest.empty() && bytes_of(rest)[0] == der_version) take_element(rest);
    for (int i = 0; i < 5; ++i) {
        const auto passed = take_element(rest);
        if (!passed || passed->tag != (i == 0 ? der_integer : der_sequence)) return std::nullopt;
    }
    const auto key = take_element(rest);
    if (!key || key->tag != der_sequence) return std::nullopt;
    return key->whole;
}

using Manager = std::unique_ptr<WOLFSSL_CERT_MANAGER, void (*)(WOLFSSL_CERT_MANAGER*)>;

// Refuses what is no authority's certificate.
bool trust(const Manager& manager, std::string_view der) {
    return wolfSSL_CertManagerLoadCABuffer(manager.get(), bytes_of(der), long(der.size()),
                                           WOLFSSL_FILETYPE_ASN1) == WOLFSSL_SUCCESS;
}

bool verify(const Manager& manager, std::string_view der) {
    return wolfSSL_CertManagerVerifyBuffer(manager.get(), bytes_of(der), long(der.size()),
                                           WOLFSSL_FILETYPE_ASN1) == WOLFSSL_SUCCESS;
}

}  // namespace

Result<std::string> public_key_info(std::string_view certificate) {
    const auto key = find_key_info(certificate);
    if (!key) return fail_syntax("not a certificate");
    return std::string(*key);
}

bool leads_to(std::span<const std::string_view> chain, std::string_view anchor) {
    if (chain.empty() || chain.size() > limits::chain_certificates_max) return false;
    const Manager manager(wolfSSL_CertManagerNew(), &wolfSSL_CertManagerFree);
    if (manager == nullptr || !trust(manager, anchor)) return false;
    for (std::size_t i = chain.size(); i-- > 1;) {
        if (!verify(manager, chain[i]) || !trust(manager, chain[i])) return false;
    }
    return verify(manager, chain.front());
}

}  // namespace postern::tls
