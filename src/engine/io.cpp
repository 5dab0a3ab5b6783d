// Awaitable operations and files; see io.hpp.
#include "engine/io.hpp"

#include <fcntl.h>

#include <cerrno>

#include "engine/shard.hpp"

namespace postern::engine {
namespace {

// Closes a descriptor nobody waits for. Owns itself until the kernel interface is done.
struct BackgroundClose : Operation {
    explicit BackgroundClose(int descriptor) {
        code = OpCode::close;
        fd = descriptor;
        Shard::current().begin_background();
        on_complete = [](Operation& operation) {
            Shard::current().end_background();
            delete static_cast<BackgroundClose*>(&operation);
        };
    }
};

Result<void> nothing(const Result<std::int32_t>& result) {
    if (!result) return Failure(result.error());
    return {};
}

std::string parent_of(const std::string& path) {
    auto slash = path.rfind('/');
    if (slash == std::string::npos) return ".";
    return slash == 0 ? "/" : path.substr(0, slash);
}

}  // namespace

bool Submit::start() {
    if (is_cancelled() && waits_on_peer(code)) {
        set_failed({ErrorKind::gone, ErrorCode::cancelled, ECANCELED, what_});
        return false;
    }
    Shard& shard = Shard::current();
    if (shard.kernel().complete_at_once(*this)) {
        if (result < 0) set_failed(error_from_errno(-result, what_));
        return false;
    }
    on_complete = &completed;
    shard.kernel().submit(*this);
    if (expiry != never) {
        fire = [](Timer& timer) {
            auto& self = static_cast<Submit&>(timer);
            self.timed_out_ = true;
            Shard::current().kernel().cancel(self);
        };
        shard.timers().arm(*this, expiry);
    }
    return true;
}

void Submit::cancel() {
    if (is_waiting() && waits_on_peer(code)) Shard::current().kernel().cancel(*this);
}

void Submit::completed(Operation& operation) {
    auto& self = static_cast<Submit&>(operation);
    self.disarm();
    if (self.result < 0) {
        int system_errno = self.timed_out_ && self.result == -ECANCELED ? ETIMEDOUT : -self.result;
        self.set_failed(error_from_errno(system_errno, self.what_));
    }
    self.complete();
}

File& File::operator=(File&& other) noexcept {
    if (this != &other) {
        close_in_background();
        fd_ = std::exchange(other.fd_, -1);
    }
    return *this;
}

void File::close_in_background() {
    if (fd_ < 0) return;
    auto* closing = new BackgroundClose(std::exchange(fd_, -1));
    Shard::current().kernel().submit(*closing);
}

task<Result<File>> open_file(std::string path, int flags, unsigned mode) {
    Submit op(OpCode::open, "open");
    op.path = path.c_str();
    op.flags = std::uint32_t(flags | O_CLOEXEC);
    op.mode = mode;
    int fd = co_await try_(std::move(op));
    co_return File(fd);
}

task<Result<void>> close_file(File file) {
    Submit op(OpCode::close, "close");
    op.fd = file.release();
    co_return nothing(co_await std::move(op));
}

task<Result<std::size_t>> read_at(int fd, std::span<char> memory, std::uint64_t offset) {
    std::size_t done = 0;
    while (done < memory.size()) {
        Submit op(OpCode::read, "read");
        op.fd = fd;
        op.memory = memory.data() + done;
        op.length = memory.size() - done;
        op.offset = offset + done;
        auto count = std::size_t(co_await try_(std::move(op)));
        if (count == 0) break;
        done += count;
    }
    co_return done;
}

task<Result<void>> write_at(int fd, std::string_view bytes, std::uint64_t offset) {
    while (!bytes.empty()) {
        Submit op(OpCode::write, "write");
        op.fd = fd;
        op.data = bytes.data();
        op.length = bytes.size();
        op.offset = offset;
        auto count = std::size_t(co_await try_(std::move(op)));
        if (count == 0) co_return fail_errno(EIO, "write");
        bytes.remove_prefix(count);
        offset += count;
    }
    co_return {};
}

task<Result<void>> write_all_at(int fd, std::vector<std::string_view> slices,
                                std::uint64_t offset) {
    std::vector<iovec> vectors;
    vectors.reserve(slices.size());
    for (std::string_view slice : slices) {
        if (!slice.empty()) vectors.push_back({const_cast<char*>(slice.data()), slice.size()});
    }
    constexpr std::size_t vectors_max = 1024;  // IOV_MAX
    for (std::size_t first = 0; first < vectors.size();) {
        Submit op(OpCode::write_vector, "write");
        op.fd = fd;
        op.vectors = vectors.data() + first;
        op.vector_count = unsigned(std::min(vectors.size() - first, vectors_max));
        op.offset = offset;
        auto count = std::size_t(co_await try_(std::move(op)));
        if (count == 0) co_return fail_errno(EIO, "write");
        offset += count;
        while (first < vectors.size() && count >= vectors[first].iov_len) {
            count -= vectors[first++].iov_len;
        }
        if (count > 0) {
            vectors[first].iov_base = static_cast<char*>(vectors[first].iov_base) + count;
            vectors[first].iov_len -= count;
        }
    }
    co_return {};
}

task<Result<void>> sync_file(int fd, SyncWhat what) {
    Submit op(what == SyncWhat::data ? OpCode::sync_data : OpCode::sync, "fsync");
    op.fd = fd;
    co_return nothing(co_await std::move(op));
}

task<Result<void>> sync_directory(std::string path) {
    Submit op(OpCode::sync_directory, "fsync directory");
    op.path = path.c_str();
    co_return nothing(co_await std::move(op));
}

namespace {
// What a short write left is written again in as many pieces as it takes, which also says why.
task<Result<void>> make_file(OpCode code, std::string path, std::string_view content,
                             unsigned mode) {
    {
        Submit op(code, code == OpCode::create_file ? "create" : "write");
        op.path = path.c_str();
        op.content = &content;
        op.mode = mode;
        auto made = co_await std::move(op);
        if (made || made.error().system_errno != EAGAIN) co_return nothing(made);
    }
    File file = co_await try_(open_file(std::move(path), O_WRONLY | O_TRUNC));
    co_await try_(write_at(file.fd(), content, 0));
    if (code == OpCode::write_file) co_return {};
    co_return co_await sync_file(file.fd());
}
}  // namespace

task<Result<void>> create_file(std::string path, std::string_view content, unsigned mode) {
    return make_file(OpCode::create_file, std::move(path), content, mode);
}

task<Result<void>> write_file(std::string path, std::string_view content, unsigned mode) {
    return make_file(OpCode::write_file, std::move(path), content, mode);
}

task<Result<void>> sync_file_system(int fd) {
    Submit op(OpCode::sync_file_system, "syncfs");
    op.fd = fd;
    co_return nothing(co_await std::move(op));
}

task<Result<void>> rename_file(std::string from, std::string to) {
    Submit op(OpCode::rename, "rename");
    op.path = from.c_str();
    op.path2 = to.c_str();
    co_return nothing(co_await std::move(op));
}

task<Result<void>> link_file(std::string from, std::string to) {
    Submit op(OpCode::link, "link");
    op.path = from.c_str();
    op.path2 = to.c_str();
    co_return nothing(co_await std::move(op));
}

task<Result<void>> link_durably(std::string from, std::string to) {
    const std::string directory = parent_of(to);
    Submit op(OpCode::link_durably, "link");
    op.path = from.c_str();
    op.path2 = to.c_str();
    op.directory = directory.c_str();
    co_return nothing(co_await std::move(op));
}

task<Result<void>> unlink_file(std::string path) {
    Submit op(OpCode::unlink, "unlink");
    op.path = path.c_str();
    co_return nothing(co_await std::move(op));
}

task<Result<void>> discard_file(std::string path) {
    Submit op(OpCode::discard, "unlink");
    op.path = path.c_str();
    co_return nothing(co_await std::move(op));
}

task<Result<void>> displace_file(std::string path, std::string new_path) {
    Submit op(OpCode::displace, "displace");
    op.path = path.c_str();
    op.path2 = new_path.empty() ? nullptr : new_path.c_str();
    co_return nothing(co_await std::move(op));
}

task<Result<void>> make_directory(std::string path, unsigned mode) {
    Submit op(OpCode::make_directory, "mkdir");
    op.path = path.c_str();
    op.mode = mode;
    co_return nothing(co_await std::move(op));
}

namespace {
task<Result<void>> make_missing_directories(std::string path, unsigned mode) {
    auto made = co_await make_directory(path, mode);
    if (!made && made.error().code == ErrorCode::not_found) {
        co_await try_(make_missing_directories(parent_of(path), mode));
        made = co_await make_directory(path, mode);
    }
    if (!made && made.error().code == ErrorCode::exists) co_return {};
    co_return made;
}
}  // namespace

// An existing directory may be unsynced too: made by another task that is not done, or by one that
// failed. Those above our own may be closed to us; then they are not ours to sync.
task<Result<void>> make_directories(std::string path, unsigned mode) {
    co_await try_(make_missing_directories(path, mode));
    while (path != "/" && path != ".") {
        std::string parent = parent_of(path);
        auto synced = co_await sync_directory(parent);
        if (!synced && synced.error().system_errno == EACCES) co_return {};
        co_await try_(std::move(synced));
        path = std::move(parent);
    }
    co_return {};
}

task<Result<void>> remove_directory(std::string path) {
    Submit op(OpCode::remove_directory, "rmdir");
    op.path = path.c_str();
    co_return nothing(co_await std::move(op));
}

task<Result<FileStatus>> stat_file(std::string path) {
    FileStatus status;
    Submit op(OpCode::stat, "stat");
    op.path = path.c_str();
    op.status = &status;
    co_await try_(std::move(op));
    co_return status;
}

task<Result<std::vector<DirectoryEntry>>> list_directory(std::string path) {
    std::vector<DirectoryEntry> entries;
    Submit op(OpCode::list_directory, "read directory");
    op.path = path.c_str();
    op.entries = &entries;
    co_await try_(std::move(op));
    co_return entries;
}

task<Result<std::string>> get_attribute(std::string path, const char* name, std::size_t bytes_max) {
    std::string value(bytes_max, '\0');
    Submit op(OpCode::get_attribute, "getxattr");
    op.path = path.c_str();
    op.name = name;
    op.value = &value;
    auto count = co_await std::move(op);
    if (!count && count.error().system_errno == ENODATA) {
        co_return fail_request(ErrorCode::not_found, "no such attribute");
    }
    if (!count) co_return Failure(count.error());
    value.resize(std::size_t(*count));
    co_return value;
}

task<Result<void>> set_attribute(std::string path, const char* name, std::string value) {
    const std::string_view content = value;
    Submit op(OpCode::set_attribute, "setxattr");
    op.path = path.c_str();
    op.name = name;
    op.content = &content;
    co_return nothing(co_await std::move(op));
}

// A small file costs one read: asking for its size first would cost as much again.
task<Result<std::string>> read_file(std::string path, std::size_t bytes_max) {
    constexpr std::size_t first_read_bytes = 4'096;
    File file = co_await try_(open_file(path, O_RDONLY));
    std::string bytes(std::min(first_read_bytes - 1, bytes_max) + 1, '\0');
    std::size_t count = co_await try_(read_at(file.fd(), bytes, 0));
    if (count == bytes.size()) {
        FileStatus status = co_await try_(stat_file(std::move(path)));
        if (status.size_bytes > bytes_max || count > bytes_max) {
            co_return fail_request(ErrorCode::too_big, "file too big");
        }
        bytes.resize(std::max<std::size_t>(count, status.size_bytes));
        std::span<char> rest(bytes);
        count += co_await try_(read_at(file.fd(), rest.subspan(count), count));
    }
    bytes.resize(count);
    co_return bytes;
}

task<Result<void>> replace_file(std::string path, std::string bytes) {
    std::string draft = path + ".tmp";
    {
        File file = co_await try_(open_file(draft, O_WRONLY | O_CREAT | O_TRUNC));
        co_await try_(write_at(file.fd(), bytes, 0));
        co_await try_(sync_file(file.fd()));
    }
    co_await try_(rename_file(draft, path));
    co_return co_await sync_directory(parent_of(path));
}

task<Result<void>> offload_job(Job* job) {
    Submit op(OpCode::offload, "offload");
    op.job = job;
    co_return nothing(co_await std::move(op));
}

task<bool> run_job(Job* job) {
    auto done = co_await offload_job(job);
    if (!done) co_await sleep_until(Shard::current().now() + milliseconds(10));
    co_return done.has_value();
}

}  // namespace postern::engine
