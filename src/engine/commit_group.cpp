// Groups of commits; see commit_group.hpp.
#include "engine/commit_group.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "engine/shared_flush.hpp"

namespace postern::engine {
namespace {

constexpr std::int64_t long_group_ns = 5'000'000;  // then the flush is most of it

int open_for(const Operation& operation) {
    if (operation.code == OpCode::create_file || operation.code == OpCode::write_file) {
        return open(operation.path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, operation.mode);
    }
    return open(opened_path(operation), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

int make_link(const Operation& operation) {
    return link(operation.path, operation.path2) == 0 ? 0 : -errno;
}

int take_away(const Operation& operation) {
    return unlink(operation.path) == 0 ? 0 : -errno;
}

int displace(const Operation& operation) {
    const int linked = operation.path2 != nullptr ? make_link(operation) : 0;
    return linked == 0 ? take_away(operation) : linked;
}

// 0 or -errno; EAGAIN: less than all was written.
int write_content(int fd, std::string_view content) {
    const ssize_t count = write(fd, content.data(), content.size());
    if (count < 0) return -errno;
    return std::size_t(count) == content.size() ? 0 : -EAGAIN;
}

int write_new_file(const Operation& operation) {
    const int fd = open_for(operation);
    if (fd < 0) return -errno;
    const int result = write_content(fd, *operation.content);
    close(fd);
    return result;
}

// What is to be made durable by a sync of `fd`.
int carry_out(const Operation& operation, int fd) {
    if (operation.code == OpCode::create_file) return write_content(fd, *operation.content);
    return operation.code == OpCode::link_durably ? make_link(operation) : 0;
}

}  // namespace

bool CommitGroup::start(MonotonicTime now) {
    if (waiting_.empty() || under_way_ >= (takes_long_ ? groups_ : 1)) return false;
    Batch& batch =
        *std::ranges::find_if(batches_, [](const Batch& b) { return b.operation.job == nullptr; });
    ++under_way_;
    batch.started = now;
    batch.syncs_file_system = syncs_file_system_;
    batch.operations.swap(waiting_);
    batch.operation.code = OpCode::offload;
    batch.operation.job = &batch;
    pool_.push(batch.operation);  // its queue is never longer than the batches are
    return true;
}

std::vector<Operation*> CommitGroup::take_done(MonotonicTime now, std::uint64_t* flushes) {
    std::vector<Operation*> ended;
    for (Operation* done = pool_.take_done(); done != nullptr;) {
        auto& batch = static_cast<Batch&>(*std::exchange(done->job, nullptr));
        done = static_cast<Operation*>(done->scratch);
        --under_way_;
        takes_long_ = (now - batch.started).ns >= long_group_ns;
        syncs_file_system_ = syncs_file_system_ && batch.syncs_file_system;
        *flushes += std::exchange(batch.flushes, 0);
        ended.insert(ended.end(), batch.operations.begin(), batch.operations.end());
        batch.operations.clear();
    }
    return ended;
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
        operation.result = take_away(operation);
        return;
    }
    if (operation.code == OpCode::displace) {
        operation.result = displace(operation);
        return;
    }
    if (operation.code == OpCode::write_file) {
        operation.result = write_new_file(operation);
        return;
    }
    if (operation.code == OpCode::link_durably && first_fd >= 0) {
        take_link(operation);
        return;
    }
    const int fd = open_for(operation);
    if (fd < 0) {
        operation.result = -errno;
        return;
    }
    if (first_fd < 0) {
        syncs_file_system = syncs_file_system && has_durable_syncfs(fd);
    }
    operation.result = carry_out(operation, fd);
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
        sync_alone(operation, fd);
    }
    close(fd);
}

// The group has its descriptor: one more link needs none.
void CommitGroup::Batch::take_link(Operation& operation) {
    operation.result = make_link(operation);
    if (operation.result != 0) return;
    struct stat status{};
    if (lstat(operation.path2, &status) == 0 && status.st_dev == device) {
        grouped.push_back(&operation);
        return;
    }
    const int fd = open_for(operation);
    if (fd < 0) {
        operation.result = -errno;
        return;
    }
    sync_alone(operation, fd);
    close(fd);
}

void CommitGroup::Batch::sync_alone(Operation& operation, int fd) {
    ++flushes;
    if (fsync(fd) != 0) operation.result = -errno;
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
