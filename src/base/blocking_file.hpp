// An open file for processes that may block: plain system calls, closed by its destructor.
// engine::File is for shards. A file that could not be opened is empty; errno says why.
#pragma once

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace postern {

class BlockingFile {
 public:
    BlockingFile(const std::string& path, int flags)
        : fd_(::open(path.c_str(), flags | O_CLOEXEC, 0600)) {}
    BlockingFile(BlockingFile&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
    BlockingFile& operator=(BlockingFile&&) = delete;
    ~BlockingFile() {
        if (fd_ >= 0) ::close(fd_);
    }

    int fd() const { return fd_; }
    bool is_open() const { return fd_ >= 0; }

    // How many bytes there were, up to all of `memory`; an error ends it like the end of the file.
    std::size_t read_at(std::span<char> memory, std::uint64_t offset) const {
        std::size_t have = 0;
        while (have < memory.size()) {
            const ssize_t count =
                ::pread(fd_, memory.data() + have, memory.size() - have, off_t(offset + have));
            if (count < 0 && errno == EINTR) continue;
            if (count <= 0) break;
            have += std::size_t(count);
        }
        return have;
    }

    // False: errno says why.
    bool write(std::string_view bytes) const {
        while (!bytes.empty()) {
            const ssize_t count = ::write(fd_, bytes.data(), bytes.size());
            if (count < 0 && errno == EINTR) continue;
            if (count < 0) return false;
            bytes.remove_prefix(std::size_t(count));
        }
        return true;
    }

 private:
    int fd_;
};

}  // namespace postern
