// Writes an update into the slot that does not run, as its bytes come in. The order of writes is
// the whole point; each step is durable before the next:
//
//   1. the head is verified; nothing has been written
//   2. boot block: the other slot is not to be fallen back to
//   3. the slot's first 4,096 bytes become zeros: it is no file system any more
//   4. the rest of the slot
//   5. the slot's first 4,096 bytes
//   6. the slot is read back from the disk and compared with the signed hash
//   7. boot block: the slot is tried, three times
//
// Cut anywhere before 7 the running slot boots again; after it, the new one. Blocking; one thread.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "update/boot_block.hpp"
#include "update/reader.hpp"

namespace postern::update {

// What an update does to the machine.
class Machine {
 public:
    virtual ~Machine() = default;
    // Of the slot that does not run.
    virtual Outcome<void> write_slot(std::uint64_t offset, std::string_view bytes) = 0;
    virtual Outcome<void> sync_slot() = 0;
    // From the disk itself, not from what the kernel remembers of the writes.
    virtual Outcome<std::string> read_slot(std::uint64_t offset, std::size_t bytes) = 0;
    virtual Outcome<std::string> read_boot_block() = 0;
    virtual Outcome<void> write_boot_block(std::string_view block) = 0;  // durable on return
};

Outcome<BootBlock> read_boot_block(Machine& machine);
// Reads the boot block, changes it, and writes it when that made a difference.
Outcome<void> change_boot_block(Machine& machine, const std::function<void(BootBlock&)>& change);

enum class Step : std::uint8_t { checking, writing, reading_back };
using Progress = std::function<void(Step step, std::uint64_t done, std::uint64_t total)>;

class Installer {
 public:
    Installer(Machine& machine, Trust trust, Slot running_slot, Progress progress);

    // As Reader's.
    Outcome<void> feed(std::string_view bytes) { return reader_.feed(bytes); }
    // The file has ended: once this has returned well, the next boot takes the new slot.
    Outcome<void> finish();

 private:
    Outcome<void> begin();
    Outcome<void> take(std::uint64_t offset, std::string_view bytes);
    Outcome<void> write_first();
    Outcome<void> compare_with_disk();

    Machine& machine_;
    Slot running_slot_;
    Progress progress_;
    Reader reader_;
    std::string first_;  // written last
};

}  // namespace postern::update
