// Applied, then confirmed or rolled back; see network_change.hpp.
#include "app/network_change.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>

#include "base/ascii.hpp"
#include "tls/pem_files.hpp"

namespace postern::app {
namespace {

using Changed = NetworkChange::Words;

constexpr timespec guard_pause{0, 200'000'000};
constexpr unsigned apply_s = 20;  // until then nobody can have confirmed
constexpr std::string_view until_key = "until=";

// Since boot: it does not jump when the clock is set.
std::int64_t now_s() {
    timespec now{};
    clock_gettime(CLOCK_BOOTTIME, &now);
    return now.tv_sec;
}

std::optional<std::string> read_if_there(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    if (!file) return std::nullopt;
    return std::string(std::istreambuf_iterator<char>(file), {});
}

std::string first_line_of(const std::string& path) {
    std::ifstream file(path);
    std::string line;
    std::getline(file, line);
    return line;
}

// Held while what is pending is looked at and changed.
class Lock {
 public:
    explicit Lock(const std::string& path)
        : fd_(open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600)) {
        if (fd_ >= 0) flock(fd_, LOCK_EX);
    }
    Lock(const Lock&) = delete;
    Lock& operator=(const Lock&) = delete;
    ~Lock() {
        if (fd_ >= 0) close(fd_);
    }

 private:
    int fd_;
};

// Paths are the appliance's own: there is no quote in them.
Changed run_program(const std::string& program, const std::string& file) {
    const std::string command = "'" + program + "' '" + file + "' 2>&1";
    FILE* output = popen(command.c_str(), "re");
    if (output == nullptr) return std::unexpected(program + ": " + std::strerror(errno));
    std::string said;
    std::array<char, 1024> piece{};
    for (std::size_t n; (n = std::fread(piece.data(), 1, piece.size(), output)) > 0;) {
        if (said.size() < piece.size()) said.append(piece.data(), n);
    }
    const int status = pclose(output);
    if (status == 0) return {};
    said = said.substr(0, said.find('\n'));
    if (said.empty()) said = program + " failed";
    return std::unexpected(escape_for_log(said, 512));
}

}  // namespace

NetworkPlaces standard_network_places() {
    NetworkPlaces places;
    const char* root = std::getenv("POSTERN_ROOT");
    if (root == nullptr) return places;
    for (std::string* path : {&places.config, &places.run, &places.program}) *path = root + *path;
    return places;
}

NetworkChange::NetworkChange(NetworkPlaces places, StartGuard start_guard)
    : places_(std::move(places)), start_guard_(std::move(start_guard)) {}

bool NetworkChange::is_managed() const {
    return access(places_.program.c_str(), X_OK) == 0;
}

// The seed of the first boot leaves a file for each setting.
NetworkSettings NetworkChange::saved() const {
    const auto text = read_if_there(places_.config + "/network");
    if (text) return parse_network(*text);
    NetworkSettings settings;
    for (const std::string_view key : network_keys) {
        const std::string value = first_line_of(places_.config + "/" + std::string(key));
        if (!value.empty()) *find_setting(settings, key) = value;
    }
    return settings;
}

std::optional<NetworkChange::Pending> NetworkChange::pending() const {
    const auto text = read_if_there(run_file("network-pending"));
    if (!text || !text->starts_with(until_key)) return std::nullopt;
    const std::string_view line = std::string_view(*text).substr(0, text->find('\n'));
    const auto until = parse_decimal32(line.substr(until_key.size()));
    if (!until) return std::nullopt;
    return Pending{parse_network(*text), std::int64_t(*until) - now_s()};
}

bool NetworkChange::was_rolled_back() const {
    return access(run_file("alarms/network").c_str(), F_OK) == 0;
}

Changed NetworkChange::apply(const NetworkSettings& settings) const {
    const std::string wanted = run_file("network-wanted");
    if (auto ok = tls::write_private(wanted, format_network(settings)); !ok) return ok;
    return run_program(places_.program, wanted);
}

Changed NetworkChange::write_pending(const NetworkSettings& settings, unsigned within_s) const {
    const std::string text = std::string(until_key) + std::to_string(now_s() + within_s) + "\n" +
                             format_network(settings);
    return tls::write_private(run_file("network-pending"), text);
}

Changed NetworkChange::set(const NetworkSettings& settings, unsigned within_s) {
    if (!is_managed()) {
        return std::unexpected("the network of this system is not set by postern");
    }
    {
        const Lock lock(run_file("network.lock"));
        unlink(run_file("alarms/network").c_str());
        if (auto ok = write_pending(settings, apply_s + within_s); !ok) return ok;
    }
    if (start_guard_) {
        if (auto started = start_guard_(); !started) {
            unlink(run_file("network-pending").c_str());
            return started;
        }
    }
    const auto applied = apply(settings);
    if (!applied) {
        revert();
        return std::unexpected("not applied: " + applied.error());
    }
    // The time to confirm begins now.
    const Lock lock(run_file("network.lock"));
    return pending() ? write_pending(settings, within_s) : Changed();
}

Changed NetworkChange::confirm() {
    const Lock lock(run_file("network.lock"));
    const auto waiting = pending();
    if (!waiting) return std::unexpected("nothing waits to be confirmed");
    const std::string file = places_.config + "/network";
    if (auto ok = tls::write_private(file, format_network(waiting->settings)); !ok) return ok;
    unlink(run_file("network-pending").c_str());
    return {};
}

Changed NetworkChange::revert() {
    const Lock lock(run_file("network.lock"));
    if (!pending()) return std::unexpected("nothing waits to be confirmed");
    unlink(run_file("network-pending").c_str());
    return apply(saved());
}

Changed NetworkChange::give_up_late() {
    for (;; nanosleep(&guard_pause, nullptr)) {
        const auto waiting = pending();
        if (!waiting) return {};
        if (waiting->seconds_left > 0) continue;
        mkdir(run_file("alarms").c_str(), 0755);
        std::ofstream(run_file("alarms/network"))
            << "the new network settings were not confirmed in time: the old ones are back\n";
        return revert();
    }
}

Changed start_network_guard() {
    posix_spawnattr_t attributes;
    posix_spawn_file_actions_t actions;
    posix_spawnattr_init(&attributes);
    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSID);
    for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
        posix_spawn_file_actions_addopen(&actions, fd, "/dev/null", O_RDWR, 0);
    }
    char self[] = "/proc/self/exe", name[] = "postern", area[] = "network", task[] = "guard";
    char* const words[] = {name, area, task, nullptr};
    pid_t child = 0;
    const int problem = posix_spawn(&child, self, &actions, &attributes, words, environ);
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
    if (problem != 0) return std::unexpected(std::string("guard: ") + std::strerror(problem));
    return {};
}

}  // namespace postern::app
