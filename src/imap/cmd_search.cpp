// SEARCH and UID SEARCH. RFC 3501 §6.4.4, RFC 9051 §6.4.4 (always ESEARCH responses), RFC 4731
// (ESEARCH), RFC 5182 (SEARCHRES: SAVE), RFC 9394 (PARTIAL), RFC 7162 §3.1.6 (MODSEQ),
// RFC 5267 §4 (CONTEXT=SEARCH: UPDATE).
#include "imap/commands.hpp"
#include "imap/search_answer.hpp"
#include "imap/search_contexts.hpp"
#include "imap/search_scan.hpp"
#include "imap/session.hpp"

namespace postern::imap {
using engine::task;
using engine::try_;

task<Result<Reply>> handle_search(Session& session, Command& command) {
    Decoder in = command.arguments();
    in.space();
    SearchAnswer answer;
    answer.options = parse_search_options(in);
    Result<SearchProgram> program = parse_search(in);
    if (!program) co_return refuse_search(session, answer.options, program.error());
    if (reuses_tag(session, answer.options, command.tag)) co_return bad("Tag reuse");
    if (needs_uids(session, *program)) co_return uid_required();
    // RFC 9051 §6.4.4: "The SEARCH response … replaced by ESEARCH".
    if (session.is_enabled(Feature::imap4rev2)) answer.options.extend();
    answer.tag = command.tag;
    answer.is_uid = (command.row->flags & by_uid) != 0;
    answer.has_modseq = program->has_modseq;
    answer.view = session.view();
    if (program->has_modseq) session.become_condstore_aware();
    auto context = std::make_unique<SearchContext>(std::move(*program), *session.view());
    Progress progress(session, command.tag, session.view()->size());
    SearchScan scan = plan_scan(answer.options);
    answer.uids = co_await try_(find_matches(&context->matcher, session.view(), scan, &progress));
    save_results(*session.view(), answer.options, answer.uids);
    co_await try_(write_search_answer(session, &answer));
    keep_up_to_date(session, answer, std::move(context));
    co_return ok();
}

}  // namespace postern::imap
