// See appliance.hpp.
#include "update/appliance.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/mount.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "base/ascii.hpp"
#include "update/limits.hpp"

namespace postern::update {
namespace {

constexpr std::size_t small_file_bytes_max = 65'536;
// What the EFI partition is mounted with besides.
constexpr unsigned long esp_flags = MS_NOSUID | MS_NODEV | MS_NOEXEC;

std::unexpected<Problem> refuse_io(const std::string& what) {
    return refuse(Reason::io, what + ": " + std::strerror(errno));
}

// The value of key=value among words that blanks or ends of lines divide.
std::string word_of(std::string_view text, std::string_view key) {
    while (!text.empty()) {
        const std::size_t end = std::min(text.find_first_of(" \n"), text.size());
        const std::string_view word = text.substr(0, end);
        if (word.starts_with(key) && word.substr(key.size()).starts_with('=')) {
            return std::string(word.substr(key.size() + 1));
        }
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return {};
}

// The EFI partition, writable as long as this lives; what is mounted writable anyway stays so.
class WritableMount {
 public:
    explicit WritableMount(std::string path) : path_(std::move(path)) {
        struct statvfs state{};
        was_read_only_ = statvfs(path_.c_str(), &state) == 0 && (state.f_flag & ST_RDONLY) != 0;
        if (was_read_only_) mount(nullptr, path_.c_str(), nullptr, MS_REMOUNT | esp_flags, nullptr);
    }
    WritableMount(const WritableMount&) = delete;
    WritableMount& operator=(const WritableMount&) = delete;
    ~WritableMount() {
        if (was_read_only_) {
            mount(nullptr, path_.c_str(), nullptr, MS_REMOUNT | MS_RDONLY | esp_flags, nullptr);
        }
    }

 private:
    std::string path_;
    bool was_read_only_ = false;
};

bool write_all(int fd, std::string_view bytes, std::uint64_t offset) {
    while (!bytes.empty()) {
        const ssize_t n = pwrite(fd, bytes.data(), bytes.size(), off_t(offset));
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) return false;
        bytes.remove_prefix(std::size_t(n));
        offset += std::uint64_t(n);
    }
    return true;
}

}  // namespace

Places standard_places() {
    Places places;
    const char* root = std::getenv("POSTERN_ROOT");
    if (root != nullptr) {
        for (std::string* path : {&places.run, &places.system, &places.boot_block, &places.state,
                                  &places.sysfs_block, &places.fetch}) {
            path->insert(0, root);
        }
    }
    return places;
}

Descriptor::~Descriptor() {
    if (fd_ >= 0) close(fd_);
}

std::optional<std::string> read_small_file(const std::string& path) {
    Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!file) return std::nullopt;
    std::string text(small_file_bytes_max, '\0');
    const ssize_t n = read(file.get(), text.data(), text.size());
    if (n < 0) return std::nullopt;
    text.resize(std::size_t(n));
    return text;
}

Outcome<std::unique_ptr<Appliance>> Appliance::open(Places places) {
    std::unique_ptr<Appliance> made(new Appliance(std::move(places)));
    const auto boot = read_small_file(made->places_.run + "/boot");
    const auto release = read_small_file(made->places_.system + "/release");
    const auto slot = boot ? parse_slot(word_of(*boot, "slot")) : std::nullopt;
    if (!slot || !release) {
        return refuse(Reason::no_appliance, "this system is not the appliance: it has no slots");
    }
    made->slot_ = *slot;
    made->disk_ = word_of(*boot, "disk");
    made->other_device_ = word_of(*boot, "other_device");
    const auto version = parse_version(word_of(*release, "VERSION"));
    const auto minimum = parse_version(word_of(*release, "MINIMUM"));
    if (!version || !minimum) return refuse(Reason::io, "the system does not say its version");
    made->running_ = {*version, *minimum, word_of(*release, "ARCH")};
    return made;
}

bool Appliance::is_healthy() const {
    return access((places_.run + "/healthy").c_str(), F_OK) == 0;
}

Outcome<Trust> Appliance::trust() {
    if (auto opened = open_other_slot(); !opened) return std::unexpected(opened.error());
    const auto text = read_small_file(places_.system + "/update-keys");
    auto keys = text ? parse_keys(*text) : std::nullopt;
    if (!keys) return refuse(Reason::io, "the keys of updates cannot be read");
    const off_t size = lseek(other_slot_.get(), 0, SEEK_END);
    if (size <= 0) return refuse_io(other_device_);
    return Trust{std::move(*keys), running_, std::uint64_t(size)};
}

Outcome<void> Appliance::open_other_slot() {
    if (other_slot_) return {};
    other_slot_ = Descriptor(::open(other_device_.c_str(), O_RDWR | O_CLOEXEC | O_EXCL));
    if (!other_slot_) return refuse_io("the other slot, " + other_device_);
    return {};
}

Outcome<void> Appliance::lock() {
    lock_ = Descriptor(
        ::open((places_.run + "/update.lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
    if (!lock_) return refuse_io(places_.run + "/update.lock");
    if (flock(lock_.get(), LOCK_EX | LOCK_NB) != 0) {
        return refuse(Reason::not_now, "another update is running");
    }
    return {};
}

Outcome<void> Appliance::write_slot(std::uint64_t offset, std::string_view bytes) {
    if (!write_all(other_slot_.get(), bytes, offset)) return refuse_io(other_device_);
    return {};
}

Outcome<void> Appliance::sync_slot() {
    if (fsync(other_slot_.get()) != 0) return refuse_io(other_device_);
    posix_fadvise(other_slot_.get(), 0, 0, POSIX_FADV_DONTNEED);
    return {};
}

Outcome<std::string> Appliance::read_slot(std::uint64_t offset, std::size_t bytes) {
    std::string out(bytes, '\0');
    std::size_t got = 0;
    while (got < bytes) {
        const ssize_t n =
            pread(other_slot_.get(), out.data() + got, bytes - got, off_t(offset + got));
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) return refuse_io(other_device_);
        got += std::size_t(n);
    }
    return out;
}

Outcome<std::string> Appliance::read_boot_block() {
    auto block = read_small_file(places_.boot_block);
    if (!block) return refuse_io(places_.boot_block);
    return std::move(*block);
}

Outcome<void> Appliance::write_boot_block(std::string_view block) {
    // FILE is DIRECTORY/postern/grubenv, and DIRECTORY is where the partition is mounted.
    std::string directory = places_.boot_block;
    for (int i = 0; i < 2; ++i) directory.resize(directory.rfind('/'));
    const WritableMount writable(directory);
    Descriptor file(::open(places_.boot_block.c_str(), O_WRONLY | O_CLOEXEC));
    if (!file || !write_all(file.get(), block, 0) || fsync(file.get()) != 0) {
        return refuse_io(places_.boot_block);
    }
    return {};
}

}  // namespace postern::update
