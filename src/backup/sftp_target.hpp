// A target on a server that speaks SFTP (OpenSSH's and others), through libssh2. Whoever holds the
// server sees no more than whoever holds a disk. Blocking; a server that is silent for sftp_wait_s
// fails.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "backup/target.hpp"

namespace postern::backup {

// sftp://USER@HOST[:PORT]/DIRECTORY; an IPv6 address in brackets; /~/DIRECTORY is below the user's
// home.
struct SftpPlace {
    std::string user;
    std::string host;
    std::uint16_t port = 22;
    std::string path;
    bool operator==(const SftpPlace&) const = default;
};
std::optional<SftpPlace> parse_sftp_place(const std::string& name);

struct SftpAccess {
    std::string password;           // empty: none
    std::string key_file;           // an OpenSSH private key; empty: none
    std::string known_fingerprint;  // "SHA256:…" of the host's key; empty: whatever it shows
};

struct SftpTarget {
    std::unique_ptr<Target> target;
    std::string fingerprint;  // of the host's key
};
// refused: the host shows another key than is known, or lets nobody in; not_found: no such
// directory, which is made if need be when `may_make`.
Outcome<SftpTarget> open_sftp_target(const SftpPlace& place, const SftpAccess& access,
                                     bool may_make);

}  // namespace postern::backup
