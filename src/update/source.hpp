// Where an update file comes from: a path, an address on the web, or a stick; other files on sticks
// too. Blocking.
#pragma once

#include <functional>
#include <string>

#include "update/appliance.hpp"

namespace postern::update {

// Verifies the whole file; what is refused has changed nothing.
Outcome<Manifest> verify_file(const std::string& path, const Trust& trust,
                              const Progress& progress);
// Then writes it into the other slot (verifying again what it writes) and lets the next boot try
// it.
Outcome<void> install_file(const std::string& path, Appliance& appliance, const Progress& progress);

bool is_url(const std::string& source);  // http:// or https://
// Downloads to `path`, as many bytes as an update for this machine may have. The server's name is
// checked against its certificate for https; what comes is verified like any file. `program`:
// postern-fetch (Places::fetch), which does it.
Outcome<void> download(
    const std::string& program, const std::string& url, const std::string& path,
    std::uint64_t bytes_max,
    const std::function<void(std::uint64_t done, std::uint64_t total)>& progress);

enum class StickUse : unsigned char { read, write };
// A FAT volume, mounted as long as this lives.
class Stick {
 public:
    Stick() = default;
    Stick(Stick&& other) noexcept
        : path_(std::exchange(other.path_, {})), device_(std::move(other.device_)) {}
    Stick& operator=(Stick&& other) noexcept {
        std::swap(path_, other.path_);
        std::swap(device_, other.device_);
        return *this;
    }
    ~Stick();
    static std::optional<Stick> mount(const std::string& device, const std::string& path,
                                      StickUse use = StickUse::read);
    const std::string& path() const { return path_; }
    const std::string& device() const { return device_; }

 private:
    std::string path_;
    std::string device_;
};

// One of the attached disks other than that which was booted: the first that `is_wanted`, mounted
// at a place of this name. Reason::not_found, with these words.
Outcome<Stick> find_stick(const Appliance& appliance, const std::string& place, StickUse use,
                          const std::function<bool(const Stick&)>& is_wanted,
                          const std::string& none);
// The first with this file in its root directory.
Outcome<Stick> find_stick_with(const Appliance& appliance, const std::string& name);
// The first that can be written to.
Outcome<Stick> find_stick_to_write(const Appliance& appliance);

enum class Marked : bool { no_matter, only };
// A file of this name on a stick says: install without being asked.
constexpr std::string_view stick_mark = "postern-update-now";

struct Found {
    Stick stick;
    std::string path;  // on it
    Manifest manifest;
};
// The newest update this machine may take in the root directories of attached disks other than the
// one that was booted: names postern-*.update, heads verified. Reason::not_found, or the reason why
// the only one there is was refused.
Outcome<Found> find_on_sticks(const Appliance& appliance, const Trust& trust, Marked marked);
// The same in a directory; for find_on_sticks and its tests.
Outcome<std::pair<std::string, Manifest>> find_in_directory(const std::string& directory,
                                                            const Trust& trust);

}  // namespace postern::update
