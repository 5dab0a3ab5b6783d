// SORT and UID SORT. RFC 5256 §3 (SORT), RFC 5957 (SORT=DISPLAY), RFC 5267 §3 (ESORT),
// §4 (CONTEXT=SORT: UPDATE).
#include "imap/commands.hpp"
#include "imap/parse_sort.hpp"
#include "imap/search_answer.hpp"
#include "imap/search_contexts.hpp"
#include "imap/search_scan.hpp"
#include "imap/session.hpp"
#include "imap/sort_keys.hpp"

namespace postern::imap {

using engine::task;
using engine::try_;

// extended-sort = ["UID" SP] "SORT" [search-return-opts] SP sort-criteria SP search-criteria
task<Result<Reply>> handle_sort(Session& session, Command& command) {
    Decoder in = command.arguments();
    in.space();
    SearchAnswer answer;
    answer.command = "SORT";
    answer.options = parse_search_options(in);
    SortKeys keys(parse_sort_criteria(in));
    in.space();
    Result<SearchProgram> program = parse_search_criteria(in);
    if (!program) co_return refuse_search(session, answer.options, program.error());
    if (reuses_tag(session, answer.options, command.tag)) co_return bad("Tag reuse");
    if (needs_uids(session, *program)) co_return uid_required();
    answer.tag = command.tag;
    answer.is_uid = (command.row->flags & by_uid) != 0;
    answer.has_modseq = program->has_modseq;
    answer.view = session.view();
    if (program->has_modseq) session.become_condstore_aware();
    auto context = std::make_unique<SearchContext>(std::move(*program), *session.view());
    context->sort = std::move(keys);
    Progress progress(session, command.tag, session.view()->size());
    answer.uids =
        co_await try_(find_matches(&context->matcher, session.view(), SearchScan(), &progress));
    std::shared_ptr<store::Mailbox> mailbox = session.view()->shared_mailbox();
    co_await try_(context->sort->sort(mailbox.get(), &answer.uids));
    save_results(*session.view(), answer.options, answer.uids);
    co_await try_(write_search_answer(session, &answer));
    keep_up_to_date(session, answer, std::move(context));
    co_return ok();
}

}  // namespace postern::imap
