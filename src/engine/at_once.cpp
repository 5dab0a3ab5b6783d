// Calls that never wait; see at_once.hpp.
#include "engine/at_once.hpp"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cerrno>

namespace postern::engine {
namespace {

constexpr std::uint32_t reading_flags = O_CLOEXEC | O_NOATIME | O_NOFOLLOW;  // and O_RDONLY, 0

int open_cached(const char* path, std::uint32_t flags) {
    open_how how{};
    how.flags = flags;
    how.resolve = RESOLVE_CACHED;
    return int(syscall(SYS_openat2, AT_FDCWD, path, &how, sizeof how));
}

// Of what a call said: that there is no such file is an answer, too.
bool answer(Operation& operation, std::int64_t result) {
    if (result < 0 && errno != ENOENT) return false;
    operation.result = result < 0 ? -errno : std::int32_t(result);
    return true;
}

bool open_at_once(Operation& operation) {
    if ((operation.flags & ~reading_flags) != 0) return false;
    return answer(operation, open_cached(operation.path, operation.flags));
}

bool read_at_once(Operation& operation) {
    const iovec vector{operation.memory, operation.length};
    const ssize_t count = preadv2(operation.fd, &vector, 1, off_t(operation.offset), RWF_NOWAIT);
    return count >= 0 && answer(operation, count);
}

FileType type_of(mode_t mode) {
    if (S_ISREG(mode)) return FileType::regular;
    return S_ISDIR(mode) ? FileType::directory : FileType::other;
}

bool stat_at_once(Operation& operation) {
    const int fd = open_cached(operation.path, O_PATH | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0) return answer(operation, fd);
    struct stat from{};
    const bool known = syscall(SYS_fstat, fd, &from) == 0;
    close(fd);
    if (!known) return false;
    FileStatus& status = *operation.status;
    status.type = type_of(from.st_mode);
    status.size_bytes = std::uint64_t(from.st_size);
    status.modified_ns = from.st_mtim.tv_sec * 1'000'000'000 + from.st_mtim.tv_nsec;
    status.inode = from.st_ino;
    status.links = std::uint32_t(from.st_nlink);
    return answer(operation, 0);
}

}  // namespace

bool answer_at_once(Operation& operation) {
    switch (operation.code) {
        case OpCode::open: return open_at_once(operation);
        case OpCode::read: return read_at_once(operation);
        case OpCode::stat: return stat_at_once(operation);
        default: return false;
    }
}

}  // namespace postern::engine
