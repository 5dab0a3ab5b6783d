// The ring: the life of a submission; see uring_kernel.hpp.
#include "engine/uring_kernel.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cassert>
#include <cerrno>
#include <cstring>
#include <utility>

#include "engine/shared_flush.hpp"

namespace postern::engine {
namespace {

// The low bits of user_data say what the rest points to.
constexpr std::uint64_t tag_operation = 0;
constexpr std::uint64_t tag_message = 1;       // arrived from another shard
constexpr std::uint64_t tag_message_sent = 2;  // our own MSG_RING failed
constexpr std::uint64_t tag_ignored = 3;       // a cancel request
constexpr std::uint64_t tag_link = 4;          // an entry of a chain that is not its last
constexpr std::uint64_t tag_linked = 5;        // link_durably: its first step
constexpr std::uint64_t tag_mask = 7;

static_assert(alignof(Operation) > tag_mask && alignof(Message) > tag_mask);

constexpr unsigned chain_entries_max = 4;

using StatxBuffer = struct statx;

std::uint64_t tagged(const void* pointer, std::uint64_t tag) {
    return reinterpret_cast<std::uint64_t>(pointer) | tag;
}
template <class T>
T& untagged(std::uint64_t data) {
    return *reinterpret_cast<T*>(data & ~tag_mask);
}

// What the kernel interface itself does on a pool thread, for the operation that it reports to.
struct OwnJob : Job {
    explicit OwnJob(Operation* it) : operation(it) {}
    virtual ~OwnJob() = default;
    Operation* operation;
};

struct ListDirectory final : OwnJob {
    using OwnJob::OwnJob;

    void run() override {
        DIR* directory = opendir(operation->path);
        if (directory == nullptr) {
            operation->result = -errno;
            return;
        }
        errno = 0;
        while (const dirent* entry = readdir(directory)) {
            std::string_view name = entry->d_name;
            if (name != "." && name != "..") {
                operation->entries->push_back({std::string(name), type_of(directory, *entry)});
            }
            errno = 0;
        }
        operation->result = errno != 0 ? -errno : int(operation->entries->size());
        closedir(directory);
    }

    static FileType type_of(DIR* directory, const dirent& entry) {
        if (entry.d_type == DT_REG) return FileType::regular;
        if (entry.d_type == DT_DIR) return FileType::directory;
        struct stat status{};
        if (entry.d_type != DT_UNKNOWN ||
            fstatat(dirfd(directory), entry.d_name, &status, AT_SYMLINK_NOFOLLOW) != 0) {
            return FileType::other;
        }
        if (S_ISREG(status.st_mode)) return FileType::regular;
        return S_ISDIR(status.st_mode) ? FileType::directory : FileType::other;
    }
};

struct SyncFileSystem final : OwnJob {
    using OwnJob::OwnJob;

