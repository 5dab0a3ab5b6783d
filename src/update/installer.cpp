// See installer.hpp: the order of the writes is there.
#include "update/installer.hpp"

#include <algorithm>

#include "update/limits.hpp"

namespace postern::update {

Outcome<BootBlock> read_boot_block(Machine& machine) {
    const auto bytes = machine.read_boot_block();
    if (!bytes) return std::unexpected(bytes.error());
    auto block = BootBlock::parse(*bytes);
    if (!block) return refuse(Reason::io, "GRUB's environment block is damaged");
    return *block;
}

Outcome<void> change_boot_block(Machine& machine, const std::function<void(BootBlock&)>& change) {
    auto block = read_boot_block(machine);
    if (!block) return std::unexpected(block.error());
    const auto before = block->format();
    change(*block);
    const auto after = block->format();
    if (!after) return refuse(Reason::io, "GRUB's environment block is full");
    if (after == before) return {};
    return machine.write_boot_block(*after);
}

Installer::Installer(Machine& machine, Trust trust, Slot running_slot, Progress progress)
    : machine_(machine),
      running_slot_(running_slot),
      progress_(std::move(progress)),
      reader_(std::move(trust), [this](std::uint64_t offset, std::string_view bytes) {
          return take(offset, bytes);
      }) {}

Outcome<void> Installer::begin() {
    auto done = change_boot_block(machine_, [](BootBlock& block) { block.forget_other(); });
    if (done) done = machine_.write_slot(0, std::string(limits::first_bytes, '\0'));
    if (done) done = machine_.sync_slot();
    return done;
}

Outcome<void> Installer::take(std::uint64_t offset, std::string_view bytes) {
    if (offset == 0) {
        if (auto begun = begin(); !begun) return begun;
    }
    const std::size_t kept = std::min(bytes.size(), limits::first_bytes - first_.size());
    first_ += bytes.substr(0, kept);
    bytes.remove_prefix(kept);
    if (!bytes.empty()) {
        if (auto written = machine_.write_slot(offset + kept, bytes); !written) return written;
    }
    progress_(Step::writing, offset + kept + bytes.size(), reader_.manifest()->slot_bytes);
    return {};
}

Outcome<void> Installer::finish() {
    const auto manifest = reader_.finish();
    if (!manifest) return std::unexpected(manifest.error());
    auto done = machine_.sync_slot();
    if (done) done = write_first();
    if (done) done = compare_with_disk();
    if (!done) return done;
    return change_boot_block(machine_,
                             [this](BootBlock& block) { block.try_slot(other(running_slot_)); });
}

Outcome<void> Installer::write_first() {
    auto written = machine_.write_slot(0, first_);
    return written ? machine_.sync_slot() : written;
}

Outcome<void> Installer::compare_with_disk() {
    const Manifest& manifest = *reader_.manifest();
    crypto::Hasher hasher(crypto::Hash::sha256);
    for (std::uint64_t at = 0; at < manifest.slot_bytes;) {
        const auto wanted =
            std::min<std::uint64_t>(limits::read_back_bytes, manifest.slot_bytes - at);
        const auto bytes = machine_.read_slot(at, std::size_t(wanted));
        if (!bytes) return std::unexpected(bytes.error());
        hasher.update(*bytes);
        at += wanted;
        progress_(Step::reading_back, at, manifest.slot_bytes);
    }
    if (hasher.finish() != manifest.slot_sha256) {
        return refuse(Reason::io, "the disk does not give back what was written to the slot");
    }
    return {};
}

}  // namespace postern::update
