// ESEARCH: SEARCH in several mailboxes at once, whatever is selected. RFC 7377 (MULTISEARCH).
#include <algorithm>

#include "imap/access.hpp"
#include "imap/commands.hpp"
#include "imap/limits.hpp"
#include "imap/mailbox_filter.hpp"
#include "imap/search_answer.hpp"
#include "imap/search_contexts.hpp"
#include "imap/search_scan.hpp"
#include "imap/session.hpp"

namespace postern::imap {
namespace {

using engine::task;
using engine::try_;

// RFC 7377 §4: esearch-source-opts = "IN" SP "(" source-mbox [SP "(" scope-options ")"] ")". There
// are no scope options yet.
std::vector<MailboxFilter> parse_sources(Decoder& in) {
    std::vector<MailboxFilter> sources;
    if (!in.take_word("IN")) {
        sources.emplace_back();
        return sources;
    }
    in.space();
    in.expect('(');
    do {
        sources.push_back(parse_mailbox_filter(in));
        if (sources.size() > mailbox_filters_max) in.fail("Too many mailbox filters");
    } while (in.take(' '));
    in.expect(')');
    in.space();
    return sources;
}

bool names_selected(const std::vector<MailboxFilter>& sources) {
    return std::any_of(sources.begin(), sources.end(), [](const MailboxFilter& source) {
        return source.kind == FilterKind::selected;
    });
}

// RFC 7377 §2.2: what needs a selected mailbox, and SAVE, which is for it alone.
Result<void> check_sources(Session& session, const std::vector<MailboxFilter>& sources,
                           const SearchOptions& options) {
    bool needs_selected = names_selected(sources) || options.has(search_option::update);
    if (needs_selected && session.view() == nullptr) return fail_syntax("No mailbox is selected");
    bool only_selected = sources.size() == 1 && names_selected(sources);
    if (options.has(search_option::save) && !only_selected) {
        return fail_syntax("SAVE is for the selected mailbox");
    }
    return {};
}

// Names of the mailboxes to be searched, each once.
task<Result<std::vector<std::string>>> list_sources(Session& session,
                                                    const std::vector<MailboxFilter>* sources) {
    std::vector<std::string> names;
    if (names_selected(*sources)) names.push_back(session.selected_name());
    std::vector<store::MailboxInfo> mailboxes = co_await try_(session.account().list());
    std::vector<store::MailboxInfo> shared =
        co_await try_(list_shared(session, store::right::lookup | store::right::read));
    mailboxes.insert(mailboxes.end(), shared.begin(), shared.end());
    for (const store::MailboxInfo& mailbox : mailboxes) {
        bool is_wanted =
            mailbox.selectable && std::any_of(sources->begin(), sources->end(),
                                              [&](const auto& f) { return passes(mailbox, f); });
        bool is_there = !names.empty() && names.front() == mailbox.name;
        if (is_wanted && !is_there) names.push_back(mailbox.name);
        if (names.size() > esearch_mailboxes_max) {
            co_return fail_request(ErrorCode::limit, "mailboxes to search");
        }
    }
    co_return names;
}

struct MultiSearch {
    SearchAnswer answer;  // but for the mailbox and the result
    SearchProgram program;
};

// RFC 7377 §2.1: each answer says which mailbox it is of; without a match there is none.
task<Result<void>> search_view(Session& session, const MultiSearch* search, store::View* view,
                               std::string name) {
    auto context = std::make_unique<SearchContext>(SearchProgram(search->program), *view);
    SearchAnswer answer = search->answer;
    const store::Mailbox& mailbox = view->mailbox();
    answer.view = view;
    answer.mailbox = " MAILBOX " + format_mailbox(name, session.name_form()) + " UIDVALIDITY " +
                     std::to_string(mailbox.status().uid_validity);
    bool is_selected = view == session.view();
    if (!is_selected) answer.options.bits &= std::uint16_t(~search_option::update);
    Progress progress(session, answer.tag, view->size());
    Matches found =
        co_await try_(find_matches(&context->matcher, view, plan_scan(answer.options), &progress));
    answer.uids = std::move(found.uids);
    if (is_selected) save_results(*view, answer.options, answer.uids);
    if (!answer.uids.empty()) co_await try_(write_search_answer(session, &answer));
    if (is_selected) keep_up_to_date(session, answer, std::move(context));
    co_return co_await session.stream().flush_if_full(session.output_deadline());
}

task<Result<void>> search_mailbox(Session& session, const MultiSearch* search, std::string name) {
    if (session.view() != nullptr && session.selected_name() == name) {
        co_return co_await search_view(session, search, session.view(), std::move(name));
    }
    auto open = co_await open_mailbox(session, name, store::right::read);
    // RFC 7377 §2.2: those without the right to are passed over.
    if (!open && open.error().kind == ErrorKind::peer_request) co_return {};
    if (!open) co_return Failure(open.error());
    store::View view(std::move(open->mailbox), store::Access::read_only);
    co_return co_await search_view(session, search, &view, std::move(name));
}

}  // namespace

// esearch = "ESEARCH" [SP esearch-source-opts] [SP search-return-opts] SP search-program
task<Result<Reply>> handle_esearch(Session& session, Command& command) {
    Decoder in = command.arguments();
    in.space();
    std::vector<MailboxFilter> sources = parse_sources(in);
    MultiSearch search;
    search.answer.options = parse_search_options(in);
    auto program = parse_search(in);
    if (!program && session.view() == nullptr) co_return search_refusal(program.error());
    if (!program) co_return refuse_search(session, search.answer.options, program.error());
    co_await try_(check_sources(session, sources, search.answer.options));
    if (reuses_tag(session, search.answer.options, command.tag)) co_return bad("Tag reuse");
    if (needs_uids(session, *program)) co_return uid_required();
    if (program->has_modseq) session.become_condstore_aware();
    search.answer.options.extend();
    search.answer.tag = command.tag;
    search.answer.is_uid = true;
    search.answer.has_modseq = program->has_modseq;
    search.program = std::move(*program);
    std::vector<std::string> names = co_await try_(list_sources(session, &sources));
    for (std::string& name : names) {
        co_await try_(search_mailbox(session, &search, std::move(name)));
    }
    co_return ok();
}

}  // namespace postern::imap
