// The screen that is shown without a login: what runs, how much mail passes, what is wrong.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "console/console.hpp"

namespace postern::console {

std::shared_ptr<Screen> make_status_screen();

// What is wrong, in plain words; the worst first. Pure.
std::vector<std::string> find_alarms(const Console& console);

// Three rows of a graph of `columns` values, the latest at the right; the largest fills it.
std::vector<std::string> draw_graph(const std::deque<double>& samples, int columns);

// "3 d 4 h", "5 min".
std::string format_uptime(std::uint64_t seconds);

}  // namespace postern::console
