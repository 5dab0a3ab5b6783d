// Reading and making the certificate's files; see tls_files.hpp.
#include "app/tls_files.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/log.hpp"

namespace postern::app {
namespace {

constexpr std::size_t pem_bytes_max = 1024 * 1024;
constexpr int self_signed_days = 3650;

std::expected<std::string, std::string> read_pem(const std::string& path) {
    auto problem = [&] { return std::unexpected(path + ": " + std::strerror(errno)); };
    int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (fd < 0) return problem();
    std::string text(pem_bytes_max, '\0');
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
    std::string draft = path + ".tmp";
    int fd = open(draft.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    bool ok =
        fd >= 0 && write(fd, text.data(), text.size()) == ssize_t(text.size()) && fsync(fd) == 0;
    if (fd >= 0) close(fd);
    ok = ok && rename(draft.c_str(), path.c_str()) == 0;
    if (!ok) return std::unexpected(path + ": " + std::strerror(errno));
    return {};
}

std::expected<void, std::string> make_files(const TlsFiles& files, const std::string& host_name) {
    timespec now{};
    clock_gettime(CLOCK_REALTIME, &now);
    constexpr std::int64_t day_ns = 86'400'000'000'000;
    WallTime from{now.tv_sec * std::int64_t{1'000'000'000} - day_ns};  // clocks differ
    auto made =
        tls::make_self_signed({host_name, "localhost", "127.0.0.1", "::1"}, from, self_signed_days);
    if (!made) return std::unexpected(std::string("self-signed certificate: ") + made.error().what);
    if (auto ok = write_private(files.private_key, made->key_pem); !ok) return ok;
    return write_private(files.certificate, made->chain_pem);
}

}  // namespace

std::expected<std::shared_ptr<const tls::ServerContext>, std::string> load_tls(
    const Config& config, const std::string& host_name,
    std::shared_ptr<const tls::TicketKeys> tickets) {
    TlsFiles files = config.tls;
    if (files.certificate.empty()) {
        const std::string directory = config.data_directory + "/tls";
        mkdir(directory.c_str(), 0700);
        files = {directory + "/certificate.pem", directory + "/key.pem"};
        if (access(files.certificate.c_str(), F_OK) != 0) {
            if (auto made = make_files(files, host_name); !made) {
                return std::unexpected(made.error());
            }
            log::info("tls.self_signed", {{"certificate", files.certificate}});
        }
    }
    auto chain = read_pem(files.certificate);
    if (!chain) return std::unexpected(chain.error());
    auto key = read_pem(files.private_key);
    if (!key) return std::unexpected(key.error());
    auto certificate = tls::load_certificate(*chain, *key);
    if (!certificate) {
        return std::unexpected(files.certificate + ": " + certificate.error().what);
    }
    log::info("tls.certificate", {{"file", files.certificate},
                                  {"sha256", tls::format_fingerprint(certificate->fingerprint)}});
    tls::ServerOptions options;
    options.certificates.push_back(std::move(*certificate));
    options.tickets = std::move(tickets);
    auto context = tls::ServerContext::make(std::move(options));
    if (!context) return std::unexpected(std::string("TLS: ") + context.error().what);
    return *context;
}

}  // namespace postern::app
