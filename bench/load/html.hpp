// A run as one page for a browser, with everything in it: charts of throughput, latency and memory
// over time (of find-limit: latency over the rate), the figures as a table. Loads nothing, runs no
// script; light or dark as the reader likes. Bytes that came from a server are escaped. Pure.
#pragma once

#include <string>

#include "load/run.hpp"

namespace postern::bench {

std::string format_html(const Settings& settings, const Outcome& outcome);

}  // namespace postern::bench
