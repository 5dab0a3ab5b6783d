// SEARCH and UID SEARCH. RFC 3501 §6.4.4, RFC 9051 §6.4.4 (always ESEARCH responses), RFC 4731
// (ESEARCH), RFC 5182 (SEARCHRES: SAVE), RFC 9394 (PARTIAL), RFC 7162 §3.1.6 (MODSEQ),
// RFC 5267 §4 (CONTEXT=SEARCH: UPDATE).
#include "imap/commands.hpp"
#include "imap/search_request.hpp"
#include "imap/session.hpp"

namespace postern::imap {

engine::task<Result<Reply>> handle_search(Session& session, Command& command) {
    Decoder in = command.arguments();
    in.space();
    SearchRequest request;
    request.answer.options = parse_search_options(in);
    request.program = parse_search(in);
    // RFC 9051 §6.4.4: "The SEARCH response … replaced by ESEARCH".
    if (session.is_enabled(Feature::imap4rev2)) request.answer.options.extend();
    return carry_out(session, command, std::move(request));
}

}  // namespace postern::imap
