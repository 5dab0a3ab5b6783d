// gateway_sim: runs the scenario for a range of seeds and prints every seed that breaks the
// promise. `--seed N` replays one with its trace. With `--fault NAME` a seeded bug is switched on,
// and the program succeeds when some seed of the range catches it.
//
//   gateway_sim --seeds 0..500 [--jobs N] [--level LEVEL] [--fault reply_before_sync]
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "queue/test_faults.hpp"
#include "sim/scenario.hpp"
#include "smtp/client/test_faults.hpp"
#include "store/test_faults.hpp"

namespace postern::sim {
namespace {

struct Settings {
    std::uint64_t first = 0;
    std::uint64_t last = 500;  // one past
    unsigned jobs = 1;
    Level level = Level::protocols;
    bool replay = false;
    bool fault = false;
};

// Shared by the processes.
struct Board {
    std::atomic<std::uint64_t> next;
    std::atomic<std::uint64_t> failed;
    std::atomic<std::uint64_t> composed;
    std::atomic<std::uint64_t> acknowledged;
    std::atomic<std::uint64_t> power_cuts;
    std::atomic<std::uint64_t> steps;
    std::atomic<std::uint64_t> first_failure;
    std::atomic<std::uint64_t> trace_hash;  // of all seeds: the same in every run
};

constexpr unsigned failures_shown_max = 20;
constexpr unsigned batch = 1000;  // seeds that one process runs; then a fresh one takes over

const std::map<std::string_view, bool*> faults = {
    {"reply_before_sync", &store::test_faults.reply_before_sync},
    {"skip_directory_sync", &store::test_faults.skip_directory_sync},
    {"skip_journal_sync", &store::test_faults.skip_journal_sync},
    {"skip_checkpoint", &store::test_faults.skip_checkpoint},
    {"forget_second_home", &store::test_faults.forget_second_home},
    {"queue_reply_before_sync", &queue::test_faults.reply_before_sync},
    {"forget_outcome", &queue::test_faults.forget_outcome},
    {"forget_placing", &queue::test_faults.forget_placing},
    {"forget_cancel", &queue::test_faults.forget_cancel},
    {"failure_is_absence", &smtp::client::test_faults.failure_is_absence},
    {"one_reply_for_all", &smtp::client::test_faults.one_reply_for_all},
};

int usage() {
    std::fprintf(stderr,
                 "usage: gateway_sim [--seeds A..B] [--seed N] [--jobs N]\n"
                 "                   [--level store|protocols|queue|wire|imap]\n"
                 "                   [--fault FAULT]\n"
                 "faults:");
    for (const auto& [name, fault] : faults) {
        std::fprintf(stderr, " %.*s", int(name.size()), name.data());
    }
    std::fprintf(stderr, "\n");
    return 2;
}

bool parse(int count, char** arguments, Settings& settings) {
    for (int i = 1; i + 1 < count; i += 2) {
        std::string_view name = arguments[i];
        std::string value = arguments[i + 1];
        if (name == "--seeds") {
            std::size_t dots = value.find("..");
            if (dots == std::string::npos) return false;
            settings.first = std::strtoull(value.c_str(), nullptr, 10);
            settings.last = std::strtoull(value.c_str() + dots + 2, nullptr, 10);
        } else if (name == "--seed") {
            settings.first = std::strtoull(value.c_str(), nullptr, 10);
            settings.last = settings.first + 1;
            settings.replay = true;
        } else if (name == "--jobs") {
            settings.jobs = unsigned(std::strtoul(value.c_str(), nullptr, 10));
        } else if (name == "--level") {
            settings.level = value == "store"   ? Level::store
                             : value == "queue" ? Level::queue
                             : value == "wire"  ? Level::wire
                             : value == "imap"  ? Level::imap
                                                : Level::protocols;
        } else if (name == "--fault" && faults.contains(value)) {
            *faults.at(value) = settings.fault = true;
        } else {
            return false;
        }
    }
    return count % 2 == 1 && settings.jobs > 0 && settings.jobs <= 64;
}

void report(std::uint64_t seed, const ScenarioOutcome& outcome, Board& board, bool quiet) {
    board.composed += outcome.composed;
    board.acknowledged += outcome.acknowledged;
    board.power_cuts += outcome.power_cuts;
    board.steps += outcome.steps;
    board.trace_hash ^= outcome.trace_hash;
    if (outcome.complaints.empty()) return;
    std::uint64_t before = board.first_failure.load();
    while (seed < before && !board.first_failure.compare_exchange_weak(before, seed)) {
    }
    if (++board.failed > failures_shown_max || quiet) return;
    for (const std::string& complaint : outcome.complaints) {
        std::printf("seed %llu: %s\n", static_cast<unsigned long long>(seed), complaint.c_str());
    }
    std::fflush(stdout);
}

// Says which seed was running when the process dies.
volatile std::uint64_t running_seed = 0;
void died(int signal_number) {
    char text[64];
    int length = std::snprintf(text, sizeof text, "seed %llu: crashed (signal %d)\n",
                               static_cast<unsigned long long>(running_seed), signal_number);
    if (write(STDOUT_FILENO, text, std::size_t(length)) < 0) _exit(3);
    _exit(3);
}

void work(const Settings& settings, Board& board) {
    for (int number : {SIGSEGV, SIGABRT, SIGBUS, SIGFPE, SIGILL}) signal(number, died);
    for (unsigned i = 0; i < batch; ++i) {
        std::uint64_t seed = board.next++;
        if (seed >= settings.last) return;
        if (settings.fault && board.failed > 0) return;
        running_seed = seed;
        ScenarioOptions options;
        options.seed = seed;
        options.level = settings.level;
        options.trace = settings.replay;
        ScenarioOutcome outcome = run_scenario(options);
        report(seed, outcome, board, settings.fault);
    }
}

void start_worker(const Settings& settings, Board& board) {
    std::fflush(stdout);
    if (fork() == 0) {
        work(settings, board);
        _exit(0);
    }
}

int run(const Settings& settings) {
    void* memory =
        mmap(nullptr, sizeof(Board), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) return 2;
    Board& board = *new (memory) Board{};
    board.next = settings.first;
    board.first_failure = UINT64_MAX;
    auto begin = std::chrono::steady_clock::now();
    std::uint64_t crashed = 0;
    if (settings.replay) {
        work(settings, board);
    } else {
        for (unsigned i = 0; i < settings.jobs; ++i) start_worker(settings, board);
        int status = 0;
        while (wait(&status) > 0) {
            bool bad = !WIFEXITED(status) || WEXITSTATUS(status) != 0;
            crashed += bad;
            bool more = board.next < settings.last && crashed < failures_shown_max;
            if (more && !(settings.fault && board.failed > 0)) start_worker(settings, board);
        }
    }
    std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
    std::uint64_t seeds = std::min<std::uint64_t>(board.next, settings.last) - settings.first;
    std::printf(
        "%llu seeds, %llu messages, %llu acknowledged, %llu power cuts, %llu steps, %.1f s: "
        "%llu failed, %llu crashed, trace %016llx\n",
        static_cast<unsigned long long>(seeds), static_cast<unsigned long long>(board.composed),
        static_cast<unsigned long long>(board.acknowledged),
        static_cast<unsigned long long>(board.power_cuts),
        static_cast<unsigned long long>(board.steps), took.count(),
        static_cast<unsigned long long>(board.failed), static_cast<unsigned long long>(crashed),
        static_cast<unsigned long long>(board.trace_hash));
    if (!settings.fault) return board.failed + crashed == 0 ? 0 : 1;
    bool caught = board.failed > 0 && crashed == 0;
    std::printf(caught ? "the seeded bug was caught, first by seed %llu\n"
                       : "the seeded bug was NOT caught (%llu)\n",
                static_cast<unsigned long long>(board.first_failure));
    return caught ? 0 : 1;
}

}  // namespace
}  // namespace postern::sim

int main(int count, char** arguments) {
    postern::sim::Settings settings;
    if (!postern::sim::parse(count, arguments, settings)) return postern::sim::usage();
    return postern::sim::run(settings);
}
