// See config_files.hpp.
#include "app/config_files.hpp"

#include <cerrno>
#include <cstdio>
#include <cstring>

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

RelayDomainsRead reload_relay_domains(const std::string& config_path) {
    const auto text = read_text(config_path);
    if (!text) return std::unexpected(text.error());
    const auto config = parse_config(*text, config_path);
    if (!config) return std::unexpected(format_problem(config.error()));
    return read_relay_domains(config->smtp);
}

}  // namespace postern::app
