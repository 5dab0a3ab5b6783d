// fork, exec and a pipe; see ask_offline.hpp.
#include "app/ask_offline.hpp"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>

namespace postern::app {
namespace {

constexpr int exit_not_started = 127;

std::string path_of_daemon() {
    std::error_code failed;
    const auto self = std::filesystem::read_symlink("/proc/self/exe", failed);
    return failed ? "posternd" : (self.parent_path() / "posternd").string();
}

[[noreturn]] void become_daemon(const std::string& program, int output, const std::string& config,
                                const std::string& line) {
    dup2(output, STDOUT_FILENO);
    execlp(program.c_str(), "posternd", "--config", config.c_str(), "--answer-offline",
           line.c_str(), static_cast<char*>(nullptr));
    _exit(exit_not_started);
}

std::string read_to_end(int fd) {
    std::string text;
    std::array<char, 4096> piece{};
    for (;;) {
        const ssize_t bytes = read(fd, piece.data(), piece.size());
        if (bytes < 0 && errno == EINTR) continue;
        if (bytes <= 0) return text;
        text.append(piece.data(), std::size_t(bytes));
    }
}

}  // namespace

std::expected<std::string, std::string> ask_offline(const std::string& config,
                                                    const std::string& line) {
    const std::string program = path_of_daemon();
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) return std::unexpected(std::strerror(errno));
    const pid_t child = fork();
    if (child == 0) become_daemon(program, ends[1], config, line);
    close(ends[1]);
    std::string response = child < 0 ? std::string() : read_to_end(ends[0]);
    close(ends[0]);
    if (child < 0) return std::unexpected(std::strerror(errno));
    int status = 0;
    while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    if (WIFEXITED(status) && WEXITSTATUS(status) == exit_not_started) {
        return std::unexpected("cannot start " + program);
    }
    if (status != 0 || !response.ends_with('\n')) return std::unexpected("posternd gave no answer");
    response.pop_back();
    return response;
}

}  // namespace postern::app
