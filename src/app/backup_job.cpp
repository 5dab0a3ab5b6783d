// See backup_job.hpp. The file is locked for as long as the process lives that writes to it: the
// lock belongs to the open file, which is its standard output. The first line is ours.
#include "app/backup_job.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <ctime>
#include <optional>

#include "backup/files.hpp"
#include "base/blocking_file.hpp"
#include "console/cells.hpp"
#include "update/child.hpp"

namespace postern::app {
namespace {

using console::Json;

constexpr std::size_t job_bytes_max = 1024 * 1024;
constexpr std::size_t answer_bytes_max = 16 * 1024 * 1024;

struct flock whole_file() {
    struct flock lock{};
    lock.l_type = F_WRLCK;
    lock.l_whence = SEEK_SET;
    return lock;
}

// Started and left alone: whoever asked may be gone when it ends.
std::expected<void, std::string> spawn_alone(const std::string& program, const CommandWords& words,
                                             int output) {
    posix_spawnattr_t attributes;
    posix_spawn_file_actions_t actions;
    posix_spawnattr_init(&attributes);
    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSID);
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
    CommandWords all = {"postern", "--json"};
    all.insert(all.end(), words.begin(), words.end());
    std::vector<char*> arguments;
    for (std::string& word : all) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    pid_t child = 0;
    const int problem =
        posix_spawn(&child, program.c_str(), &actions, &attributes, arguments.data(), environ);
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
    if (problem != 0) return std::unexpected(program + ": " + std::strerror(problem));
    return {};
}

void take_line(std::string_view line, Json& state) {
    const Json said = console::parse_json(line);
    if (console::member(said, "step").is_string()) {
        state["step"] = said["step"];
        state["percent"] = console::number_of(said, "percent");
    } else if (console::member(said, "ok").is_boolean()) {
        state["ok"] = said["ok"];
        state["error"] = console::text_of(said, "error");
        state["answer"] = said;
    }
}

}  // namespace

std::expected<void, std::string> BackupJob::start(const std::string& what,
                                                  const CommandWords& words) {
    while (waitpid(-1, nullptr, WNOHANG) > 0) {  // those that were started before
    }
    const BlockingFile file(path_, O_RDWR | O_CREAT | O_APPEND | O_NOFOLLOW);
    if (!file.is_open()) return std::unexpected(path_ + ": " + std::strerror(errno));
    struct flock lock = whole_file();
    if (fcntl(file.fd(), F_OFD_SETLK, &lock) != 0) return std::unexpected("it is at work already");
    const Json head = {{"job", what}, {"started_s", std::int64_t(std::time(nullptr))}};
    if (ftruncate(file.fd(), 0) != 0 || !file.write(console::dump(head) + "\n")) {
        return std::unexpected(path_ + ": " + std::strerror(errno));
    }
    return spawn_alone(program_, words, file.fd());
}

Json BackupJob::state() const {
    const BlockingFile file(path_, O_RDWR | O_NOFOLLOW);
    if (!file.is_open()) return nullptr;
    struct flock lock = whole_file();
    const bool is_running = fcntl(file.fd(), F_OFD_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;
    std::string text(job_bytes_max, '\0');
    text.resize(file.read_at(text, 0));
    std::string_view rest = text;
    const Json head = console::parse_json(rest.substr(0, rest.find('\n')));
    if (!console::member(head, "job").is_string()) return nullptr;
    Json state = {{"what", head["job"]},
                  {"started_s", console::number_of(head, "started_s")},
                  {"running", is_running},
                  {"step", ""},
                  {"percent", 0},
                  {"ok", false},
                  {"error", is_running ? "" : "it ended early"},
                  {"answer", nullptr}};
    while (!rest.empty()) {
        const std::string_view line = rest.substr(0, rest.find('\n'));
        take_line(line, state);
        rest.remove_prefix(std::min(line.size() + 1, rest.size()));
    }
    return state;
}

std::expected<std::string, std::string> run_for_answer(const CommandWords& words,
                                                       const std::string& program) {
    CommandWords all = {program, "--json"};
    all.insert(all.end(), words.begin(), words.end());
    update::Child child(all, update::Child::Streams::alone, answer_bytes_max);
    std::optional<std::string> last;
    while (auto line = child.read_line()) last = std::move(line);
    const auto status = child.wait();
    if (!status || !last) return std::unexpected(std::string("postern: no answer"));
    return *last;
}

}  // namespace postern::app
