// Reading, writing and merging; see settings_file.hpp.
#include "app/settings_file.hpp"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "app/config_files.hpp"
#include "tls/pem_files.hpp"

namespace postern::app {
namespace {

bool is_same(const Listener& a, const Listener& b) {
    return a.protocol == b.protocol && a.address == b.address && a.port == b.port;
}

// Whether both cannot be open.
bool collides(const Listener& a, const Listener& b) {
    return a.port == b.port && (a.address == b.address || a.address == "*" || b.address == "*");
}

// Nothing is said of what the configuration opens anyway.
void put(SettingsText& settings, const Config& config, Listener listener, bool enabled) {
    listener.enabled = enabled;
    const auto is_it = [&](const Listener& each) { return is_same(each, listener); };
    std::erase_if(settings.listeners, is_it);
    const bool is_default = enabled && std::ranges::any_of(config.listeners, is_it);
    if (!is_default) settings.listeners.push_back(std::move(listener));
}

bool is_meant(const Listener& each, const ServiceSwitch& wanted) {
    return each.protocol == wanted.protocol && (!wanted.port || each.port == *wanted.port) &&
           (wanted.address.empty() || each.address == wanted.address);
}

std::string name_of_port(const Listener& each) {
    return std::string(name_of(each.protocol)) + " on " + each.address + " port " +
           std::to_string(each.port);
}

}  // namespace

std::expected<SettingsText, std::string> read_settings(const std::string& path) {
    if (access(path.c_str(), F_OK) != 0 && errno == ENOENT) return SettingsText();
    const auto text = read_text(path);
    if (!text) return std::unexpected(text.error());
    auto settings = parse_settings(*text, path);
    if (!settings) return std::unexpected(format_problem(settings.error()));
    return std::move(*settings);
}

std::string format_settings(const SettingsText& settings) {
    std::string text =
        "# Written by the gateway for its console and `postern service`; laid over the\n"
        "# configuration file at each start.\n";
    if (settings.allow_plaintext_auth) {
        text += std::string("allow_plaintext_auth = ") +
                (*settings.allow_plaintext_auth ? "true" : "false") + "\n";
    }
    for (const Listener& each : settings.listeners) {
        text += "\n[[listener]]\nprotocol = \"" + std::string(name_of(each.protocol)) + "\"\n";
        text += "address = \"" + each.address + "\"\nport = " + std::to_string(each.port) + "\n";
        text += std::string("enabled = ") + (each.enabled ? "true" : "false") + "\n";
    }
    return text;
}

std::expected<void, std::string> write_settings(const std::string& path,
                                                const SettingsText& settings) {
    return tls::write_private(path, format_settings(settings));
}

std::expected<Config, std::string> lay_over(Config config, const SettingsText& settings) {
    if (settings.allow_plaintext_auth) {
        config.allow_plaintext_auth = *settings.allow_plaintext_auth;
    }
    for (const Listener& each : settings.listeners) {
        const bool is_known = std::ranges::any_of(
            config.listeners, [&](const Listener& other) { return is_same(each, other); });
        if (!each.enabled) {
            std::erase_if(config.listeners,
                          [&](const Listener& other) { return is_same(each, other); });
        } else if (!is_known) {
            config.listeners.push_back(each);
            config.listeners.back().is_added = true;
        }
    }
    if (config.listeners.empty()) return std::unexpected("then no port would be open");
    return config;
}

std::expected<SettingsText, std::string> turn(const Config& config, SettingsText settings,
                                              const ServiceSwitch& wanted) {
    std::vector<Listener> all = config.listeners;
    for (const Listener& each : settings.listeners) {
        const bool is_known =
            std::ranges::any_of(all, [&](const Listener& other) { return is_same(each, other); });
        if (!is_known) all.push_back(each);
    }
    bool is_found = false;
    for (const Listener& each : all) {
        if (!is_meant(each, wanted)) continue;
        is_found = true;
        put(settings, config, each, wanted.enabled);
    }
    if (!is_found && !wanted.enabled) return std::unexpected("there is no such port to turn off");
    if (!is_found) {
        Listener fresh;
        fresh.protocol = wanted.protocol;
        fresh.port = wanted.port.value_or(standard_port(wanted.protocol));
        if (!wanted.address.empty()) fresh.address = wanted.address;
        for (const Listener& other : all) {
            if (collides(fresh, other)) {
                return std::unexpected("there is " + name_of_port(other) + " already");
            }
        }
        put(settings, config, fresh, true);
    }
    if (auto laid = lay_over(config, settings); !laid) return std::unexpected(laid.error());
    return settings;
}

std::expected<WholeConfig, std::string> read_whole_config(const std::string& config_path) {
    const auto text = read_text(config_path);
    if (!text) return std::unexpected(text.error());
    auto config = parse_config(*text, config_path);
    if (!config) return std::unexpected(format_problem(config.error()));
    const auto settings = read_settings(settings_path(*config));
    if (!settings) return std::unexpected(settings.error());
    auto laid = lay_over(*config, *settings);
    if (!laid) return std::unexpected(settings_path(*config) + ": " + laid.error());
    return WholeConfig{std::move(*config), std::move(*laid)};
}

}  // namespace postern::app
