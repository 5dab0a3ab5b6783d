// What POP3 has read of an INBOX and left there, and when: file postern.retrieved beside new/ and
// cur/, text that an administrator can read. Losing it means that mail is kept longer.
//
//   postern-retrieved 1
//   uid_validity 1732231372
//   day 20779 5:9,12
//   day 20780 13
//   crc32c 5d1e2a3b
//
// A day is counted from 1970-01-01 UTC, days ascend; what follows are UIDs, ascending, with ranges.
// A UID stands at the first day on which it was read. Another UIDVALIDITY than the mailbox's makes
// the file worthless. The checksum is over all lines before its own. Replaced whole, durably. No
// I/O here.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"

namespace postern::store {

struct Retrieved {
    struct Entry {
        std::uint32_t uid = 0;
        std::uint32_t day = 0;
        friend bool operator==(const Entry&, const Entry&) = default;
    };
    std::uint32_t uid_validity = 0;
    std::vector<Entry> entries;  // UIDs ascend

    friend bool operator==(const Retrieved&, const Retrieved&) = default;
};

std::string format_retrieved(const Retrieved& retrieved);
Result<Retrieved> parse_retrieved(std::string_view text);  // corrupt

// Of those read on or before a day so long ago that `days` whole days have passed since; with 0,
// all. Ascending.
std::vector<std::uint32_t> expired(const Retrieved& retrieved, std::uint32_t days,
                                   std::int64_t now_s);

inline constexpr std::int64_t day_s = 86'400;

}  // namespace postern::store
