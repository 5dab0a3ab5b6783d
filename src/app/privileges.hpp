// Giving up power after start: the daemon's own user, no capabilities, no new privileges, and
// Landlock, which leaves the process its data directory and nothing else of the file system. All
// before the shards start, so that every thread and the ring's workers have only what is left.
// Failures are texts for the administrator.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace postern::app {

// No-op when `user` is empty. Needs root; also makes `owned` (directories) belong to the user.
std::optional<std::string> become_user(const std::string& user,
                                       const std::vector<std::string>& owned);

struct Confinement {
    std::vector<std::string> writable;  // directories, with everything below
    std::vector<std::string> readable;  // files, too
};
// A kernel without Landlock is said in the log and tolerated.
std::optional<std::string> confine(const Confinement& allowed);

// What the C library reads to look up a name: for Confinement::readable. Of /etc only those files;
// where resolv.conf leads elsewhere, as on the appliance, that directory, as it is written anew
// there.
std::vector<std::string> name_lookup_files();

}  // namespace postern::app