    void run() override {
        operation->result = !has_durable_syncfs(operation->fd) ? -EOPNOTSUPP
                            : syncfs(operation->fd) == 0       ? 0
                                                               : -errno;
    }
};

void make_own_job(Operation& operation) {
    if (operation.code == OpCode::list_directory) operation.job = new ListDirectory(&operation);
    if (operation.code == OpCode::sync_file_system) operation.job = new SyncFileSystem(&operation);
}

void delete_own_job(Operation& operation) {
    if (operation.code == OpCode::offload) return;
    delete static_cast<OwnJob*>(std::exchange(operation.job, nullptr));
}

bool is_for_pool(OpCode code) {
    return code == OpCode::offload || code == OpCode::list_directory ||
           code == OpCode::sync_file_system;
}

void fill_status(FileStatus& status, const struct statx& from) {
    status.type = S_ISREG(from.stx_mode)   ? FileType::regular
                  : S_ISDIR(from.stx_mode) ? FileType::directory
                                           : FileType::other;
    status.size_bytes = from.stx_size;
    status.modified_ns = from.stx_mtime.tv_sec * 1'000'000'000 + from.stx_mtime.tv_nsec;
    status.inode = from.stx_ino;
    status.links = from.stx_nlink;
}

}  // namespace

io_uring_sqe* UringKernel::next_entry() {
    io_uring_sqe* entry = io_uring_get_sqe(&ring_);
    if (entry == nullptr) {
        ++counters_.enters;
        io_uring_submit(&ring_);
        entry = io_uring_get_sqe(&ring_);
    }
    ++counters_.submissions;
    return entry;
}

void UringKernel::submit(Operation& operation) {
    operation.in_flight = true;
    operation.more = false;
    if (is_for_pool(operation.code)) {
        send_to_pool(operation);
        return;
    }
    if (operation.code == OpCode::write_file || operation.code == OpCode::displace) {
        writes_.add(operation);
        return;
    }
    if (operation.code == OpCode::shutdown) {
        finish_at_once(operation, ::shutdown(operation.fd, int(operation.flags)));
        return;
    }
    const bool may_gather = is_chain(operation.code) || operation.code == OpCode::discard;
    if (may_gather && commits_.gathers(free_slots_.size() < chain_slots)) {
        commits_.add(operation);
        return;
    }
    if (is_chain(operation.code)) {
        begin_chain(operation);
        return;
    }
    io_uring_sqe* entry = next_entry();
    prepare(entry, operation);
    io_uring_sqe_set_data64(entry, tagged(&operation, tag_operation));
}

void UringKernel::prepare(io_uring_sqe* entry, Operation& op) {
    const auto length = unsigned(std::min<std::size_t>(op.length, 1u << 30));
    switch (op.code) {
        case OpCode::accept:
            io_uring_prep_multishot_accept(entry, op.fd, nullptr, nullptr, SOCK_CLOEXEC);
            return;
        case OpCode::connect:
            io_uring_prep_connect(entry, op.fd, op.address, op.address_bytes);
            return;
        case OpCode::receive:
            io_uring_prep_recv_multishot(entry, op.fd, nullptr, 0, 0);
            entry->flags |= IOSQE_BUFFER_SELECT;
            entry->buf_group = buffer_group;
            return;
        case OpCode::send:
            io_uring_prep_send(entry, op.fd, op.data, length, MSG_NOSIGNAL | MSG_WAITALL);
            return;
        case OpCode::close: io_uring_prep_close(entry, op.fd); return;
        case OpCode::read: io_uring_prep_read(entry, op.fd, op.memory, length, op.offset); return;
        case OpCode::write: io_uring_prep_write(entry, op.fd, op.data, length, op.offset); return;
        case OpCode::write_vector:
            io_uring_prep_writev(entry, op.fd, op.vectors, unsigned(op.vector_count), op.offset);
            return;
        case OpCode::sync:
            ++counters_.syncs;
            io_uring_prep_fsync(entry, op.fd, 0);
            return;
        case OpCode::sync_data:
            ++counters_.syncs;
            io_uring_prep_fsync(entry, op.fd, IORING_FSYNC_DATASYNC);
            return;
        case OpCode::splice:
            io_uring_prep_splice(entry, op.fd, std::int64_t(op.offset), op.fd2, -1, length,
                                 SPLICE_F_MOVE);
            return;
        case OpCode::poll: io_uring_prep_poll_add(entry, op.fd, op.flags); return;
        default: prepare_path(entry, op); return;
    }
}

void UringKernel::prepare_path(io_uring_sqe* entry, Operation& op) {
    switch (op.code) {
        case OpCode::open:
            io_uring_prep_openat(entry, AT_FDCWD, op.path, int(op.flags), op.mode);
            return;
        case OpCode::rename: io_uring_prep_rename(entry, op.path, op.path2); return;
        case OpCode::link: io_uring_prep_link(entry, op.path, op.path2, 0); return;
        case OpCode::unlink:
        case OpCode::discard: io_uring_prep_unlink(entry, op.path, 0); return;
        case OpCode::remove_directory: io_uring_prep_unlink(entry, op.path, AT_REMOVEDIR); return;
        case OpCode::make_directory: io_uring_prep_mkdir(entry, op.path, op.mode); return;
        case OpCode::get_attribute:
            io_uring_prep_getxattr(entry, op.name, op.value->data(), op.path,
                                   unsigned(op.value->size()));
            return;
        case OpCode::set_attribute:
            io_uring_prep_setxattr(entry, op.name, op.content->data(), op.path, 0,
                                   unsigned(op.content->size()));
            return;
        case OpCode::stat: {
            auto* status = new StatxBuffer();
            op.scratch = status;
            io_uring_prep_statx(entry, AT_FDCWD, op.path, AT_SYMLINK_NOFOLLOW, STATX_BASIC_STATS,
                                status);
            return;
        }
        default: assert(false); io_uring_prep_nop(entry);
    }
}

void UringKernel::begin_chain(Operation& operation) {
    if (free_slots_.empty()) {
        waiting_for_slot_.push_back(&operation);
        return;
    }
    operation.fd = free_slots_.back();
    free_slots_.pop_back();
    if (operation.code != OpCode::link_durably) {
        submit_chain(operation);
        return;
    }
    // By itself, as the ring does not count a link that fails as failed: the chain would go on.
    io_uring_sqe* entry = next_entry();
    io_uring_prep_link(entry, operation.path, operation.path2, 0);
    io_uring_sqe_set_data64(entry, tagged(&operation, tag_linked));
}

// All entries of a chain must be in one submission.
void UringKernel::submit_chain(Operation& op) {
    if (io_uring_sq_space_left(&ring_) < chain_entries_max) {
        ++counters_.enters;
        io_uring_submit(&ring_);
    }
    auto link = [&op](io_uring_sqe* entry, unsigned flags) {
        entry->flags |= std::uint8_t(flags | IOSQE_IO_LINK | IOSQE_CQE_SKIP_SUCCESS);
        io_uring_sqe_set_data64(entry, tagged(&op, tag_link));
    };
    const bool creates = op.code == OpCode::create_file;
    io_uring_sqe* entry = next_entry();
    io_uring_prep_openat_direct(entry, AT_FDCWD, opened_path(op),
                                creates ? O_WRONLY | O_CREAT | O_EXCL : O_RDONLY | O_DIRECTORY,
                                creates ? op.mode : 0, unsigned(op.fd));
    link(entry, 0);
    if (creates) {
        entry = next_entry();
        io_uring_prep_write(entry, op.fd, op.content->data(), unsigned(op.content->size()), 0);
        link(entry, IOSQE_FIXED_FILE);
    }
    ++counters_.syncs;
    entry = next_entry();
    io_uring_prep_fsync(entry, op.fd, 0);
    link(entry, IOSQE_FIXED_FILE);
    entry = next_entry();
    io_uring_prep_close_direct(entry, unsigned(op.fd));
    io_uring_sqe_set_data64(entry, tagged(&op, tag_operation));
}

// The entries behind the one that failed were dropped in silence, the closing one too. Closing a
// slot happens in the submission itself, before what is submitted later opens into it.
void UringKernel::chain_failed(Operation& operation, std::int32_t result) {
    io_uring_sqe* entry = next_entry();
    io_uring_prep_close_direct(entry, unsigned(operation.fd));
    io_uring_sqe_set_data64(entry, tag_ignored);
    end_chain(operation, result < 0 ? result : -EAGAIN);
}

void UringKernel::linked(Operation& operation, std::int32_t result) {
    if (result == 0) {
        submit_chain(operation);
    } else {
        end_chain(operation, result);
    }
}

void UringKernel::end_chain(Operation& operation, std::int32_t result) {
    leave_slot(operation);
    operation.in_flight = false;
    operation.result = result;
    operation.on_complete(operation);
}

void UringKernel::leave_slot(Operation& operation) {
    free_slots_.push_back(operation.fd);
    if (waiting_for_slot_.empty()) return;
    Operation* next = waiting_for_slot_.front();
    waiting_for_slot_.pop_front();
    begin_chain(*next);
}

void UringKernel::send_to_pool(Operation& operation) {
    ++counters_.offloads;
    operation.result = 0;
    if (operation.code == OpCode::sync_file_system) ++counters_.syncs;
    make_own_job(operation);
    if (pool_.push(operation)) return;
    delete_own_job(operation);
    errno = ENOBUFS;
    finish_at_once(operation, -1);
}

// Of a call that has been made: the submitter learns it in the next turn.
void UringKernel::finish_at_once(Operation& operation, int result) {
    operation.result = result < 0 ? -errno : result;
    finished_.push_back(&operation);
}

void UringKernel::arm(Doorbell& doorbell, int event_fd) {
    doorbell.read.code = OpCode::read;
    doorbell.read.fd = event_fd;
    doorbell.read.memory = reinterpret_cast<char*>(&doorbell.count);
    doorbell.read.length = sizeof doorbell.count;
    doorbell.read.on_complete = nullptr;  // recognised by its address
    submit(doorbell.read);
}

void UringKernel::finish_group(CommitGroup& group) {
    for (Operation* done : group.take_done(now(), &counters_.syncs)) {
        done->in_flight = false;
        done->on_complete(*done);
    }
}

void UringKernel::finish_pool_work() {
    Operation* done = pool_.take_done();
    while (done != nullptr) {
        auto* next = static_cast<Operation*>(done->scratch);
        delete_own_job(*done);
        done->in_flight = false;
        done->on_complete(*done);
        done = next;
    }
}

void UringKernel::cancel(Operation& operation) {
    if (!operation.in_flight || is_for_pool(operation.code)) return;
    io_uring_sqe* entry = next_entry();
    io_uring_prep_cancel64(entry, tagged(&operation, tag_operation), 0);
    io_uring_sqe_set_data64(entry, tag_ignored);
}

void UringKernel::send_message(unsigned shard, Message& message) {
    ++counters_.messages;
    message.target_shard = shard;
    if (shard >= peers_.size() || peers_[shard] == ring_fd()) {
        local_messages_.push_back(&message);
        return;
    }
    post_to_peer(message);
}

void UringKernel::post_to_peer(Message& message) {
    io_uring_sqe* entry = next_entry();
    io_uring_prep_msg_ring(entry, peers_[message.target_shard], 0, tagged(&message, tag_message),
                           0);
    entry->flags |= IOSQE_CQE_SKIP_SUCCESS;
    io_uring_sqe_set_data64(entry, tagged(&message, tag_message_sent));
}

void UringKernel::deliver_local_messages() {
    std::vector<Message*> messages;
    messages.swap(local_messages_);
    for (Message* message : messages) message->deliver(*message);
    std::vector<Operation*> finished;
    finished.swap(finished_);
    for (Operation* operation : finished) {
        operation->in_flight = false;
        operation->on_complete(*operation);
    }
}

// A busy shard waits a moment for several completions, so that it enters the kernel once for all of
// them; how many is learnt from the turn before. A shard with one thing to do at a time never
// waits longer than for that one.
void UringKernel::enter_and_wait(MonotonicTime deadline) {
    ++counters_.enters;
    const unsigned wanted = std::clamp(gathered_ / 2, 1u, gather_completions_max);
    gathered_ = 0;
    if (wanted == 1 && deadline == never) {
        io_uring_submit_and_wait(&ring_, 1);
        return;
    }
    io_uring_cqe* first = nullptr;
    std::int64_t wait_ns = std::max<std::int64_t>(0, deadline.ns - now().ns);
    if (wanted > 1) wait_ns = std::min(wait_ns, gather_wait_ns);
    __kernel_timespec wait{wait_ns / 1'000'000'000, wait_ns % 1'000'000'000};
    io_uring_submit_and_wait_timeout(&ring_, &first, wanted, &wait, nullptr);
}

void UringKernel::run_once(MonotonicTime deadline) {
    if (!local_messages_.empty() || !finished_.empty()) {
        deliver_local_messages();
        deadline = MonotonicTime{};
    }
    answered_ = 0;
    if (commits_.start(now())) ++counters_.offloads;
    if (writes_.start(now())) ++counters_.offloads;
    enter_and_wait(deadline);
    // Completions are copied out in groups, because dispatching submits and so needs the queue.
    constexpr unsigned group = 128;
    io_uring_cqe copies[group];
    for (;;) {
        unsigned head = 0, count = 0;
        io_uring_cqe* completion = nullptr;
        io_uring_for_each_cqe(&ring_, head, completion) {
            copies[count++] = *completion;
            if (count == group) break;
        }
        if (count == 0) break;
        io_uring_cq_advance(&ring_, count);
        counters_.completions += count;
        gathered_ += count;
        for (unsigned i = 0; i < count; ++i) dispatch(copies[i]);
        if (count < group) break;
    }
}

void UringKernel::dispatch(const io_uring_cqe& completion) {
    const std::uint64_t data = completion.user_data;
    switch (data & tag_mask) {
        case tag_message: {
            auto& message = untagged<Message>(data);
            message.deliver(message);
            return;
        }
        case tag_message_sent: {
            // Posting to the other ring failed for want of memory: nothing else fails here.
            post_to_peer(untagged<Message>(data));
            return;
        }
        case tag_ignored: return;
        case tag_linked: linked(untagged<Operation>(data), completion.res); return;
        case tag_link: chain_failed(untagged<Operation>(data), completion.res); return;
        default: finish_operation(untagged<Operation>(data), completion);
    }
}

void UringKernel::finish_operation(Operation& operation, const io_uring_cqe& completion) {
    if (&operation == &pool_bell_.read) {
        arm(pool_bell_, pool_.event_fd());
        finish_pool_work();
        return;
    }
    if (&operation == &commits_bell_.read) {
        arm(commits_bell_, commits_.event_fd());
        finish_group(commits_);
        return;
    }
    if (&operation == &writes_bell_.read) {
        arm(writes_bell_, writes_.event_fd());
        finish_group(writes_);
        return;
    }
    operation.result = completion.res;
    operation.more = (completion.flags & IORING_CQE_F_MORE) != 0;
    operation.has_buffer = (completion.flags & IORING_CQE_F_BUFFER) != 0;
    if (operation.has_buffer) {
        operation.buffer_id = std::uint16_t(completion.flags >> IORING_CQE_BUFFER_SHIFT);
        --offered_buffers_;
        offer_buffers();
    } else if (operation.code == OpCode::receive && operation.result == -ENOBUFS) {
        offered_wanted_ = std::min(2 * offered_wanted_, receive_buffers);
        offer_buffers();
    }
    operation.in_flight = operation.more;
    if (is_chain(operation.code)) leave_slot(operation);
    if (operation.code == OpCode::stat) {
        auto* status = static_cast<StatxBuffer*>(std::exchange(operation.scratch, nullptr));
        if (operation.result == 0) fill_status(*operation.status, *status);
        delete status;
    }
    operation.on_complete(operation);
}

}  // namespace postern::engine
