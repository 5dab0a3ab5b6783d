// Where this machine's backups go and when they are made, and how the last ones went: what the
// commands and the console show and change. Blocking.
#pragma once

#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>

#include "app/backup_site.hpp"

namespace postern::app {

// The parts of what is remembered: "run", "verify", "prune", and "nightly", of which only at_s
// counts.
void remember_outcome(const BackupSite& site, const char* part, nlohmann::ordered_json outcome);
nlohmann::ordered_json remembered_outcomes(const BackupSite& site);  // an object

struct BackupChange {
    std::string target;  // empty: stays
    // Asked for when the target is not the one that is remembered.
    std::function<backup::Outcome<std::string>(Passphrase which)> passphrase;
    std::string time;  // "03:00"; empty: stays
    std::optional<std::uint32_t> keep_days;
    std::optional<std::uint32_t> keep_months;
    BackupArguments access = {};     // its members about SFTP; kept when the server let us in
    std::string sftp_password = {};  // in place of a file
    TargetUse use = TargetUse::made;
};
enum class TargetChange : unsigned char { none, begun, taken_up };
// Backups go to this target from now on; what opens a server is kept, with the key it has shown.
backup::Outcome<void> remember_target(const BackupSite& site, const std::string& target,
                                      const std::string& key, const backup::SftpAccess& access,
                                      const std::string& fingerprint);
// What is refused has changed nothing.
backup::Outcome<TargetChange> change_backups(const BackupSite& site, const BackupChange& change);

// Whether the nightly backup is to be made now; then it counts as begun.
bool take_nightly_turn(const BackupSite& site);

// target, time, keep_days, keep_months; run and verify: how the last ones went, or null.
nlohmann::ordered_json show_backups(const BackupSite& site);

}  // namespace postern::app
