// Files: what the code in the offload pool does with the files of timelines, behind an interface so
// that the simulator can have its own. What goes wrong is an error or nothing found, never more: a
// timeline that cannot be read is not worth a message. BLOCKING: offload pool.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"

namespace postern::timeline {

// Open for reading; closed by its destructor.
class OpenFile {
 public:
    virtual ~OpenFile() = default;
    // How many bytes there were, up to all of `memory`; an error ends it like the end of the file.
    virtual std::size_t read_at(std::span<char> memory, std::uint64_t offset) const = 0;
    virtual std::uint64_t bytes() const = 0;
};

class Files {
 public:
    virtual ~Files() = default;
    // Names, in no order; none when the directory cannot be read.
    virtual std::vector<std::string> list(const std::string& directory) = 0;
    virtual Result<std::unique_ptr<OpenFile>> open(const std::string& path) = 0;
    virtual std::uint64_t bytes_of(const std::string& path) = 0;  // 0: there is none
    // As a whole or not at all, but not synced.
    virtual Result<void> replace(const std::string& path, std::string_view bytes) = 0;
    virtual void remove(const std::string& path) = 0;
};

// Those of this machine, by plain system calls.
Files& system_files();

}  // namespace postern::timeline
