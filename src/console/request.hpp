// Requests of the control protocol as lines, and what came back. src/admin/README.md lists the
// commands and their fields. Pure.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace postern::console {

using Value = std::variant<std::string, bool, std::uint64_t, std::vector<std::string>>;
using Fields = std::vector<std::pair<std::string, Value>>;

// Without its newline.
std::string make_request(std::string_view command, const Fields& fields = {});

// At spaces and commas.
std::vector<std::string> split_words(std::string_view text);

struct Answer {
    bool reached = false;  // the daemon answered
    bool ok = false;
    std::string error;  // escaped, for people
    std::string line;   // the response
};
Answer read_answer(std::expected<std::string, std::string> response);

}  // namespace postern::console
