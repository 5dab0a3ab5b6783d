// The files of timelines on a simulated disk, for what the gateway reads and writes in its offload
// pool, with the disk's faults; and what may become of them while nobody looks.
#pragma once

#include <string>
#include <string_view>

#include "sim/machine.hpp"
#include "sim/random.hpp"
#include "timeline/files.hpp"

namespace postern::sim {

// Nothing happens any more once the machine has stopped: its last jobs run, but to no effect.
class TimelineFiles final : public timeline::Files {
 public:
    explicit TimelineFiles(Machine& machine) : machine_(machine) {}

    std::vector<std::string> list(const std::string& directory) override;
    Result<std::unique_ptr<timeline::OpenFile>> open(const std::string& path) override;
    std::uint64_t bytes_of(const std::string& path) override;
    Result<void> replace(const std::string& path, std::string_view bytes) override;
    void remove(const std::string& path) override;

 private:
    int write(const std::string& path, std::string_view bytes);

    Machine& machine_;
};

// Files there are gone, cut, or no longer what they were. While the machine does not run.
void spoil_files(Machine& machine, std::string_view directory, Random& random);

}  // namespace postern::sim
