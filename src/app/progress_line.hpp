// How far a long command is, on standard output: a bar that changes on a terminal; a line every
// tenth in a log; a line a percent as JSON, {"step":"…","percent":…}.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace postern::app {

class ProgressLine {
 public:
    explicit ProgressLine(bool json);
    void show(std::string_view word, std::uint64_t done, std::uint64_t total);

 private:
    bool json_;
    bool is_terminal_;
    std::string word_;
    unsigned percent_ = 0;
};

}  // namespace postern::app
