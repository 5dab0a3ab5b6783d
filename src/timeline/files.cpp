// The files of this machine; see files.hpp.
#include "timeline/files.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <utility>

#include "base/blocking_file.hpp"

namespace postern::timeline {
namespace {

class SystemFile final : public OpenFile {
 public:
    explicit SystemFile(BlockingFile file) : file_(std::move(file)) {}

    std::size_t read_at(std::span<char> memory, std::uint64_t offset) const override {
        return file_.read_at(memory, offset);
    }

    std::uint64_t bytes() const override {
        struct stat status{};
        return ::fstat(file_.fd(), &status) == 0 ? std::uint64_t(status.st_size) : 0;
    }

 private:
    BlockingFile file_;
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
        BlockingFile file(path, O_RDONLY);
        if (!file.is_open()) return fail_errno(errno, "open");
        return std::make_unique<SystemFile>(std::move(file));
    }

    std::uint64_t bytes_of(const std::string& path) override {
        std::error_code problem;
        const auto bytes = std::filesystem::file_size(path, problem);
        return problem ? 0 : bytes;
    }

    Result<void> replace(const std::string& path, std::string_view bytes) override {
        const std::string draft = path + ".tmp";
        {
            const BlockingFile file(draft, O_WRONLY | O_CREAT | O_TRUNC);
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
