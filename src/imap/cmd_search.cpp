// SEARCH and UID SEARCH. RFC 3501 §6.4.4, RFC 9051 §6.4.4 (always ESEARCH responses), RFC 4731
// (ESEARCH), RFC 5182 (SEARCHRES: SAVE), RFC 9394 (PARTIAL), RFC 7162 §3.1.6 (MODSEQ).
#include "imap/commands.hpp"
#include "imap/search_answer.hpp"
#include "imap/search_scan.hpp"
#include "imap/session.hpp"

namespace postern::imap {
namespace {

using engine::task;
using engine::try_;

// RFC 5182 §2.1: a SAVE that was answered with NO leaves nothing behind.
Reply refuse_search(Session& session, const SearchOptions& options, const Error& error) {
    Reply reply = search_refusal(error);
    if (options.has(search_option::save) && reply.status == Status::no) session.view()->save({});
    return reply;
}

}  // namespace

task<Result<Reply>> handle_search(Session& session, Command& command) {
    Decoder in = command.arguments();
    in.space();
    SearchAnswer answer;
    answer.options = parse_search_options(in);
    Result<SearchProgram> program = parse_search(in);
    if (!program) co_return refuse_search(session, answer.options, program.error());
    if (needs_uids(session, *program)) co_return uid_required();
    // RFC 9051 §6.4.4: "The SEARCH response … replaced by ESEARCH".
    if (session.is_enabled(Feature::imap4rev2)) answer.options.extend();
    answer.tag = command.tag;
    answer.is_uid = (command.row->flags & by_uid) != 0;
    answer.has_modseq = program->has_modseq;
    answer.view = session.view();
    if (program->has_modseq) session.become_condstore_aware();
    SearchMatcher matcher(*program, *session.view());
    Progress progress(session, command.tag, session.view()->size());
    auto found =
        co_await find_matches(&matcher, session.view(), plan_scan(answer.options), &progress);
    if (!found) co_return refuse_search(session, answer.options, found.error());
    answer.uids = std::move(*found);
    save_results(*session.view(), answer.options, answer.uids);
    co_await try_(write_search_answer(session, &answer));
    co_return ok();
}

}  // namespace postern::imap
