// The configuration's file and those that it names beside TLS's; read at start, and those of the
// inner server's domains and the log's servers again on SIGHUP. Blocks. Problems are words for
// people.
#pragma once

#include <expected>
#include <memory>
#include <string>
#include <vector>

#include "app/config.hpp"
#include "smtp/relay_domains.hpp"

namespace postern::app {

// A whole file.
std::expected<std::string, std::string> read_text(const std::string& path);

using RelayDomainsRead = std::expected<std::shared_ptr<const smtp::RelayDomains>, std::string>;

RelayDomainsRead read_relay_domains(const SmtpSettings& smtp);
// As the configuration stands now; nothing else of it counts.
RelayDomainsRead reload_relay_domains(const std::string& config_path);
// Likewise: the servers of the log.
std::expected<std::vector<std::string>, std::string> reload_log_servers(
    const std::string& config_path);

}  // namespace postern::app
