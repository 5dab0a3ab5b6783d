// See config_files.hpp.
#include "app/config_files.hpp"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <utility>

namespace postern::app {

std::expected<std::string, std::string> read_text(const std::string& path) {
    FILE* file = std::fopen(path.c_str(), "re");
    if (file == nullptr) return std::unexpected(path + ": " + std::strerror(errno));
    std::string text;
    char block[4096];
    for (std::size_t count; (count = std::fread(block, 1, sizeof block, file)) > 0;) {
        text.append(block, count);
    }
    std::fclose(file);
    return text;
}

RelayDomainsRead read_relay_domains(const SmtpSettings& smtp) {
    std::vector<std::string> recipients;
    if (!smtp.relay_recipients_file.empty()) {
        const auto text = read_text(smtp.relay_recipients_file);
        if (!text) return std::unexpected(text.error());
        recipients = smtp::parse_recipient_list(*text);
    }
    return std::make_shared<const smtp::RelayDomains>(smtp.relay_domains, recipients);
}

static std::expected<Config, std::string> read_config(const std::string& path) {
    const auto text = read_text(path);
    if (!text) return std::unexpected(text.error());
    auto config = parse_config(*text, path);
    if (!config) return std::unexpected(format_problem(config.error()));
    return std::move(*config);
}

RelayDomainsRead reload_relay_domains(const std::string& config_path) {
    const auto config = read_config(config_path);
    if (!config) return std::unexpected(config.error());
    return read_relay_domains(config->smtp);
}

std::expected<std::vector<std::string>, std::string> reload_log_servers(
    const std::string& config_path) {
    auto config = read_config(config_path);
    if (!config) return std::unexpected(config.error());
    return std::move(config->logging.servers);
}

}  // namespace postern::app
