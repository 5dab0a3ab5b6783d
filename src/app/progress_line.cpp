// Bars and lines; see progress_line.hpp. A step with nothing to do is shown as begun, never ended.
#include "app/progress_line.hpp"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "console/backup_pages.hpp"

namespace postern::app {
namespace {

constexpr unsigned percent_step_in_logs = 10;

}  // namespace

ProgressLine::ProgressLine(bool json) : json_(json), is_terminal_(isatty(STDOUT_FILENO) == 1) {}

void ProgressLine::show(std::string_view word, std::uint64_t done, std::uint64_t total) {
    const unsigned percent = total == 0 ? 0 : unsigned(std::min(done, total) * 100 / total);
    const unsigned step = json_ || is_terminal_ ? 1 : percent_step_in_logs;
    if (word == word_ && percent / step == percent_ / step) return;
    word_ = word;
    percent_ = percent;
    if (json_) {
        const nlohmann::ordered_json line = {{"step", word}, {"percent", percent}};
        std::printf("%s\n", line.dump().c_str());
    } else if (is_terminal_) {
        std::printf("\r%s %s %u %% ", word_.c_str(), console::format_bar(percent).c_str(), percent);
        if (percent == 100) std::printf("\n");
    } else {
        std::printf("%s: %u %%\n", word_.c_str(), percent);
    }
    std::fflush(stdout);
}

}  // namespace postern::app
