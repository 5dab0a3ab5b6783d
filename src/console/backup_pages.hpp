// What the requests about backups answer (src/app/local_requests.hpp), as text: for the console,
// and for the commands in English. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "console/texts.hpp"

namespace postern::console {

// Of backup.show, backup.set and backup.start: target and time, how the last ones went, and a bar
// while one is at work.
std::string format_backups(std::string_view response, Language language);

// Of backup.plan, a line each; what a yes would bring is nothing when it is not possible.
struct RestoreWords {
    std::vector<std::string> lines;
    bool is_possible = false;
};
RestoreWords format_restore_plan(std::string_view response, Language language);

// Of backup.show: how far a restore of everything is, or how it ended.
std::string format_whole_restore(std::string_view response, Language language);

// What the status shows of it.
struct BackupFacts {
    std::string target;  // empty: none is set
    std::int64_t run_s = 0;
    std::string run_problem;
    std::int64_t verified_s = 0;
    std::string verify_problem;
    std::string prune_problem;
    bool is_restoring = false;
};
BackupFacts read_backup_facts(std::string_view response);

// "[#####-----]", for that many percent.
std::string format_bar(unsigned percent);

}  // namespace postern::console
