// Whether a backup can be restored: the lists, the people, the settings and a random sample of
// messages are brought back into a directory that is thrown away, and each message is compared
// with its hash and, while the gateway still has it, with its file there. Blocking.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "backup/backing_up.hpp"
#include "backup/reader.hpp"

namespace postern::backup {

struct Verification {
    std::uint64_t messages = 0;  // brought back
    std::uint64_t bytes = 0;
    std::uint64_t compared_files = 0;   // with the gateway's own
    std::vector<std::string> problems;  // nothing: all is well
};

struct Sample {
    std::uint64_t messages_max = limits::sample_messages;  // UINT64_MAX: all
    std::string data_directory;     // of the gateway; empty: nothing to compare with
    std::string scratch_directory;  // is made, and removed at the end
};

// A problem of the target itself, such as one that is not there, is the outcome's; damage is
// counted, and the rest looked at all the same.
Outcome<Verification> verify(Reader& reader, const Snapshot& snapshot, const Sample& sample,
                             const Progress& progress);

}  // namespace postern::backup
