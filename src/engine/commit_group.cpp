// Groups of commits; see commit_group.hpp.
#include "engine/commit_group.hpp"

#include <fcntl.h>
#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "engine/shared_flush.hpp"

namespace postern::engine {
namespace {

constexpr long xfs_magic = 0x58465342;  // not in linux/magic.h
// From here on it pays to wait for more: quicker groups are no cheaper for being fewer (ADR 6).
constexpr std::int64_t long_group_ns = 5'000'000;
constexpr std::int64_t pause_share = 8;  // of a long group's time
constexpr std::int64_t pause_ns_max = 10'000'000;

// Its syncfs(2) waits until data and journal are on the disk, caches of the disk flushed.
bool has_durable_syncfs(int fd) {
    struct statfs status{};
    if (fstatfs(fd, &status) != 0) return false;
    return status.f_type == EXT4_SUPER_MAGIC || status.f_type == xfs_magic ||
           status.f_type == BTRFS_SUPER_MAGIC || status.f_type == F2FS_SUPER_MAGIC;
}

int open_for(const Operation& operation) {
    if (operation.code == OpCode::create_file) {
        return open(operation.path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, operation.mode);
    }
    const bool links = operation.code == OpCode::link_durably;
    return open(links ? operation.directory : operation.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

int make_link(const Operation& operation) {
    return link(operation.path, operation.path2) == 0 ? 0 : -errno;
}

// 0 or -errno; EAGAIN: less than all was written.
int write_content(int fd, std::string_view content) {
    const ssize_t count = write(fd, content.data(), content.size());
    if (count < 0) return -errno;
    return std::size_t(count) == content.size() ? 0 : -EAGAIN;
}

}  // namespace

bool CommitGroup::start(MonotonicTime now) {
    if (under_way_ || waiting_.empty() || now < not_before_) return false;
    under_way_ = true;
    started_ = now;
    batch_.operations.swap(waiting_);
    operation_.code = OpCode::offload;
    operation_.job = &batch_;
    pool_.push(operation_);  // its queue is never longer than this one
    return true;
}

std::vector<Operation*> CommitGroup::take_done(MonotonicTime now, std::uint64_t* flushes) {
    if (pool_.take_done() == nullptr) return {};
    under_way_ = false;
    const std::int64_t took_ns = (now - started_).ns;
    const std::int64_t pause_ns = std::min(took_ns / pause_share, pause_ns_max);
    not_before_ = {took_ns < long_group_ns ? 0 : now.ns + pause_ns};
    syncs_file_system_ = batch_.syncs_file_system;
    *flushes += std::exchange(batch_.flushes, 0);
    return std::exchange(batch_.operations, {});
}

void CommitGroup::Batch::run() {
    begun = SharedFlush::of_process().begin();
    for (Operation* operation : operations) take(*operation);
    flush();
}

// The first descriptor is older than everything that is written for the group: syncfs reports
// what failed since it was opened.
void CommitGroup::Batch::take(Operation& operation) {
    if (operation.code == OpCode::discard) {
        operation.result = unlink(operation.path) == 0 ? 0 : -errno;
        return;
    }
    const bool links = operation.code == OpCode::link_durably;
    bool is_linked = false;
    if (links && first_fd >= 0) {
        operation.result = make_link(operation);
        if (operation.result != 0) return;
        if (shares_device(operation.path2)) {
            grouped.push_back(&operation);
            return;
        }
        is_linked = true;
    }
    const int fd = open_for(operation);
    if (fd < 0) {
        operation.result = -errno;
        return;
    }
    if (first_fd < 0) {
        syncs_file_system = syncs_file_system && has_durable_syncfs(fd);
    }
    operation.result = operation.code == OpCode::create_file ? write_content(fd, *operation.content)
                       : links && !is_linked                 ? make_link(operation)
                                                             : 0;
    struct stat status{};
    const bool known = operation.result == 0 && syncs_file_system && fstat(fd, &status) == 0;
    if (known && first_fd < 0) {
        first_fd = fd;
        device = status.st_dev;
        grouped.push_back(&operation);
        return;
    }
    if (known && status.st_dev == device) {
        grouped.push_back(&operation);
    } else if (operation.result == 0) {
        ++flushes;
        if (fsync(fd) != 0) operation.result = -errno;
    }
    close(fd);
}

bool CommitGroup::Batch::shares_device(const char* path) const {
    struct stat status{};
    return lstat(path, &status) == 0 && status.st_dev == device;
}

void CommitGroup::Batch::flush() {
    if (first_fd < 0) return;
    const auto outcome = SharedFlush::of_process().flush(first_fd, device, begun);
    if (outcome.is_own) ++flushes;
    for (Operation* operation : grouped) operation->result = outcome.result;
    grouped.clear();
    close(std::exchange(first_fd, -1));
}

}  // namespace postern::engine
