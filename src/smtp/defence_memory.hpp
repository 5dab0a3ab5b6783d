// What of the first line of defence outlives the process, as text. Counts: a line each,
//   <table> <Unix time when its window began> <sum> <name>
// where the table is a letter: m and M messages of accounts by hour and day, r and R recipients, g
// what is greylisted, c correspondents. Bans: the Unix time of the end, a space, the network. A
// line that makes no sense is passed over. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "smtp/rate_table.hpp"

namespace postern::smtp {

struct KeptTable {
    char letter = 0;
    RateTable* table = nullptr;
};

struct KeptCount {
    char letter = 0;
    std::int64_t began_s = 0;
    std::uint64_t sum = 0;
    std::string name;
};

struct KeptBan {
    std::int64_t until_s = 0;
    std::string network;
};

std::string format_counts(const std::vector<KeptTable>& tables, std::int64_t now_s);
std::vector<KeptCount> parse_counts(std::string_view text);
std::vector<KeptBan> parse_bans(std::string_view text);

}  // namespace postern::smtp
