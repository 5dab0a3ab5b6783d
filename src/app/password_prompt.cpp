// A new password from the terminal or standard input; see password_prompt.hpp. The terminal's
// echo is switched on again whatever ends the reading, Ctrl-C included.
#include "app/password_prompt.hpp"

#include <fcntl.h>
#include <signal.h>
#include <termios.h>
#include <unistd.h>

#include <cerrno>
#include <string_view>

namespace postern::app {
namespace {

constexpr std::size_t password_line_bytes_max = 4'096;

// Echo off, and SIGINT only ends the read, for as long as it lives.
class SilentTerminal {
 public:
    explicit SilentTerminal(int fd) : fd_(fd) {
        struct sigaction end_read{};
        end_read.sa_handler = [](int) {};  // without SA_RESTART: read() gives EINTR
        ::sigaction(SIGINT, &end_read, &old_action_);
        if (::tcgetattr(fd_, &old_) != 0) return;
        termios silent = old_;
        silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
        changed_ = ::tcsetattr(fd_, TCSAFLUSH, &silent) == 0;
    }
    ~SilentTerminal() {
        if (changed_) ::tcsetattr(fd_, TCSAFLUSH, &old_);
        ::sigaction(SIGINT, &old_action_, nullptr);
    }
    SilentTerminal(const SilentTerminal&) = delete;
    SilentTerminal& operator=(const SilentTerminal&) = delete;
    bool is_silent() const { return changed_; }

 private:
    int fd_;
    termios old_{};
    struct sigaction old_action_{};
    bool changed_ = false;
};

// One line, byte by byte so that nothing after it is taken away from whoever reads next.
std::expected<std::string, PromptProblem> read_line(int fd) {
    std::string line;
    for (;;) {
        char c = 0;
        const ssize_t n = ::read(fd, &c, 1);
        if (n < 0) {
            return std::unexpected(errno == EINTR ? PromptProblem::interrupted : PromptProblem::io);
        }
        if (n == 0 || c == '\n') break;
        if (line.size() == password_line_bytes_max) return std::unexpected(PromptProblem::too_long);
        line += c;
    }
    if (line.ends_with('\r')) line.pop_back();
    if (line.empty()) return std::unexpected(PromptProblem::empty);
    return line;
}

void print(int fd, std::string_view text) {
    [[maybe_unused]] const ssize_t n = ::write(fd, text.data(), text.size());
}

std::expected<std::string, PromptProblem> ask(int fd, const char* what) {
    const SilentTerminal silent(fd);
    if (!silent.is_silent()) return std::unexpected(PromptProblem::io);
    print(fd, what);
    print(fd, ": ");
    auto line = read_line(fd);
    print(fd, "\n");
    return line;
}

std::expected<std::string, PromptProblem> ask_twice(int fd, const char* what) {
    auto first = ask(fd, what);
    if (!first) return first;
    const auto second = ask(fd, "The same again");
    if (!second) return second;
    if (*first != *second) return std::unexpected(PromptProblem::different);
    return first;
}

}  // namespace

const char* describe(PromptProblem problem) {
    switch (problem) {
        case PromptProblem::empty: return "no password was given";
        case PromptProblem::too_long: return "the password is too long";
        case PromptProblem::different: return "the two passwords were not the same";
        case PromptProblem::interrupted: return "interrupted";
        case PromptProblem::io: break;
    }
    return "the password could not be read";
}

std::expected<std::string, PromptProblem> read_new_password(const char* what) {
    if (::isatty(STDIN_FILENO) == 0) return read_line(STDIN_FILENO);
    return ask_twice(STDIN_FILENO, what);
}

std::expected<std::string, PromptProblem> read_password(const char* what) {
    if (::isatty(STDIN_FILENO) == 0) return read_line(STDIN_FILENO);
    return ask(STDIN_FILENO, what);
}

}  // namespace postern::app
