// See backup_site.hpp.
#include "app/backup_site.hpp"

#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "app/password_prompt.hpp"
#include "backup/files.hpp"
#include "backup/key_file.hpp"
#include "base/ascii.hpp"
#include "postern/version.hpp"

namespace postern::app {
namespace {

using SiteJson = nlohmann::ordered_json;

constexpr const char* config_places[] = {"/data/config/postern.toml", "/etc/postern/postern.toml"};
constexpr std::string_view appliance_mark = "/run/appliance/boot";

std::string this_host() {
    std::array<char, 256> name{};
    gethostname(name.data(), name.size() - 1);
    return name.data();
}

// The configuration, the files it names, and what is laid over it; of the appliance also the
// settings of the machine, which lie beside it, a file each.
std::vector<std::string> settings_of(const Config& config, const std::string& config_path) {
    std::vector<std::string> files = {config_path};
    for (const std::string& file :
         {config.tls.certificate, config.tls.private_key, config.smtp.relay_recipients_file}) {
        if (!file.empty()) files.push_back(file);
    }
    for (const RouteSettings& route : config.routes) {
        if (!route.password_file.empty()) files.push_back(route.password_file);
    }
    if (backup::exists(settings_path(config))) files.push_back(settings_path(config));
    if (!backup::exists(std::string(appliance_mark))) return files;
    std::error_code ignored;
    const auto directory = std::filesystem::path(config_path).parent_path();
    for (const auto& entry : std::filesystem::directory_iterator(directory, ignored)) {
        const bool is_file = entry.is_regular_file(ignored) && !entry.is_symlink(ignored);
        if (is_file && entry.path() != config_path) files.push_back(entry.path());
    }
    return files;
}

}  // namespace

std::string usual_config_path() {
    if (const char* named = std::getenv("POSTERN_CONFIG")) return named;
    for (const char* path : config_places) {
        if (backup::exists(path)) return path;
    }
    return config_places[1];
}

backup::Outcome<Config> read_config_text(const std::string& text, const std::string& path) {
    auto config = parse_config(text, path);
    if (!config) return backup::refuse(backup::Reason::refused, format_problem(config.error()));
    return std::move(*config);
}

backup::Outcome<BackupSite> open_backup_site(const BackupArguments& arguments) {
    std::error_code ignored;
    const std::string path = std::filesystem::absolute(arguments.config, ignored);
    const auto text = backup::read_file(path, backup::limits::small_file_bytes_max);
    if (!text) return std::unexpected(text.error());
    auto config = read_config_text(*text, path);
    if (!config) return std::unexpected(config.error());
    const std::string directory = std::filesystem::path(path).parent_path();
    const std::string remembered = arguments.for_restore ? "/backup/restore" : "/backup";
    BackupSite site{path, std::move(*config), {}, backup::Remembered(directory + remembered)};
    site.source.data_directory = site.config.data_directory;
    site.source.settings = settings_of(site.config, path);
    site.source.host_name = site.config.host_name.empty() ? this_host() : site.config.host_name;
    site.source.version = postern::version;
    return site;
}

backup::Outcome<std::string> read_passphrase(const BackupArguments& arguments, Passphrase which) {
    if (!arguments.passphrase_file.empty()) {
        auto text =
            backup::read_file(arguments.passphrase_file, backup::limits::key_file_bytes_max);
        if (text) text->resize(std::min(text->find_first_of("\r\n"), text->size()));
        return text;
    }
    auto typed = which == Passphrase::made ? read_new_password("Passphrase of the backup")
                                           : read_password("Passphrase of the backup");
    if (!typed) return backup::refuse(backup::Reason::passphrase, describe(typed.error()));
    return std::move(*typed);
}

std::string sftp_host_line(const std::string& target, const std::string& fingerprint) {
    const auto place = backup::parse_sftp_place(target);
    if (!place) return {};
    return place->host + " " + std::to_string(place->port) + " " + fingerprint;
}

backup::Outcome<backup::SftpAccess> sftp_access(const BackupSite& site,
                                                const BackupArguments& arguments,
                                                const std::string& target) {
    backup::SftpAccess access;
    access.password = site.remembered.secret(sftp_password_name);
    access.key_file = arguments.sftp_key_file;
    if (access.key_file.empty() && backup::exists(site.remembered.secret_path(sftp_key_name))) {
        access.key_file = site.remembered.secret_path(sftp_key_name);
    }
    if (!arguments.sftp_password_file.empty()) {
        auto text =
            backup::read_file(arguments.sftp_password_file, backup::limits::key_file_bytes_max);
        if (!text) return std::unexpected(text.error());
        access.password = text->substr(0, text->find_first_of("\r\n"));
    }
    const std::string known = site.remembered.secret(sftp_host_name);
    const std::string prefix = sftp_host_line(target, "");
    if (!arguments.new_host_key && !prefix.empty() && known.starts_with(prefix)) {
        access.known_fingerprint = known.substr(prefix.size());
    }
    if (!arguments.sftp_host_key.empty()) access.known_fingerprint = arguments.sftp_host_key;
    return access;
}

backup::Outcome<OpenTarget> open_backup_target(const BackupSite& site,
                                               const BackupArguments& arguments) {
    const auto known = site.remembered.target();
    const bool is_known = known && (arguments.target.empty() || arguments.target == known->target);
    if (!is_known && arguments.target.empty()) return std::unexpected(known.error());
    const std::string& name = is_known ? known->target : arguments.target;
    auto access = sftp_access(site, arguments, name);
    if (!access) return std::unexpected(access.error());
    auto reached = reach_target(name, TargetUse::existing, *access);
    if (!reached) return std::unexpected(reached.error());
    std::string key;
    if (is_known) {
        key = known->key;
    } else {
        const auto passphrase = read_passphrase(arguments, Passphrase::existing);
        if (!passphrase) return std::unexpected(passphrase.error());
        auto opened = backup::open_key_file(*reached->target, *passphrase);
        if (!opened) return std::unexpected(opened.error());
        key = std::move(*opened);
    }
    auto reader = std::make_unique<backup::Reader>(*reached->target, key);
    return OpenTarget{name, std::move(key), std::move(*access), std::move(*reached),
                      std::move(reader)};
}

SiteJson describe_problem(const backup::Problem& problem) {
    return {{"ok", false}, {"reason", backup::name_of(problem.reason)}, {"error", problem.words}};
}

int report_problem(const backup::Problem& problem, bool json) {
    if (json) {
        const SiteJson answer = describe_problem(problem);
        std::printf("%s\n",
                    answer.dump(-1, ' ', false, SiteJson::error_handler_t::replace).c_str());
    } else {
        std::fprintf(stderr, "postern: %s\n", problem.words.c_str());
    }
    return 1;
}

int report_done(const SiteJson& fields, const std::string& words, bool json) {
    SiteJson answer = {{"ok", true}};
    answer.update(fields);
    const std::string line = answer.dump(-1, ' ', false, SiteJson::error_handler_t::replace);
    std::printf("%s\n", json ? line.c_str() : words.c_str());
    return 0;
}

std::string describe_mail(std::uint64_t messages, std::uint64_t bytes) {
    constexpr double step = 1000;
    const char* unit = "kB";
    double size = double(bytes) / step;
    for (const char* larger : {"MB", "GB", "TB"}) {
        if (size < step) break;
        size /= step;
        unit = larger;
    }
    std::array<char, 64> text{};
    std::snprintf(text.data(), text.size(), "%llu messages, %.1f %s",
                  static_cast<unsigned long long>(messages), size, unit);
    return text.data();
}

}  // namespace postern::app
