// The files of this machine; see files.hpp.
#include "timeline/files.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>

namespace postern::timeline {
namespace {

class SystemFile final : public OpenFile {
 public:
    SystemFile(const std::string& path, int flags)
        : fd_(::open(path.c_str(), flags | O_CLOEXEC, 0600)) {}
    SystemFile(const SystemFile&) = delete;
    SystemFile& operator=(const SystemFile&) = delete;
    ~SystemFile() override {
        if (fd_ >= 0) ::close(fd_);
    }

    bool is_open() const { return fd_ >= 0; }

    std::size_t read_at(std::span<char> memory, std::uint64_t offset) const override {
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

    std::uint64_t bytes() const override {
        struct stat status{};
        return ::fstat(fd_, &status) == 0 ? std::uint64_t(status.st_size) : 0;
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

class SystemFiles final : public Files {
 public:
    std::vector<std::string> list(const std::string& directory) override {
        std::vector<std::string> names;
        std::error_code problem;
        for (const auto& entry : std::filesystem::directory_iterator(directory, problem)) {
            names.push_back(entry.path().filename().string());
        }
        return names;
    }

    Result<std::unique_ptr<OpenFile>> open(const std::string& path) override {
        auto file = std::make_unique<SystemFile>(path, O_RDONLY);
        if (!file->is_open()) return fail_errno(errno, "open");
        return file;
    }

    std::uint64_t bytes_of(const std::string& path) override {
        std::error_code problem;
        const auto bytes = std::filesystem::file_size(path, problem);
        return problem ? 0 : bytes;
    }

    Result<void> replace(const std::string& path, std::string_view bytes) override {
        const std::string draft = path + ".tmp";
        {
            const SystemFile file(draft, O_WRONLY | O_CREAT | O_TRUNC);
            if (!file.is_open() || !file.write(bytes)) return fail_errno(errno, "write");
        }
        if (::rename(draft.c_str(), path.c_str()) != 0) return fail_errno(errno, "rename");
        return {};
    }

    void remove(const std::string& path) override { ::unlink(path.c_str()); }
};

}  // namespace

Files& system_files() {
    static SystemFiles files;
    return files;
}

}  // namespace postern::timeline
