// PEM files on disk, and a certificate with its key as a pair of them that a power cut never parts.
// Blocking; problems are words for people that name the file.
//
// A pair is written as next-key.pem, then certificate.pem, then next-key.pem becomes key.pem. When
// the certificate does not fit key.pem but does next-key.pem, reading does that last step.
#pragma once

#include <expected>
#include <string>

#include "tls/certificate.hpp"

namespace postern::tls {

struct PemPair {
    std::string certificate;  // paths
    std::string private_key;
};
// Of a directory: certificate.pem and key.pem.
PemPair pair_in(const std::string& directory);

std::expected<std::string, std::string> read_pem(const std::string& path);
// Whole or not at all, for its owner's eyes.
std::expected<void, std::string> write_private(const std::string& path, const std::string& text);

std::expected<Certificate, std::string> read_pair(const PemPair& pair);
std::expected<void, std::string> write_pair(const std::string& directory,
                                            const Certificate& certificate);

}  // namespace postern::tls
