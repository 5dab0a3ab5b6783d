// This machine as its backups see it: the configuration, what belongs to it, what is remembered of
// the target; and how the commands of backup and restore speak. Blocking.
#pragma once

#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>

#include "app/backup_target.hpp"
#include "app/config.hpp"
#include "backup/backing_up.hpp"
#include "backup/reader.hpp"
#include "backup/remembered.hpp"

namespace postern::app {

// Of the environment, else the appliance's, if this is one.
std::string usual_config_path();

struct BackupArguments {
    std::string config = usual_config_path();
    std::string target;
    std::string passphrase_file;
    std::string sftp_password_file;
    std::string sftp_key_file;
    std::string sftp_host_key;  // "SHA256:…"; empty: what is remembered
    bool new_host_key = false;
    std::optional<std::uint32_t> number;  // of a backup; nothing: the latest
    bool all = false;
    std::uint64_t sample = backup::limits::sample_messages;
    std::string account;
    std::string mailbox;
    std::optional<std::uint32_t> uid;
    bool list = false;
    std::uint32_t before_uid = UINT32_MAX;
    bool yes = false;
    bool dry_run = false;
    bool keep_settings = false;
    bool finish = false;
    bool at_next_start = false;
    bool restart = false;
    bool for_restore = false;  // the target is not where backups go: it is remembered apart
    bool go_on = false;        // but they go there once it is restored
    std::string time;          // "03:00"
    std::optional<std::uint32_t> keep_days;
    std::optional<std::uint32_t> keep_months;
};

// Files of what is remembered (backup/remembered.hpp).
constexpr std::string_view sftp_password_name = "sftp-password";
constexpr std::string_view sftp_key_name = "sftp-key";
constexpr std::string_view sftp_host_name = "sftp-host";

struct BackupSite {
    std::string config_path;  // absolute
    Config config;
    backup::Source source;
    backup::Remembered remembered;
};
backup::Outcome<BackupSite> open_backup_site(const BackupArguments& arguments);

// A configuration that was read before; as parse_config, in this file's words.
backup::Outcome<Config> read_config_text(const std::string& text, const std::string& path);

// What opens a server: what these files hold, else what is remembered; and the key that it must
// show, if that is known.
backup::Outcome<backup::SftpAccess> sftp_access(const BackupSite& site,
                                                const BackupArguments& arguments,
                                                const std::string& target);
// "HOST PORT SHA256:…", as it is remembered.
std::string sftp_host_line(const std::string& target, const std::string& fingerprint);

// A target and what reads it, and what it took to open it.
struct OpenTarget {
    std::string name;
    std::string key;
    backup::SftpAccess access;
    ReachedTarget reached;
    std::unique_ptr<backup::Reader> reader;
};
// What the arguments name, or what is remembered. Asks for the passphrase unless that is.
backup::Outcome<OpenTarget> open_backup_target(const BackupSite& site,
                                               const BackupArguments& arguments);

enum class Passphrase : bool { existing, made };
backup::Outcome<std::string> read_passphrase(const BackupArguments& arguments, Passphrase which);

// {"ok":false,"reason":…,"error":…}
nlohmann::ordered_json describe_problem(const backup::Problem& problem);
// On standard error, or as JSON on standard output; gives the exit status.
int report_problem(const backup::Problem& problem, bool json);
// {"ok":true, …} or the words; status 0.
int report_done(const nlohmann::ordered_json& fields, const std::string& words, bool json);

// "3 messages, 1.2 MB"
std::string describe_mail(std::uint64_t messages, std::uint64_t bytes);

}  // namespace postern::app
