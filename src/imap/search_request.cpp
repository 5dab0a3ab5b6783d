// The common part of SEARCH and SORT; see search_request.hpp.
#include "imap/search_request.hpp"

#include "imap/search_contexts.hpp"
#include "imap/search_scan.hpp"
#include "imap/session.hpp"

namespace postern::imap {

using engine::task;
using engine::try_;

task<Result<Reply>> carry_out(Session& session, Command& command, SearchRequest request) {
    SearchAnswer& answer = request.answer;
    Result<SearchProgram>& program = request.program;
    if (!program) co_return refuse_search(session, answer.options, program.error());
    if (reuses_tag(session, answer.options, command.tag)) co_return bad("Tag reuse");
    if (needs_uids(session, *program)) co_return uid_required();
    answer.tag = command.tag;
    answer.is_uid = (command.row->flags & by_uid) != 0;
    answer.has_modseq = program->has_modseq;
    answer.view = session.view();
    if (program->has_modseq) session.become_condstore_aware();
    auto context = std::make_unique<SearchContext>(std::move(*program), *session.view());
    context->sort = std::move(request.sort);
    Progress progress(session, command.tag, session.view()->size());
    // Sorting needs all results, whichever of them are asked for.
    SearchScan scan = context->sort ? SearchScan() : plan_scan(answer.options);
    scan.messages_max = session.command_messages_max();
    Matches found = co_await try_(find_matches(&context->matcher, session.view(), scan, &progress));
    if (found.lowest_searched != 0 && context->sort) {
        co_return over_message_limit(scan.messages_max);
    }
    session.note_lowest_processed(found.lowest_searched);
    answer.uids = std::move(found.uids);
    if (context->sort) {
        std::shared_ptr<store::Mailbox> mailbox = session.view()->shared_mailbox();
        co_await try_(context->sort->sort(mailbox.get(), &answer.uids));
    }
    save_results(*session.view(), answer.options, answer.uids);
    co_await try_(write_search_answer(session, &answer));
    keep_up_to_date(session, answer, std::move(context));
    co_return ok();
}

}  // namespace postern::imap
