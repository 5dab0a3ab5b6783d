// The loop over a mailbox; see search_scan.hpp.
#include "imap/search_scan.hpp"

#include <algorithm>

#include "engine/shard.hpp"

namespace postern::imap {

using engine::task;
using engine::try_;

task<Result<void>> Pace::pause() {
    co_return co_await engine::sleep_until(engine::Shard::current().now());
}

namespace {

// The message number where a search of at most `messages_max` messages begins. RFC 9738 §3: only
// those count that the program's sets let through.
std::uint32_t first_searched(const SearchMatcher& matcher, const store::View& view,
                             std::uint32_t messages_max) {
    std::uint32_t first = 1;
    std::uint32_t searched = 0;
    for (std::uint32_t sequence = view.size(); sequence > 0; --sequence) {
        if (!matcher.is_in_sets(view.uid_at(sequence))) continue;
        if (searched == messages_max) return first;
        ++searched;
        first = sequence;
    }
    return 1;
}

}  // namespace

task<Result<Matches>> find_matches(SearchMatcher* matcher, const store::View* view, SearchScan scan,
                                   Progress* progress) {
    co_await try_(matcher->prepare());
    Matches found;
    Pace pace;
    const std::uint32_t size = view->size();
    std::uint32_t first = 1;
    if (size > scan.messages_max) first = first_searched(*matcher, *view, scan.messages_max);
    if (first > 1) found.lowest_searched = view->uid_at(first);
    for (std::uint32_t step = first; step <= size && found.uids.size() < scan.enough; ++step) {
        if (pace.is_due()) co_await try_(Pace::pause());
        if (progress->is_due()) co_await try_(progress->tell(step - first));
        std::uint32_t sequence = scan.order == ScanOrder::forward ? step : size - (step - first);
        std::uint32_t uid = view->uid_at(sequence);
        bool is_match = co_await try_(matcher->matches(uid));
        if (is_match) found.uids.push_back(uid);
    }
    if (scan.order == ScanOrder::backward) std::reverse(found.uids.begin(), found.uids.end());
    co_return found;
}

Reply search_refusal(const Error& error) {
    // RFC 3501 §7.1: "a list of charsets which are supported": those that mail is written in, of
    // many more.
    if (error.code == ErrorCode::unsupported) {
        return no(std::string(code::bad_charset) +
                      " (US-ASCII UTF-8 ISO-8859-1 ISO-8859-2 ISO-8859-15 WINDOWS-1251"
                      " WINDOWS-1252 KOI8-R ISO-2022-JP SHIFT_JIS EUC-JP GB18030 BIG5 EUC-KR)",
                  "Unknown charset");
    }
    if (error.code == ErrorCode::limit) {
        return Reply{Status::bad, {std::string(code::limit)}, error.what};
    }
    return reply_for(error);
}

}  // namespace postern::imap
