// See files.hpp and problem.hpp.
#include "backup/files.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "base/ascii.hpp"
#include "base/blocking_file.hpp"

namespace postern::backup {

std::string_view name_of(Reason reason) {
    switch (reason) {
        case Reason::no_backup: return "no_backup";
        case Reason::newer: return "newer";
        case Reason::passphrase: return "passphrase";
        case Reason::damaged: return "damaged";
        case Reason::no_room: return "no_room";
        case Reason::not_now: return "not_now";
        case Reason::not_found: return "not_found";
        case Reason::refused: return "refused";
        case Reason::io: return "io";
    }
    return "";
}

std::unexpected<Problem> refuse_errno(const std::string& path) {
    const int number = errno;
    const bool is_full = number == ENOSPC || number == EDQUOT || number == EFBIG;
    const Reason reason = is_full            ? Reason::no_room
                          : number == ENOENT ? Reason::not_found
                                             : Reason::io;
    return refuse(reason, escape_for_log(path) + ": " + std::strerror(number));
}

Outcome<std::string> read_file(const std::string& path, std::size_t bytes_max) {
    const BlockingFile file(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
    struct stat state{};
    if (!file.is_open() || fstat(file.fd(), &state) != 0) return refuse_errno(path);
    if (!S_ISREG(state.st_mode) || std::uint64_t(state.st_size) > bytes_max) {
        return refuse(Reason::refused, escape_for_log(path) + " is too large or no file");
    }
    std::string bytes(std::size_t(state.st_size), '\0');
    bytes.resize(file.read_at(bytes, 0));
    return bytes;
}

Outcome<void> write_file(const std::string& path, std::string_view bytes, mode_t mode,
                         Existing existing) {
    if (existing == Existing::refused && exists(path)) {
        return refuse(Reason::refused, escape_for_log(path) + " is there already");
    }
    const std::string draft = path + ".tmp";
    unlink(draft.c_str());
    {
        const BlockingFile file(draft, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW);
        // A file system without modes (FAT) keeps none.
        if (file.is_open()) [[maybe_unused]]
            const int ignored = fchmod(file.fd(), mode);
        if (!file.is_open() || !file.write(bytes) || fsync(file.fd()) != 0) {
            auto problem = refuse_errno(path);
            unlink(draft.c_str());
            return problem;
        }
    }
    if (rename(draft.c_str(), path.c_str()) != 0) {
        auto problem = refuse_errno(path);
        unlink(draft.c_str());
        return problem;
    }
    return sync_directory(std::filesystem::path(path).parent_path());
}

Outcome<void> sync_directory(const std::string& path) {
    const BlockingFile directory(path.empty() ? "." : path, O_RDONLY | O_DIRECTORY);
    if (!directory.is_open() || (fsync(directory.fd()) != 0 && errno != EINVAL)) {
        return refuse_errno(path);
    }
    return {};
}

Outcome<void> make_directory(const std::string& path, mode_t mode) {
    if (mkdir(path.c_str(), mode) == 0 || errno == EEXIST) return {};
    if (errno != ENOENT) return refuse_errno(path);
    const std::string above = std::filesystem::path(path).parent_path();
    if (above.empty() || above == path) return refuse_errno(path);
    if (auto made = make_directory(above, mode); !made) return made;
    if (mkdir(path.c_str(), mode) != 0 && errno != EEXIST) return refuse_errno(path);
    return sync_directory(above);
}

bool exists(const std::string& path) {
    struct stat state{};
    return lstat(path.c_str(), &state) == 0;
}

bool is_safe_path(std::string_view path) {
    for (;;) {
        const std::size_t slash = path.find('/');
        const std::string_view part = path.substr(0, slash);
        if (part.empty() || part == "." || part == ".." || part.contains('\0')) return false;
        if (slash == std::string_view::npos) return true;
        path.remove_prefix(slash + 1);
    }
}

}  // namespace postern::backup
