// Going through a mailbox for what a SEARCH program asks for, without holding up the other sessions
// of the shard, and what became of the request: shared by SEARCH, SORT, THREAD and ESEARCH.
// On the mailbox's home shard. RFC 3501 §6.4.4.
#pragma once

#include <cstdint>
#include <vector>

#include "engine/task.hpp"
#include "imap/progress.hpp"
#include "imap/response.hpp"
#include "imap/search_matcher.hpp"
#include "imap/search_options.hpp"

namespace postern::imap {

// Lets other sessions go on, every so many steps of work that waits for nothing.
class Pace {
 public:
    bool is_due() { return ++steps_ % search_steps_between_pauses == 0; }
    static engine::task<Result<void>> pause();

 private:
    static constexpr std::uint32_t search_steps_between_pauses = 8'192;
    std::uint32_t steps_ = 0;
};

struct Matches {
    std::vector<std::uint32_t> uids;    // ascending
    std::uint32_t lowest_searched = 0;  // UID; 0: no message was left out
};

// The messages of `view` that match; of a scan that is enough with fewer only these. The matcher is
// prepared by it. The client hears of the progress now and then.
engine::task<Result<Matches>> find_matches(SearchMatcher* matcher, const store::View* view,
                                           SearchScan scan, Progress* progress);

// RFC 9586 §3.1: message numbers are not for a client that has enabled UIDONLY.
inline bool needs_uids(const Session& session, const SearchProgram& program) {
    return program.has_numbers && session.is_enabled(Feature::uidonly);
}

// RFC 3501 §6.4.4 (BADCHARSET); a program over a limit is BAD and names it.
Reply search_refusal(const Error& error);

}  // namespace postern::imap
