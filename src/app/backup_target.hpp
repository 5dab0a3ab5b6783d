// The targets that backups can have, by what people write:
//
//   /mnt/disk        a directory
//   usb:             the first stick; usb:LABEL one of that name. On the appliance alone; they lie
//                    in its directory postern-backups
//   sftp://USER@HOST[:PORT]/DIRECTORY    a server; /~/DIRECTORY is below the user's home
//
// Blocking.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "backup/sftp_target.hpp"
#include "backup/target.hpp"
#include "update/source.hpp"

namespace postern::app {

// A target, and the stick that it is on, mounted as long as this lives.
struct ReachedTarget {
    std::string fingerprint;  // of the server's key
    std::optional<update::Stick> stick;
    std::unique_ptr<backup::Target> target;
};

enum class TargetUse : bool {
    existing,  // one that holds backups
    made,      // if need be
};
// refused: no such form; not_found: it is not there.
backup::Outcome<ReachedTarget> reach_target(const std::string& name, TargetUse use,
                                            const backup::SftpAccess& access);

// What is wrong with it; empty: nothing.
std::string check_target_name(const std::string& name);

}  // namespace postern::app
