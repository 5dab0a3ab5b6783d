// See timeline_files.hpp.
#include "sim/timeline_files.hpp"

#include <fcntl.h>

#include <algorithm>
#include <cerrno>

#include "sim/world.hpp"

namespace postern::sim {
namespace {

class DiskFile final : public timeline::OpenFile {
 public:
    DiskFile(Machine& machine, sim::OpenFile file, std::uint64_t bytes)
        : machine_(machine), file_(std::move(file)), bytes_(bytes) {}

    std::size_t read_at(std::span<char> memory, std::uint64_t offset) const override {
        World& world = machine_.world();
        if (world.random().chance(world.plan().faults.read_eio)) return 0;
        const int count = machine_.disk().read(file_, memory.data(), memory.size(), offset);
        return std::size_t(std::max(0, count));
    }
    std::uint64_t bytes() const override { return bytes_; }

 private:
    Machine& machine_;
    mutable sim::OpenFile file_;
    std::uint64_t bytes_;
};

}  // namespace

std::vector<std::string> TimelineFiles::list(const std::string& directory) {
    std::vector<engine::DirectoryEntry> entries;
    std::vector<std::string> names;
    if (!machine_.is_running() || machine_.disk().list(directory, entries) < 0) return names;
    for (const engine::DirectoryEntry& entry : entries) names.push_back(entry.name);
    return names;
}

std::uint64_t TimelineFiles::bytes_of(const std::string& path) {
    engine::FileStatus status;
    if (!machine_.is_running() || machine_.disk().stat(path, status) < 0) return 0;
    return status.size_bytes;
}

Result<std::unique_ptr<timeline::OpenFile>> TimelineFiles::open(const std::string& path) {
    World& world = machine_.world();
    if (!machine_.is_running() || world.random().chance(world.plan().faults.open_eio)) {
        return fail_errno(EIO, "open");
    }
    OpenFile file;
    const int error = machine_.disk().open(path, O_RDONLY, file, world.wall_now().ns);
    if (error < 0) return fail_errno(-error, "open");
    return std::make_unique<DiskFile>(machine_, std::move(file), bytes_of(path));
}

int TimelineFiles::write(const std::string& path, std::string_view bytes) {
    World& world = machine_.world();
    const Faults& faults = world.plan().faults;
    if (!machine_.is_running() || world.random().chance(faults.write_eio)) return -EIO;
    if (world.random().chance(faults.no_space)) return -ENOSPC;
    const std::int64_t now_ns = world.wall_now().ns;
    OpenFile file;
    const int error = machine_.disk().open(path, O_WRONLY | O_CREAT | O_TRUNC, file, now_ns);
    if (error < 0) return error;
    return machine_.disk().write(file, bytes, 0, now_ns);
}

Result<void> TimelineFiles::replace(const std::string& path, std::string_view bytes) {
    const std::string draft = path + ".tmp";
    const int written = write(draft, bytes);
    if (written < 0) return fail_errno(-written, "write");
    if (std::size_t(written) < bytes.size()) return fail_errno(ENOSPC, "write");
    const int renamed = machine_.disk().rename(draft, path);
    if (renamed < 0) return fail_errno(-renamed, "rename");
    return {};
}

void TimelineFiles::remove(const std::string& path) {
    if (machine_.is_running()) machine_.disk().unlink(path);
}

void spoil_files(Machine& machine, std::string_view directory, Random& random) {
    Disk& disk = machine.disk();
    std::vector<engine::DirectoryEntry> entries;
    if (disk.list(directory, entries) < 0) return;
    for (const engine::DirectoryEntry& entry : entries) {
        const std::string path = std::string(directory) + '/' + entry.name;
        const std::int64_t now_ns = machine.world().wall_now().ns;
        const bool is_cut = random.chance(0.2);
        OpenFile file;
        if (random.chance(0.2)) {
            disk.unlink(path);
        } else if (disk.open(path, is_cut ? O_WRONLY | O_TRUNC : O_WRONLY, file, now_ns) >= 0 &&
                   random.chance(0.5)) {
            std::string bytes(random.between(1, 300), '\0');
            for (char& byte : bytes) byte = char(random.below(256));
            disk.write(file, bytes, random.below(5'000), now_ns);
        }
    }
}

}  // namespace postern::sim
