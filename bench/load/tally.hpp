// What was counted in one repetition: one shard's while it runs, merged afterwards. Values.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "load/driver.hpp"
#include "load/latency.hpp"

namespace postern::bench {

// What a failure is called: the server's words, or else the error's.
std::string words_of_failure(const std::string& words, const Error& error);

struct Tally {
    std::uint64_t operations = 0;
    std::uint64_t items = 0;
    std::uint64_t bytes = 0;
    std::uint64_t failures = 0;
    std::map<std::string, std::uint64_t> troubles;    // in words, at most distinct_troubles_max
    std::vector<std::unique_ptr<Latency>> latencies;  // by kind; null: none of that kind

    void record(const Done& done, Duration took);
    void fail(const std::string& words, const Error& error);
    void merge(Tally&& other);
    Latency all_latencies() const;
};

}  // namespace postern::bench
