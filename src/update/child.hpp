// A program that is started and whose standard output is read to its end, line by line. Blocking.
// Whatever fails shows as no more lines and a wait() without a status.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "update/appliance.hpp"
#include "update/limits.hpp"

namespace postern::update {

class Child {
 public:
    // `words`: the program's path, then its arguments; no shell sees them. Alone: it reads nothing,
    // and what it says on standard error is dropped.
    enum class Streams : bool { shared, alone };
    explicit Child(std::vector<std::string> words, Streams streams = Streams::shared,
                   std::size_t line_bytes_max = limits::head_bytes_max);
    Child(const Child&) = delete;
    Child& operator=(const Child&) = delete;

    // Without its newline; nothing at the end, or when a line is longer than that.
    std::optional<std::string> read_line();
    // Once, after the lines: the status of its exit; nothing when it was not started or was killed.
    std::optional<int> wait() const;

 private:
    pid_t id_ = -1;
    Descriptor output_;
    std::string text_;  // read and not yet a line
    std::size_t line_bytes_max_;
};

}  // namespace postern::update
