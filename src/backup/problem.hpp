// Why a backup or a restore was refused or failed. The reason is stable and shown in JSON under its
// own name.
// own name.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

#include "base/problem.hpp"

namespace postern::backup {

enum class Reason : std::uint8_t {
    no_backup,   // there is none at the target, or none with that number
    newer,       // of a format that this version does not know
    passphrase,  // it does not open this backup
    damaged,     // what is there is not what was written
    no_room,     // the target, or the disk that is restored to, is full
    not_now,     // another backup is running, or the gateway is
    not_found,   // no such account, mailbox, message, file
    refused,     // would break something, said in the words
    io,          // a disk or the network failed
};
std::string_view name_of(Reason reason);

using Problem = ProblemFor<Reason>;
using postern::refuse;

template <class T>
using Outcome = std::expected<T, Problem>;

// Of errno: no_room, not_found or io.
std::unexpected<Problem> refuse_errno(const std::string& path);

}  // namespace postern::backup
