// Making a backup of a gateway that goes on working. Blocking, and long: in a process of its own.
//
// Order makes it consistent. People first: every account that is known has its mail directory by
// then. Of a mailbox the messages first, then what lies beside them: a keyword that a name means is
// in the table, and the mark above all UIDs is above those seen. A file of a message never changes;
// when its name does meanwhile, it is found again by the part that stays.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "backup/reader.hpp"

namespace postern::backup {

struct Source {
    std::string data_directory;
    std::vector<std::string> settings;  // absolute paths, the configuration first
    std::string host_name;
    std::string version;
};

// How far it is, in bytes that have been looked at, of those that there are.
using Progress = std::function<void(std::uint64_t done, std::uint64_t total)>;

enum class Extent : bool {
    changes,  // since the latest backup that can be read
    all,      // everything is written again: what lies at the target is not trusted
};

struct BackedUp {
    Snapshot snapshot;
    std::uint64_t written_bytes = 0;
    std::uint64_t new_messages = 0;  // whose bytes were read
    std::uint64_t found_bytes = 0;   // that an interrupted backup had written
    bool is_after_damage = false;    // the latest one could not be read: an older was gone by
};

// `reader` is of the target. not_found when there is no accounts database. When the backup it would
// go on from turns out to be damaged, everything is written again.
Outcome<BackedUp> back_up(const Source& source, Reader& reader, Extent extent,
                          const Progress& progress);

}  // namespace postern::backup
