// posix_spawn and a pipe; see child.hpp.
#include "update/child.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>

namespace postern::update {

Child::Child(std::vector<std::string> words, Streams streams, std::size_t line_bytes_max)
    : line_bytes_max_(line_bytes_max) {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) return;
    output_ = Descriptor(ends[0]);
    const Descriptor theirs(ends[1]);
    std::vector<char*> arguments;
    for (std::string& word : words) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, theirs.get(), STDOUT_FILENO);
    if (streams == Streams::alone) {
        constexpr const char* nothing = "/dev/null";
        posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, nothing, O_RDONLY, 0);
        posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, nothing, O_WRONLY, 0);
    }
    if (posix_spawn(&id_, arguments[0], &actions, nullptr, arguments.data(), environ) != 0) {
        id_ = -1;
    }
    posix_spawn_file_actions_destroy(&actions);
}

std::optional<std::string> Child::read_line() {
    for (;;) {
        if (const std::size_t end = text_.find('\n'); end != std::string::npos) {
            std::string line = text_.substr(0, end);
            text_.erase(0, end + 1);
            return line;
        }
        char piece[512];
        const ssize_t n = read(output_.get(), piece, sizeof piece);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0 || text_.size() > line_bytes_max_) return std::nullopt;
        text_.append(piece, std::size_t(n));
    }
}

std::optional<int> Child::wait() const {
    int status = -1;
    if (id_ < 0) return std::nullopt;
    while (waitpid(id_, &status, 0) < 0) {
        if (errno != EINTR) return std::nullopt;
    }
    return WIFEXITED(status) ? std::optional(WEXITSTATUS(status)) : std::nullopt;
}

}  // namespace postern::update
