// Operations of the kernel interface as something to await, each with its deadline, and files as a
// task sees them. A failed operation is an Error with the errno. Paths are the caller's to build
// (the store's encoder); descriptors close themselves in File.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/time.hpp"
#include "engine/event.hpp"
#include "engine/operation.hpp"
#include "engine/suspension.hpp"
#include "engine/task.hpp"

namespace postern::engine {

// One single-shot operation. value_type is the operation's result (≥ 0).
class Submit final : public Suspension, public Operation, private Timer {
 public:
    using value_type = std::int32_t;
    Submit(OpCode op, const char* what, MonotonicTime deadline = never) : what_(what) {
        code = op;
        expiry = deadline;
    }

    bool start() override;
    void cancel() override;
    std::int32_t take() const { return result; }

 private:
    static void completed(Operation& operation);

    bool timed_out_ = false;
    const char* what_;
};

// An open descriptor. close() reports; the destructor closes in the background.
class File {
 public:
    File() = default;
    explicit File(int fd) : fd_(fd) {}
    File(File&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
    File& operator=(File&& other) noexcept;
    ~File() { close_in_background(); }

    int fd() const { return fd_; }
    bool is_open() const { return fd_ >= 0; }
    int release() { return std::exchange(fd_, -1); }
    void close_in_background();

 private:
    int fd_ = -1;
};

// Open flags are O_*; O_CLOEXEC is added. Errors: not_found, exists, no_space, io, exhausted.
task<Result<File>> open_file(std::string path, int flags, unsigned mode = 0600);
task<Result<void>> close_file(File file);
// Up to `memory.size()` bytes at `offset`; fewer only at the end of the file.
task<Result<std::size_t>> read_at(int fd, std::span<char> memory, std::uint64_t offset);
// All of `bytes` at `offset`, however many writes it takes.
task<Result<void>> write_at(int fd, std::string_view bytes, std::uint64_t offset);
task<Result<void>> write_all_at(int fd, std::vector<std::string_view> slices, std::uint64_t offset);
enum class SyncWhat : unsigned char { data_and_metadata, data };
task<Result<void>> sync_file(int fd, SyncWhat what = SyncWhat::data_and_metadata);
// Makes a file that was not there, with all of `content`, and makes that durable; its entry is not
// until the directory is synced. After an error part of the file may be there. One operation of the
// kernel interface: for small files that are here as a whole.
task<Result<void>> create_file(std::string path, std::string_view content, unsigned mode = 0600);
// The same, and nothing of it is durable.
task<Result<void>> write_file(std::string path, std::string_view content, unsigned mode = 0600);
// Makes durable all that has been written to the file system of `fd`, entries too. Also fails with
// what failed to reach the disk since `fd` was opened or this was last called with it; unsupported
// where no such promise is known.
task<Result<void>> sync_file_system(int fd);
// Makes the entries of a directory durable.
task<Result<void>> sync_directory(std::string path);
task<Result<void>> rename_file(std::string from, std::string to);
task<Result<void>> link_file(std::string from, std::string to);
// The same, and the new entry is durable.
task<Result<void>> link_durably(std::string from, std::string to);
task<Result<void>> unlink_file(std::string path);
// The same when it costs least, which may be a flush later: for what nobody waits for.
task<Result<void>> discard_file(std::string path);
// Another name in the place of one, or none for "": for many files at a time, which share what it
// costs to ask. Nothing of it is durable.
task<Result<void>> displace_file(std::string path, std::string new_path);
task<Result<void>> make_directory(std::string path, unsigned mode = 0700);
// With parents; existing ones are fine. Durable: every directory on the way is synced.
task<Result<void>> make_directories(std::string path, unsigned mode = 0700);
task<Result<void>> remove_directory(std::string path);
task<Result<FileStatus>> stat_file(std::string path);
// Without "." and "..", in no order.
task<Result<std::vector<DirectoryEntry>>> list_directory(std::string path);
// Extended attributes ("user.…") of a file or directory: as durable as its other metadata, so that
// a sync of it takes them along. not_found: there is none; other errors: longer than `bytes_max`,
// or the file system has none. `name` must live until the call returns.
task<Result<std::string>> get_attribute(std::string path, const char* name, std::size_t bytes_max);
task<Result<void>> set_attribute(std::string path, const char* name, std::string value);
// The whole file; fails with too_big beyond `bytes_max`.
task<Result<std::string>> read_file(std::string path, std::size_t bytes_max);
// Replaces `path` durably: writes path + ".tmp", syncs, renames, syncs the directory.
task<Result<void>> replace_file(std::string path, std::string bytes);

// Runs blocking or heavy code on the offload pool; it must not touch what the shard owns. Fails
// with exhausted when the pool's queue is full: nothing ran.
task<Result<void>> offload_job(Job* job);

// False when the pool was full; comes back after a moment.
task<bool> run_job(Job* job);

namespace detail {
template <class F, class R>
struct OffloadedCall final : Job {
    F call;
    std::optional<std::conditional_t<std::is_void_v<R>, char, R>> result;
    explicit OffloadedCall(F f) : call(std::move(f)) {}
    void run() override {
        if constexpr (std::is_void_v<R>) {
            call();
        } else {
            result.emplace(call());
        }
    }
};
}  // namespace detail

// `work()` on the pool, its result back here; a full pool is an Error.
template <class F, class R = std::invoke_result_t<F&>>
task<Result<R>> try_offload(F work) {
    detail::OffloadedCall<F, R> job(std::move(work));
    co_await try_(offload_job(&job));
    if constexpr (!std::is_void_v<R>) {
        co_return std::move(*job.result);
    } else {
        co_return {};
    }
}

// The same for work that must be done: waits and tries again while the pool is full.
template <class F, class R = std::invoke_result_t<F&>>
task<R> offload(F work) {
    detail::OffloadedCall<F, R> job(std::move(work));
    while (!co_await run_job(&job)) {
    }
    if constexpr (!std::is_void_v<R>) co_return std::move(*job.result);
}

}  // namespace postern::engine
