// SORT and UID SORT. RFC 5256 §3 (SORT), RFC 5957 (SORT=DISPLAY), RFC 5267 §3 (ESORT),
// §4 (CONTEXT=SORT: UPDATE).
#include "imap/commands.hpp"
#include "imap/parse_sort.hpp"
#include "imap/search_request.hpp"
#include "imap/session.hpp"

namespace postern::imap {

// extended-sort = ["UID" SP] "SORT" [search-return-opts] SP sort-criteria SP search-criteria
engine::task<Result<Reply>> handle_sort(Session& session, Command& command) {
    Decoder in = command.arguments();
    in.space();
    SearchRequest request;
    request.answer.command = "SORT";
    request.answer.options = parse_search_options(in);
    request.sort.emplace(parse_sort_criteria(in));
    in.space();
    request.program = parse_search_criteria(in);
    return carry_out(session, command, std::move(request));
}

}  // namespace postern::imap
