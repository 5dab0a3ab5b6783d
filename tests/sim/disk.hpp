// A file system in memory that remembers what was synced. Every inode has the content programs see
// and the content that survives a power cut; every directory likewise. power_cut() keeps what was
// synced and an arbitrary part of the rest: writes torn at sectors, sizes extended by zeros,
// entries there or not. A sync of a file does not make its entry durable; a sync of the directory
// does. Operations on one name keep their order, a rename happens whole or not at all.
// Results are those of the system calls: ≥ 0, or -errno. Paths are absolute or relative to "/".
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "engine/operation.hpp"
#include "sim/plan.hpp"
#include "sim/random.hpp"

namespace postern::sim {

struct Inode;
using InodePtr = std::shared_ptr<Inode>;

// What a descriptor refers to; outlives the entry it was opened by.
struct OpenFile {
    InodePtr inode;
    int flags = 0;
};

class Disk {
 public:
    Disk(Random random, const Plan& plan);
    ~Disk();

    int open(std::string_view path, int flags, OpenFile& file, std::int64_t wall_ns);
    int read(OpenFile& file, char* memory, std::size_t length, std::uint64_t offset);
    int write(OpenFile& file, std::string_view bytes, std::uint64_t offset, std::int64_t wall_ns);
    int sync(OpenFile& file);
    // All files and entries. A failed one may have lost some of what it should have written.
    int sync_all();
    int rename(std::string_view from, std::string_view to);
    int link(std::string_view from, std::string_view to);
    int unlink(std::string_view path);
    int make_directory(std::string_view path, std::int64_t wall_ns);
    int remove_directory(std::string_view path);
    int stat(std::string_view path, engine::FileStatus& status);
    int list(std::string_view path, std::vector<engine::DirectoryEntry>& entries);
    int get_attribute(std::string_view path, const std::string& name, std::string& value);
    int set_attribute(std::string_view path, const std::string& name, std::string_view value);

    // Everything open must be forgotten by its holders.
    void power_cut();
    std::size_t used_bytes() const;

    // For tests: looks, without faults and latency.
    std::optional<std::string> content(std::string_view path) const;
    // The file is gone, durably, as if an administrator had removed it.
    void lose(std::string_view path);
    std::vector<std::string> tree() const;  // every path, directories with a final '/'

 private:
    struct EntryChange;
    struct Place {  // where a path leads: its directory, the last name, the inode if there is one
        int error = 0;
        InodePtr directory;
        std::string name;
        InodePtr inode;
    };
    Place find(std::string_view path) const;
    InodePtr make_inode(engine::FileType type, std::int64_t wall_ns);
    void set_entry(const InodePtr& directory, const std::string& name, const InodePtr& inode);
    void note_change(EntryChange change);
    static void apply_durably(const EntryChange& change);
    void commit_directory(const InodePtr& directory);
    void commit_change(std::size_t index);
    void crash_entries();
    void crash_content(Inode& inode);
    void crash_attributes(Inode& inode);
    void settle(const InodePtr& directory, std::set<const Inode*>& seen);
    void flush_below(const InodePtr& directory, double share);
    bool no_room(std::size_t more);

    Random random_;
    const Plan& plan_;
    InodePtr root_;
    std::uint64_t next_inode_ = 2;
    std::vector<EntryChange> changes_;  // not durable yet, oldest first
    std::shared_ptr<std::size_t> used_bytes_;
};

}  // namespace postern::sim
