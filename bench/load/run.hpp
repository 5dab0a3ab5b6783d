// One whole run: threads with a shard each, their workers, warm-up, repetitions, what the server
// used meanwhile, and the verification. Shard 0 conducts; the others do as they are called. The
// caller's thread waits.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "load/interval.hpp"
#include "load/ledger.hpp"
#include "load/limit_search.hpp"
#include "load/server_usage.hpp"
#include "load/settings.hpp"
#include "load/tally.hpp"

namespace postern::bench {

struct Repetition {
    double began_s = 0;  // since the run began
    double elapsed_s = 0;
    double rate_per_s = 0;  // that was asked for; 0: closed loop
    Held held = Held::yes;  // of find-limit
    Tally tally;
    Usage used;  // the difference; memory and processes as they were at its end
};

struct Outcome {
    std::string trouble;  // why the run could not be made; empty: it was
    std::vector<Repetition> repetitions;
    std::optional<Verdict> verdict;
    Usage before_sessions;  // of the server
    Usage with_sessions;    // all of them open, before the first operation
    std::string run;        // its name
    std::string remark;     // what could not be counted here; empty: nothing
    bool counted_system_calls = false;
    std::vector<Sample> samples;        // when they were asked for
    std::optional<double> limit_per_s;  // of find-limit: the highest rate that held, or 0

    // 0: all went well; 1: something failed or was lost. What fails beyond the limit does not.
    int exit_status() const;
};

enum class ShowProgress : unsigned char { no, yes };
Outcome run_load(const Settings& settings, ShowProgress progress);

// The ceiling: `settings` against null servers in this process. One outcome a workload, in this
// order: smtp, imap noop, imap body, pop3.
struct Ceiling {
    std::string name;
    Outcome outcome;
};
std::vector<Ceiling> run_self_test(Settings settings);

}  // namespace postern::bench
