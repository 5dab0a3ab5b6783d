// The machine that an update is for: what its system says of itself, its slots, its boot block.
// Blocking; root. The files are made by the scripts of image/root and by the initial RAM disk:
//
//   RUN/boot           words key=value: slot, device, disk, other_device
//   RUN/healthy        is there once this boot has been blessed
//   SYSTEM/release     lines: VERSION=…, ARCH=…, MINIMUM=…
//   SYSTEM/update-keys whose updates are taken (manifest.hpp)
//   the boot block     a file on the EFI partition, which is writable only while it is written
#pragma once

#include <memory>
#include <string>

#include "update/installer.hpp"

namespace postern::update {

struct Places {
    std::string run = "/run/appliance";
    std::string system = "/usr/lib/postern";
    std::string boot_block = "/esp/postern/grubenv";
    std::string state = "/data/state";
    std::string sysfs_block = "/sys/class/block";
    std::string fetch = "/usr/bin/postern-fetch";
};
// Those, or below the directory that POSTERN_ROOT names (tests).
Places standard_places();

// A file or device, closed when it goes.
class Descriptor {
 public:
    explicit Descriptor(int fd = -1) : fd_(fd) {}
    Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
    Descriptor& operator=(Descriptor&& other) noexcept {
        std::swap(fd_, other.fd_);
        return *this;
    }
    ~Descriptor();
    int get() const { return fd_; }
    explicit operator bool() const { return fd_ >= 0; }

 private:
    int fd_;
};

class Appliance final : public Machine {
 public:
    // Reason::no_appliance where there are no slots.
    static Outcome<std::unique_ptr<Appliance>> open(Places places);

    const Places& places() const { return places_; }
    Slot running_slot() const { return slot_; }
    const std::string& disk() const { return disk_; }  // "vda"
    const RunningSystem& running() const { return running_; }
    bool is_healthy() const;
    // What is needed to judge a file; opens the other slot.
    Outcome<Trust> trust();
    // Held until the process ends; Reason::not_now when another process has it.
    Outcome<void> lock();

    Outcome<void> write_slot(std::uint64_t offset, std::string_view bytes) override;
    Outcome<void> sync_slot() override;
    Outcome<std::string> read_slot(std::uint64_t offset, std::size_t bytes) override;
    Outcome<std::string> read_boot_block() override;
    Outcome<void> write_boot_block(std::string_view block) override;

 private:
    explicit Appliance(Places places) : places_(std::move(places)) {}
    Outcome<void> open_other_slot();

    Places places_;
    Slot slot_ = Slot::a;
    std::string disk_;
    std::string other_device_;
    RunningSystem running_;
    Descriptor other_slot_;
    Descriptor lock_;
};

// A whole small file; nothing when it cannot be read.
std::optional<std::string> read_small_file(const std::string& path);

}  // namespace postern::update
