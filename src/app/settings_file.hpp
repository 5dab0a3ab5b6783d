// The gateway's own settings file, <data>/settings.toml: what the administrator has changed from
// the console or by `postern service`. It is laid over the configuration file, which the daemon may
// not write and whose comments stay. Read at start; a change takes effect at the next one.
//
// In the grammar of the configuration: allow_plaintext_auth, and [[listener]] entries. An entry of
// the same protocol, address and port as one of the configuration says whether that one is open;
// another is added. Written whole and renamed. A file that cannot be read keeps the daemon from
// starting: it may be what closes a port. Blocking but for what is pure.
#pragma once

#include <expected>
#include <optional>
#include <string>

#include "app/config.hpp"

namespace postern::app {

// Nothing in it when there is no such file.
std::expected<SettingsText, std::string> read_settings(const std::string& path);
std::expected<void, std::string> write_settings(const std::string& path,
                                                const SettingsText& settings);
std::string format_settings(const SettingsText& settings);

// The configuration with the settings laid over it; a problem when no port would be open.
std::expected<Config, std::string> lay_over(Config config, const SettingsText& settings);

// One switch turned. Without a port all of the protocol's, or its standard one when it has none.
struct ServiceSwitch {
    ListenerProtocol protocol = ListenerProtocol::smtp;
    std::optional<std::uint16_t> port;
    std::string address;  // empty: any, or "*" for a new one
    bool enabled = true;
};
// `config`: of the file alone. A problem: nothing to turn off, or nothing would be left.
std::expected<SettingsText, std::string> turn(const Config& config, SettingsText settings,
                                              const ServiceSwitch& wanted);

// The configuration file as it stands, and as it counts: with the settings file.
struct WholeConfig {
    Config file;
    Config laid_over;
};
std::expected<WholeConfig, std::string> read_whole_config(const std::string& config_path);

}  // namespace postern::app
