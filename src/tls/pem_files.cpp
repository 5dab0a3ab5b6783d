// Reading and writing PEM files; see pem_files.hpp.
#include "tls/pem_files.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>

#include "base/blocking_file.hpp"

namespace postern::tls {
namespace {

constexpr std::size_t pem_file_bytes_max = 1024 * 1024;

// The directory, so that a rename in it is durable.
void sync_directory(const std::string& path) {
    const BlockingFile directory(path, O_RDONLY | O_DIRECTORY);
    if (directory.is_open()) fsync(directory.fd());
}

std::string next_key_beside(const std::string& file) {
    return (std::filesystem::path(file).parent_path() / "next-key.pem").string();
}

}  // namespace

PemPair pair_in(const std::string& directory) {
    return {directory + "/certificate.pem", directory + "/key.pem"};
}

std::expected<std::string, std::string> read_pem(const std::string& path) {
    auto problem = [&] { return std::unexpected(path + ": " + std::strerror(errno)); };
    int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (fd < 0) return problem();
    std::string text(pem_file_bytes_max, '\0');
    std::size_t bytes = 0;
    ssize_t count = 0;
    while ((count = read(fd, text.data() + bytes, text.size() - bytes)) > 0) {
        bytes += std::size_t(count);
    }
    close(fd);
    if (count < 0) return problem();
    text.resize(bytes);
    return text;
}

std::expected<void, std::string> write_private(const std::string& path, const std::string& text) {
    const std::string draft = path + ".tmp";
    const auto problem = [&] { return std::unexpected(path + ": " + std::strerror(errno)); };
    {
        const BlockingFile file(draft, O_WRONLY | O_CREAT | O_TRUNC);
        if (!file.is_open() || !file.write(text) || fsync(file.fd()) != 0) return problem();
    }
    if (rename(draft.c_str(), path.c_str()) != 0) return problem();
    sync_directory(std::filesystem::path(path).parent_path());
    return {};
}

std::expected<Certificate, std::string> read_pair(const PemPair& pair) {
    const auto chain = read_pem(pair.certificate);
    if (!chain) return std::unexpected(chain.error());
    const auto key = read_pem(pair.private_key);
    if (!key) return std::unexpected(key.error());
    auto certificate = load_certificate(*chain, *key);
    if (certificate) return *certificate;
    const std::string next = next_key_beside(pair.private_key);
    const auto next_key = read_pem(next);
    auto finished = next_key ? load_certificate(*chain, *next_key) : certificate;
    if (!finished) return std::unexpected(pair.certificate + ": " + certificate.error().what);
    if (rename(next.c_str(), pair.private_key.c_str()) != 0) {
        return std::unexpected(pair.private_key + ": " + std::strerror(errno));
    }
    return *finished;
}

std::expected<void, std::string> write_pair(const std::string& directory,
                                            const Certificate& certificate) {
    const PemPair pair = pair_in(directory);
    const std::string next = next_key_beside(pair.private_key);
    if (auto ok = write_private(next, certificate.key_pem); !ok) return ok;
    if (auto ok = write_private(pair.certificate, certificate.chain_pem); !ok) return ok;
    if (rename(next.c_str(), pair.private_key.c_str()) != 0) {
        return std::unexpected(pair.private_key + ": " + std::strerror(errno));
    }
    sync_directory(directory);
    return {};
}

}  // namespace postern::tls
