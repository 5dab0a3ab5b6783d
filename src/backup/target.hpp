// Where backups lie: a place with a few folders of files, each written once, whole, and never
// changed. Blocking. What a name leads to may have been written by anybody.
//
//   postern-backup         how the passphrase opens it (key_file.hpp)
//   packs/NNNNNNNN.pack    pieces of files (pack.hpp)
//   snapshots/NNNNNNNN.snapshot    what a backup consists of (tree.hpp)
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "backup/problem.hpp"

namespace postern::backup {

class Target {
 public:
    virtual ~Target() = default;

    // For people: what was asked for.
    virtual std::string describe() const = 0;
    // The names in a folder, in any order; a folder that is not there is empty.
    virtual Outcome<std::vector<std::string>> list(const std::string& folder) = 0;
    // From `offset` on, fewer bytes at the end of the file; not_found.
    virtual Outcome<std::string> read(const std::string& name, std::uint64_t offset,
                                      std::size_t bytes_max) = 0;
    // The last so many bytes, fewer when it is shorter.
    virtual Outcome<std::string> read_end(const std::string& name, std::size_t bytes) = 0;
    // Durable, and there as a whole or not at all. refused when the name is taken. Makes the
    // folder.
    virtual Outcome<void> write(const std::string& name, std::string_view bytes) = 0;
    virtual Outcome<void> remove(const std::string& name) = 0;
    // What an interrupted write may have left. Called by whoever is the only one to write.
    virtual void clear_drafts() {}
};

// A directory, which must be there: a stick that is not mounted is no place for a backup.
Outcome<std::unique_ptr<Target>> open_directory_target(const std::string& path);

// "packs/0000002a.pack" and the like.
constexpr std::string_view key_file_name = "postern-backup";
constexpr std::string_view packs_folder = "packs";
constexpr std::string_view snapshots_folder = "snapshots";
std::string pack_name(std::uint32_t number);
std::string snapshot_name(std::uint32_t number);
// The numbers of files in one of the two folders, ascending; other names are left out.
Outcome<std::vector<std::uint32_t>> list_numbers(Target& target, std::string_view folder);

}  // namespace postern::backup
