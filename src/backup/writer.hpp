// Writes pieces to a target, pack by pack, and at the end the snapshot that leads to them. Nothing
// that is there is changed, and the snapshot comes last: whatever ends a backup midway leaves those
// before it as they were. Blocking.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "backup/reader.hpp"

namespace postern::backup {

class Writer {
 public:
    explicit Writer(Reader& reader) : reader_(reader) {}

    // Finds the first free number and what an interrupted backup has left: packs that `latest` does
    // not know are looked into, and what is in them is not written again.
    Outcome<void> start(const Snapshot* latest);

    // Pieces that the previous content had at the same place are not written again.
    Outcome<Content> write_bytes(std::string_view bytes, const Content* previous = nullptr);
    // A piece of a file; `previous` as above.
    Outcome<Ref> write_piece(std::string_view plain, const Ref* previous = nullptr);
    // So that the reader finds all that was written.
    Outcome<void> flush();
    // What is left, and the snapshot; its number, packs_end and new_bytes are filled in.
    Outcome<void> finish(Snapshot& snapshot);

    std::uint64_t bytes_written() const { return bytes_written_; }
    std::uint64_t bytes_found() const { return bytes_found_; }  // of an interrupted backup, used

 private:
    Reader& reader_;
    std::uint32_t next_pack_ = 0;
    std::uint32_t next_snapshot_ = 0;
    std::optional<PackBuilder> pack_;
    std::map<Digest, Ref> found_;
    std::uint64_t bytes_written_ = 0;
    std::uint64_t bytes_found_ = 0;
};

}  // namespace postern::backup
