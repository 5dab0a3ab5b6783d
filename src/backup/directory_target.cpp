// A target that is a directory: of another disk, of a stick, of a mounted share. See target.hpp.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>

#include "backup/files.hpp"
#include "backup/target.hpp"
#include "base/ascii.hpp"
#include "base/blocking_file.hpp"
#include "base/hex.hpp"

namespace postern::backup {
namespace {

constexpr std::string_view draft_suffix = ".tmp";
constexpr std::size_t number_digits = 8;

class DirectoryTarget final : public Target {
 public:
    explicit DirectoryTarget(std::string path) : path_(std::move(path)) {}

    std::string describe() const override { return path_; }

    Outcome<std::vector<std::string>> list(const std::string& folder) override {
        std::vector<std::string> names;
        std::error_code problem;
        const std::string directory = path_of(folder);
        if (!exists(directory) && exists(path_)) return names;
        auto entries = std::filesystem::directory_iterator(directory, problem);
        for (; !problem && entries != std::filesystem::directory_iterator();
             entries.increment(problem)) {
            names.push_back(entries->path().filename());
        }
        errno = problem.value();
        if (problem) return refuse_errno(directory);
        return names;
    }

    Outcome<std::string> read(const std::string& name, std::uint64_t offset,
                              std::size_t bytes_max) override {
        const BlockingFile file(path_of(name), O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
        struct stat state{};
        if (!file.is_open() || fstat(file.fd(), &state) != 0) return refuse_errno(path_of(name));
        const auto size = std::uint64_t(std::max<off_t>(state.st_size, 0));
        const std::uint64_t left = size - std::min(offset, size);
        std::string bytes(std::size_t(std::min<std::uint64_t>(bytes_max, left)), '\0');
        errno = 0;
        const std::size_t got = file.read_at(bytes, offset);
        if (got < bytes.size() && errno != 0) return refuse_errno(path_of(name));
        bytes.resize(got);
        return bytes;
    }

    Outcome<std::string> read_end(const std::string& name, std::size_t bytes) override {
        struct stat state{};
        if (lstat(path_of(name).c_str(), &state) != 0) return refuse_errno(path_of(name));
        const auto size = std::uint64_t(std::max<off_t>(state.st_size, 0));
        return read(name, size - std::min<std::uint64_t>(size, bytes), bytes);
    }

    Outcome<void> write(const std::string& name, std::string_view bytes) override {
        const std::string path = path_of(name);
        const std::string folder = std::filesystem::path(path).parent_path();
        if (folder != path_ && mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) {
            return refuse_errno(folder);
        }
        return write_file(path, bytes, 0600, Existing::refused);
    }

    Outcome<void> remove(const std::string& name) override {
        if (unlink(path_of(name).c_str()) != 0) return refuse_errno(path_of(name));
        return {};
    }

    void clear_drafts() override {
        for (const std::string_view folder : {packs_folder, snapshots_folder}) {
            const auto names = list(std::string(folder));
            for (const std::string& name : names.value_or(std::vector<std::string>())) {
                if (name.ends_with(draft_suffix)) remove(std::string(folder) + '/' + name);
            }
        }
    }

 private:
    std::string path_of(const std::string& name) const { return path_ + '/' + name; }

    std::string path_;
};

std::string numbered(std::string_view folder, std::uint32_t number, std::string_view suffix) {
    return std::string(folder) + '/' + format_hex(number, number_digits) + std::string(suffix);
}

}  // namespace

Outcome<std::unique_ptr<Target>> open_directory_target(const std::string& path) {
    struct stat state{};
    if (stat(path.c_str(), &state) != 0) return refuse_errno(path);
    if (!S_ISDIR(state.st_mode)) {
        return refuse(Reason::refused, escape_for_log(path) + " is no directory");
    }
    return std::make_unique<DirectoryTarget>(path);
}

std::string pack_name(std::uint32_t number) {
    return numbered(packs_folder, number, ".pack");
}

std::string snapshot_name(std::uint32_t number) {
    return numbered(snapshots_folder, number, ".snapshot");
}

Outcome<std::vector<std::uint32_t>> list_numbers(Target& target, std::string_view folder) {
    const auto names = target.list(std::string(folder));
    if (!names) return std::unexpected(names.error());
    const std::string_view suffix = folder == packs_folder ? ".pack" : ".snapshot";
    std::vector<std::uint32_t> numbers;
    for (const std::string_view name : *names) {
        if (name.size() != number_digits + suffix.size() || !name.ends_with(suffix)) continue;
        const auto number = parse_hex(name.substr(0, number_digits));
        if (number) numbers.push_back(std::uint32_t(*number));
    }
    std::ranges::sort(numbers);
    return numbers;
}

}  // namespace postern::backup
