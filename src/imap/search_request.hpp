// What SEARCH and SORT do alike once their arguments are read: refuse what cannot be done, go
// through the selected mailbox, answer, save the results and keep them up to date.
// RFC 3501 §6.4.4, RFC 5256 §3, RFC 5182 (SAVE), RFC 5267 §4 (UPDATE).
#pragma once

#include <optional>

#include "engine/task.hpp"
#include "imap/search_answer.hpp"
#include "imap/search_matcher.hpp"
#include "imap/sort_keys.hpp"

namespace postern::imap {

struct SearchRequest {
    SearchAnswer answer;           // its command and options
    std::optional<SortKeys> sort;  // none: in the order of the mailbox
    Result<SearchProgram> program;
};

engine::task<Result<Reply>> carry_out(Session& session, Command& command, SearchRequest request);

}  // namespace postern::imap
