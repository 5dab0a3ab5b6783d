// Long commands of postern that somebody at the console starts and looks at again later: a process
// of its own that goes on when the console is left, and what it writes (its JSON lines) in a file.
// One at a time. Blocking for moments.
#pragma once

#include <expected>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

namespace postern::app {

// The words behind "postern --json".
using CommandWords = std::vector<std::string>;

class BackupJob {
 public:
    // `directory`: where the file lies; only root reads it. `program`: postern.
    explicit BackupJob(std::string directory, std::string program = "/proc/self/exe")
        : path_(std::move(directory) + "/job"), program_(std::move(program)) {}

    // `what`: its name in state().
    std::expected<void, std::string> start(const std::string& what, const CommandWords& words);

    // Null: none has been started. Else: what, started_s, running, percent (of its step), step, and
    // at its end ok, error and whatever it answered (answer).
    nlohmann::ordered_json state() const;

 private:
    std::string path_;
    std::string program_;
};

// Runs a short one to its end; its last line, which is its answer.
std::expected<std::string, std::string> run_for_answer(
    const CommandWords& words, const std::string& program = "/proc/self/exe");

}  // namespace postern::app
