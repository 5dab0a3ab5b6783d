// EntryFiles: the two files of each entry, under <data>/queue, spread over sixteen directories by
// the first digit of the id:
//
//   <d>/<id>.msg   the message: a hard link of the file that arrived
//   <d>/<id>.env   the envelope file (envelope_file.hpp)
//   <d>/<id>.bad   an envelope file that could not be read, set aside for the administrator
//
// The envelope is synced before the message is linked, so where there is a .msg the envelope was
// whole; the entry is durable once the directory has been synced too. The envelope is removed
// first: a file without its partner is what a power cut left, and goes at start. Entries that came
// by the journal are there otherwise (fresh_entries.hpp). Works on any shard; an entry's files
// belong to the shard of its destination once it has been accepted.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "engine/task.hpp"
#include "queue/entry_id.hpp"
#include "queue/envelope_file.hpp"

namespace postern::store {
class DirectorySync;
}

namespace postern::queue {

enum class Durability : std::uint8_t { synced, at_leisure };

class EntryFiles {
 public:
    explicit EntryFiles(std::string root) : root_(std::move(root)) {}

    const std::string& root() const { return root_; }
    std::string directory_of(EntryId id) const;
    std::string directory(unsigned index) const;
    std::string message_path(EntryId id) const { return path(id, ".msg"); }
    std::string envelope_path(EntryId id) const { return path(id, ".env"); }

    engine::task<Result<void>> make_directories() const;
    // A new entry: its envelope is durable, but for its name; then, by a link to the message, the
    // entry. Errors leave files behind: remove().
    engine::task<Result<void>> write_envelope(EntryId id, std::string text) const;
    engine::task<Result<void>> add_message(EntryId id, std::string message,
                                           store::DirectorySync* sync) const;
    // Both at once, nothing durable; after an error there is neither.
    engine::task<Result<void>> write(EntryId id, std::string_view envelope,
                                     std::string_view message) const;
    // Errors: not_found; corrupt; io.
    engine::task<Result<StoredEntry>> load(EntryId id) const;
    // Appends the records and moves entry->valid_bytes and entry->chain.
    engine::task<Result<void>> append(EntryId id, StoredEntry* entry, const RecordWriter* records,
                                      Durability durability) const;
    // As far as they are there, in any order, when it costs least. The directory is not synced.
    engine::task<Result<void>> remove(EntryId id) const;
    engine::task<Result<void>> set_aside(EntryId id) const;

    // Entries that are whole, of one directory. Removes what is left of others.
    engine::task<Result<std::vector<EntryId>>> list(unsigned index) const;

 private:
    std::string path(EntryId id, const char* ending) const;

    std::string root_;
};

}  // namespace postern::queue
