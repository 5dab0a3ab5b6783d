// See source.hpp. Names on a stick were chosen by strangers: they are escaped where they are shown.
#include "update/source.hpp"

#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>

#include "base/ascii.hpp"
#include "update/child.hpp"
#include "update/fetch_status.hpp"
#include "update/limits.hpp"

namespace postern::update {
namespace {

namespace fs = std::filesystem;

// Reads a file to its end, piece by piece.
Outcome<void> read_file(const std::string& path,
                        const std::function<Outcome<void>(std::string_view)>& take) {
    Descriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!file) {
        return refuse(errno == ENOENT ? Reason::not_found : Reason::io,
                      escape_for_log(path) + ": " + std::strerror(errno));
    }
    std::string piece(limits::read_back_bytes, '\0');
    for (;;) {
        const ssize_t n = read(file.get(), piece.data(), piece.size());
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return refuse(Reason::io, escape_for_log(path) + ": " + std::strerror(errno));
        if (n == 0) return {};
        if (auto taken = take(std::string_view(piece).substr(0, std::size_t(n))); !taken) {
            return taken;
        }
    }
}

std::uint64_t size_of(const std::string& path) {
    struct stat state{};
    return stat(path.c_str(), &state) == 0 ? std::uint64_t(state.st_size) : 0;
}

// Disks and their partitions, but not the disk that was booted.
std::vector<std::string> foreign_devices(const Appliance& appliance) {
    std::vector<std::string> names;
    std::error_code problem;
    for (const auto& entry : fs::directory_iterator(appliance.places().sysfs_block, problem)) {
        const std::string name = entry.path().filename();
        const bool is_own = name.starts_with(appliance.disk()) || name.starts_with("dm-") ||
                            name.starts_with("loop") || name.starts_with("ram");
        if (!is_own) names.push_back(name);
    }
    std::ranges::sort(names);
    return names;
}

}  // namespace

Outcome<Manifest> verify_file(const std::string& path, const Trust& trust,
                              const Progress& progress) {
    Reader reader(trust);
    std::uint64_t done = 0;
    const std::uint64_t total = size_of(path);
    const auto read = read_file(path, [&](std::string_view piece) -> Outcome<void> {
        done += piece.size();
        auto fed = reader.feed(piece);
        progress(Step::checking, done, std::max(done, total));
        return fed;
    });
    if (!read) return std::unexpected(read.error());
    return reader.finish();
}

Outcome<void> install_file(const std::string& path, Appliance& appliance,
                           const Progress& progress) {
    const auto trust = appliance.trust();
    if (!trust) return std::unexpected(trust.error());
    Installer installer(appliance, *trust, appliance.running_slot(), progress);
    auto read = read_file(path, [&](std::string_view piece) { return installer.feed(piece); });
    return read ? installer.finish() : read;
}

bool is_url(const std::string& source) {
    return istarts_with(source, "http://") || istarts_with(source, "https://");
}

Outcome<void> download(
    const std::string& program, const std::string& url, const std::string& path,
    std::uint64_t bytes_max,
    const std::function<void(std::uint64_t done, std::uint64_t total)>& progress) {
    Child child({program, url, path, std::to_string(bytes_max)});
    std::string words = "it broke off";
    while (const auto line = child.read_line()) {
        const std::string_view text = *line;
        const std::size_t space = std::min(text.find(' '), text.size());
        const auto done = parse_decimal(text.substr(0, space));
        const auto total = parse_decimal(text.substr(std::min(space + 1, text.size())));
        if (done && total) {
            progress(*done, *total);
        } else {
            words = escape_for_log(text);
        }
    }
    const auto status = child.wait();
    if (status == int(FetchStatus::done)) return {};
    unlink(path.c_str());
    if (status == int(FetchStatus::no_room)) {
        return refuse(Reason::io, "there is no room for the download in " + path);
    }
    if (status == int(FetchStatus::too_big)) {
        return refuse(Reason::too_big, "what the server sends is larger than any update");
    }
    return refuse(Reason::io, "the download failed: " + words);
}

std::optional<Stick> Stick::mount(const std::string& device, const std::string& path,
                                  StickUse use) {
    mkdir(path.c_str(), 0700);
    unsigned long flags = MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_SILENT;
    if (use == StickUse::read) flags |= MS_RDONLY;
    if (::mount(device.c_str(), path.c_str(), "vfat", flags, nullptr) != 0) return std::nullopt;
    Stick stick;
    stick.path_ = path;
    stick.device_ = device;
    return stick;
}

Stick::~Stick() {
    if (!path_.empty()) umount2(path_.c_str(), MNT_DETACH);
}

Outcome<std::pair<std::string, Manifest>> find_in_directory(const std::string& directory,
                                                            const Trust& trust) {
    std::optional<std::pair<std::string, Manifest>> best;
    Problem problem{Reason::not_found, "there is no postern-*.update on the stick"};
    std::error_code ignored;
    for (const auto& entry : fs::directory_iterator(directory, ignored)) {
        const std::string name = entry.path().filename();
        if (!name.starts_with("postern-") || !name.ends_with(".update")) continue;
        const auto bytes = read_small_file(entry.path());
        auto head = read_head(bytes.value_or(""), More::end_of_file, trust.keys);
        auto checked = head ? check_manifest((*head)->manifest, trust.running, trust.slot_bytes_max)
                            : Outcome<void>(std::unexpected(head.error()));
        if (!checked) {
            problem = {checked.error().reason, escape_for_log(name) + ": " + checked.error().words};
        } else if (!best || (*head)->manifest.version > best->second.version) {
            best.emplace(entry.path(), std::move((*head)->manifest));
        }
    }
    if (!best) return std::unexpected(std::move(problem));
    return std::move(*best);
}

Outcome<Stick> find_stick(const Appliance& appliance, const std::string& place, StickUse use,
                          const std::function<bool(const Stick&)>& is_wanted,
                          const std::string& none) {
    for (const std::string& device : foreign_devices(appliance)) {
        auto stick = Stick::mount("/dev/" + device, appliance.places().run + "/" + place, use);
        if (stick && is_wanted(*stick)) return std::move(*stick);
    }
    return refuse(Reason::not_found, none);
}

Outcome<Stick> find_stick_with(const Appliance& appliance, const std::string& name) {
    return find_stick(
        appliance, "stick", StickUse::read,
        [&](const Stick& stick) { return access((stick.path() + "/" + name).c_str(), R_OK) == 0; },
        "there is no stick with " + escape_for_log(name));
}

Outcome<Stick> find_stick_to_write(const Appliance& appliance) {
    return find_stick(
        appliance, "stick", StickUse::write, [](const Stick&) { return true; },
        "there is no stick that can be written to");
}

Outcome<Found> find_on_sticks(const Appliance& appliance, const Trust& trust, Marked marked) {
    Problem problem{Reason::not_found, "there is no stick with an update"};
    for (const std::string& name : foreign_devices(appliance)) {
        auto stick = Stick::mount("/dev/" + name, appliance.places().run + "/stick");
        if (!stick) continue;
        const std::string mark = stick->path() + "/" + std::string(stick_mark);
        if (marked == Marked::only && access(mark.c_str(), F_OK) != 0) continue;
        auto found = find_in_directory(stick->path(), trust);
        if (found) return Found{std::move(*stick), found->first, found->second};
        problem = found.error();
    }
    return std::unexpected(std::move(problem));
}

}  // namespace postern::update
