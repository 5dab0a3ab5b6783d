// Runs every fuzz target on its seeds and on mutations of them, always the same for the same
// --seed. Any crash, sanitizer report or failed fuzz_check ends the program with what is needed to
// see it again: the target, the number of the run and the input as text.
//   smoke [--target NAME] [--runs N] [--first N] [--seed N] [--input FILE] [--canary]
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>

#include "base/ascii.hpp"
#include "base/checksum.hpp"
#include "registry.hpp"

namespace postern::fuzz {
namespace {

constexpr std::size_t input_bytes_max = 4'096;
constexpr std::uint64_t runs_default = 20'000;
constexpr std::string_view tokens[] = {"\r\n",
                                       "\n",
                                       "\r",
                                       "\r\n\r\n",
                                       "\r\n ",
                                       ":",
                                       ";",
                                       ",",
                                       ".",
                                       "<",
                                       ">",
                                       "@",
                                       "\"",
                                       "\\",
                                       "(",
                                       ")",
                                       "[",
                                       "]",
                                       "=",
                                       "==",
                                       "?",
                                       "*",
                                       "'",
                                       "%41",
                                       "--",
                                       "--b",
                                       "--b--",
                                       "=?utf-8?q?",
                                       "=?utf-8?b?",
                                       "?=",
                                       "Content-Type: multipart/mixed; boundary=b\r\n\r\n",
                                       "Content-Type: message/rfc822\r\n\r\n",
                                       "\r\n--b\r\n",
                                       "\xff",
                                       "\xc3",
                                       "\xe2\x98\xba",
                                       "0",
                                       "9999999999",
                                       "-1",
                                       " ",
                                       "\t",
                                       "{1}\r\n"};

// SplitMix64: the same numbers on every machine.
class Random {
 public:
    explicit Random(std::uint64_t seed) : state_(seed) {}
    std::uint64_t next() {
        std::uint64_t z = state_ += 0x9e3779b97f4a7c15;
        z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
        z = (z ^ z >> 27) * 0x94d049bb133111eb;
        return z ^ z >> 31;
    }
    std::size_t below(std::size_t limit) { return limit == 0 ? 0 : std::size_t(next() % limit); }

 private:
    std::uint64_t state_;
};

// What is running, for the report of a crash.
struct Current {
    std::string_view target;
    std::uint64_t run = 0;
    std::string input;
} current;

void report_crash(int signal_number) {
    // Not async-signal-safe and need not be: the program is broken and about to end.
    std::fprintf(stderr, "target %.*s run %llu signal %d input \"%s\"\n",
                 int(current.target.size()), current.target.data(),
                 static_cast<unsigned long long>(current.run), signal_number,
                 escape_for_log(current.input, input_bytes_max).c_str());
    std::fflush(stderr);
    _exit(1);
}

void mutate_once(std::string& text, Random& random, Seeds seeds) {
    std::size_t at = random.below(text.size() + 1);
    std::size_t size = random.below(std::min<std::size_t>(text.size() - at, 64) + 1);
    switch (random.below(7)) {
        case 0:
            if (at < text.size()) text[at] = char(random.next());
            break;
        case 1: text.insert(at, 1, char(random.next())); break;
        case 2: text.insert(at, tokens[random.below(std::size(tokens))]); break;
        case 3: text.erase(at, size); break;
        case 4: text.insert(random.below(text.size() + 1), text.substr(at, size)); break;
        case 5: {
            std::string_view other = seeds[random.below(seeds.size())];
            std::size_t from = random.below(other.size() + 1);
            text.insert(at, other.substr(from, random.below(256)));
            break;
        }
        default: text.resize(at); break;
    }
    if (text.size() > input_bytes_max) text.resize(input_bytes_max);
}

void run_one(const Target& target, std::string input, std::uint64_t run) {
    current.run = run;
    current.input = std::move(input);
    target.run(current.input);
}

struct Options {
    std::string target, input_file;
    std::uint64_t runs = runs_default, first = 0, seed = 1;
    bool canary = false;
};

void run_target(const Target& target, const Options& options) {
    current.target = target.name;
    Seeds seeds = target.seeds();
    if (options.first == 0) {
        for (std::string_view seed : seeds) run_one(target, std::string(seed), 0);
    }
    const std::uint64_t runs = options.runs / target.cost + (options.runs < target.cost ? 1 : 0);
    for (std::uint64_t run = options.first; run < options.first + runs; ++run) {
        Random random(options.seed ^ stable_hash(target.name) ^ run * 0x9e3779b97f4a7c15);
        std::string input(seeds[random.below(seeds.size())]);
        for (std::size_t left = 1 + random.below(8); left > 0; --left) {
            mutate_once(input, random, seeds);
        }
        run_one(target, std::move(input), run);
    }
    std::printf("%.*s: %llu runs\n", int(target.name.size()), target.name.data(),
                static_cast<unsigned long long>(runs));
}

bool parse_options(int argc, char** argv, Options& options) {
    for (int i = 1; i < argc; ++i) {
        std::string_view name = argv[i];
        if (name == "--canary") {
            options.canary = true;
            continue;
        }
        if (i + 1 == argc) return false;
        std::string value = argv[++i];
        std::uint64_t number = parse_decimal(value).value_or(0);
        if (name == "--target") {
            options.target = value;
        } else if (name == "--input") {
            options.input_file = value;
        } else if (name == "--runs") {
            options.runs = number;
        } else if (name == "--first") {
            options.first = number;
        } else if (name == "--seed") {
            options.seed = number;
        } else {
            return false;
        }
    }
    return true;
}

int run_all(const Options& options) {
    if (options.canary) {
        run_target(canary_target(), options);
        return 0;
    }
    bool found = false;
    for (const Target& target : all_targets()) {
        if (!options.target.empty() && options.target != target.name) continue;
        found = true;
        if (options.input_file.empty()) {
            run_target(target, options);
            continue;
        }
        std::ifstream file(options.input_file, std::ios::binary);
        current.target = target.name;
        run_one(target, std::string(std::istreambuf_iterator<char>(file), {}), 0);
    }
    return found ? 0 : 2;
}

}  // namespace
}  // namespace postern::fuzz

int main(int argc, char** argv) {
    postern::fuzz::Options options;
    if (!postern::fuzz::parse_options(argc, argv, options)) {
        std::fprintf(stderr,
                     "usage: smoke [--target NAME] [--runs N] [--first N] [--seed N] "
                     "[--input FILE] [--canary]\n");
        return 2;
    }
    for (int signal_number : {SIGABRT, SIGSEGV, SIGBUS, SIGFPE, SIGILL}) {
        std::signal(signal_number, postern::fuzz::report_crash);
    }
    return postern::fuzz::run_all(options);
}
