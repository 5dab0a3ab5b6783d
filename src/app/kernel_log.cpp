// See kernel_log.hpp.
#include "app/kernel_log.hpp"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>
#include <csignal>
#include <ctime>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <utility>

#include "base/ascii.hpp"

namespace postern::app {
namespace {

constexpr std::size_t record_bytes_max = 16 * 1024;  // of the kernel's: half of it
constexpr int look_again_ms = 200;

std::int64_t clock_us(clockid_t clock) {
    timespec now{};
    clock_gettime(clock, &now);
    return now.tv_sec * 1'000'000 + now.tv_nsec / 1'000;
}

}  // namespace

std::expected<int, std::string> open_kernel_log() {
    const int fd = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0) return std::unexpected(std::string("/dev/kmsg: ") + std::strerror(errno));
    return fd;
}

std::string read_boot_id() {
    std::ifstream file("/proc/sys/kernel/random/boot_id");
    std::string line;
    std::getline(file, line);
    return line;
}

KernelLog::KernelLog(int fd, std::string boot_id, std::string state_path, RemoteLog& into)
    : fd_(fd), boot_id_(std::move(boot_id)), state_path_(std::move(state_path)), into_(into) {
    load_state();
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    thread_ = std::thread([this] { work(); });
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

KernelLog::~KernelLog() {
    is_ending_.store(true);
    thread_.join();
    close(fd_);
}

void KernelLog::load_state() {
    std::ifstream file(state_path_);
    std::string boot_id, sequence;
    file >> boot_id >> sequence;
    if (boot_id.empty() || boot_id != boot_id_) return;
    if (const auto last = parse_decimal(sequence)) saved_ = next_ = *last + 1;
}

// In memory, as a rule, and small: it is written anew.
void KernelLog::save_state() {
    if (next_ == saved_) return;
    std::ofstream file(state_path_, std::ios::trunc);
    file << boot_id_ << ' ' << next_ - 1 << '\n';
    saved_ = next_;
}

void KernelLog::work() {
    while (!is_ending_.load()) {
        pollfd one{fd_, POLLIN, 0};
        if (!into_.has_servers() || poll(&one, 1, look_again_ms) <= 0) {
            save_state();
            if (!into_.has_servers()) poll(nullptr, 0, look_again_ms);
            continue;
        }
        if (!read_one()) {
            save_state();
            poll(nullptr, 0, look_again_ms);
        }
    }
    save_state();
}

// False: there is none.
bool KernelLog::read_one() {
    char bytes[record_bytes_max];
    const ssize_t count = read(fd_, bytes, sizeof bytes);
    if (count < 0 && errno == EPIPE) return true;  // records were overwritten: it goes on behind
    if (count <= 0) return false;
    const auto record = parse_kernel_record({bytes, std::size_t(count)});
    if (record && record->sequence >= next_) hand_over(*record);
    return true;
}

void KernelLog::hand_over(const KernelRecord& record) {
    const std::int64_t ago_us = clock_us(CLOCK_MONOTONIC) - std::int64_t(record.since_boot_us);
    into_.push_kernel(record, (clock_us(CLOCK_REALTIME) - ago_us) / 1'000);
    next_ = record.sequence + 1;
}

}  // namespace postern::app
