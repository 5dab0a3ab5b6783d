// What an administrator's certificate is, and whether it will do for this gateway: the chain in
// order, the key of it and strong enough, the dates, the names. Blocks for moments; pure but for
// that. Problems are words for people.
#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "tls/certificate.hpp"

namespace postern::tls {

struct CertificateDetails {
    std::string subject;  // "/CN=mx.example.test", bytes as somebody chose them
    std::string issuer;
    std::string key;  // "ECDSA P-256", "RSA 2048", "Ed25519"; "unknown"
    bool is_self_signed = false;
    bool is_authority = false;
};
Result<CertificateDetails> describe_certificate(std::string_view der);

// Every certificate of a PEM text, in DER, in order; at most chain_certificates_max of them, the
// rest is left out. One that cannot be read is an error.
Result<std::vector<std::string>> certificates_of(std::string_view pem);
// However many there are; those that cannot be read are left out.
std::vector<std::string> every_certificate_of(std::string_view pem);
// Their blocks alone, without keys and what else stands in the text.
std::string certificate_blocks_of(std::string_view pem);
// The first block whose kind ends in "PRIVATE KEY", with its marks; empty: there is none.
std::string_view private_key_of(std::string_view pem);

enum class NameCheck : unsigned char { required, waived };

struct CheckWishes {
    std::string host_name;  // must be among the names
    NameCheck names = NameCheck::required;
    WallTime now;
    std::vector<std::string> authorities;  // in DER: whom clients may know
};
struct CheckedCertificate {
    Certificate certificate;
    std::vector<std::string> warnings;  // words
};
std::expected<CheckedCertificate, std::string> check_certificate(std::string_view chain_pem,
                                                                 std::string_view key_pem,
                                                                 const CheckWishes& wishes);

}  // namespace postern::tls
