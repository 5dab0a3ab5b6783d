// Reading and making the certificate's files; see tls_files.hpp.
#include "app/tls_files.hpp"

#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/log.hpp"
#include "tls/pem_files.hpp"

namespace postern::app {
namespace {

constexpr int self_signed_days = 3650;

std::expected<void, std::string> make_files(const std::string& directory,
                                            const std::string& host_name) {
    timespec now{};
    clock_gettime(CLOCK_REALTIME, &now);
    constexpr std::int64_t day_ns = 86'400'000'000'000;
    WallTime from{now.tv_sec * std::int64_t{1'000'000'000} - day_ns};  // clocks differ
    auto made =
        tls::make_self_signed({host_name, "localhost", "127.0.0.1", "::1"}, from, self_signed_days);
    if (!made) return std::unexpected(std::string("self-signed certificate: ") + made.error().what);
    return tls::write_pair(directory, *made);
}

}  // namespace

std::expected<std::shared_ptr<const tls::ServerContext>, std::string> load_tls(
    const Config& config, const std::string& host_name,
    std::shared_ptr<const tls::TicketKeys> tickets) {
    tls::PemPair files{config.tls.certificate, config.tls.private_key};
    if (files.certificate.empty()) {
        const std::string directory = config.data_directory + "/tls";
        mkdir(directory.c_str(), 0700);
        files = tls::pair_in(directory);
        if (access(files.certificate.c_str(), F_OK) != 0) {
            if (auto made = make_files(directory, host_name); !made) {
                return std::unexpected(made.error());
            }
            log::info("tls.self_signed", {{"certificate", files.certificate}});
        }
    }
    auto certificate = tls::read_pair(files);
    if (!certificate) return std::unexpected(certificate.error());
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
