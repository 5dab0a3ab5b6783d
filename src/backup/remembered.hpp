// What a machine remembers of its backups, in a directory that only root reads: where they go, the
// target's key (so that a nightly run asks nobody; whoever reads it can read the mail anyway), and
// how the last ones went. Blocking.
//
//   target   "postern-backup-target 1", "target …", "key …" (hexadecimal), "crc32c …"
//   schedule "postern-backup-schedule 1", "minute …", "keep_days …", "keep_months …", "crc32c …"
//   last     a line of JSON, whatever the command puts there
//   lock     held while a backup runs
#pragma once

#include <optional>
#include <string>

#include "backup/problem.hpp"
#include "backup/schedule.hpp"
#include "base/blocking_file.hpp"

namespace postern::backup {

struct RememberedTarget {
    std::string target;  // as it was asked for
    std::string key;
};

class Remembered {
 public:
    explicit Remembered(std::string directory) : directory_(std::move(directory)) {}
    const std::string& directory() const { return directory_; }

    // not_found: nothing is remembered; damaged.
    Outcome<RememberedTarget> target() const;
    Outcome<void> set_target(const RememberedTarget& target) const;
    // The usual one when none has been set, or it is damaged.
    Schedule schedule() const;
    Outcome<void> set_schedule(const Schedule& schedule) const;
    // What opens a server: sftp-password, sftp-key, and sftp-host, the server and the fingerprint
    // of its key.
    std::string secret_path(std::string_view name) const {
        return directory_ + "/" + std::string(name);
    }
    std::string secret(std::string_view name) const;  // empty: none
    Outcome<void> set_secret(std::string_view name, std::string_view text) const;
    std::string last() const;  // empty: nothing
    Outcome<void> set_last(const std::string& text) const;
    // Held as long as what it gives lives; not_now when another process has it.
    Outcome<BlockingFile> lock() const;

 private:
    std::string directory_;
};

}  // namespace postern::backup
