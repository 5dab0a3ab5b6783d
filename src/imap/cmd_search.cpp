// SEARCH and UID SEARCH. RFC 3501 §6.4.4, §7.2.5, RFC 7162 §3.1.6 (MODSEQ).
#include <algorithm>

#include "imap/commands.hpp"
#include "imap/limits.hpp"
#include "imap/progress.hpp"
#include "imap/search_matcher.hpp"
#include "imap/session.hpp"

namespace postern::imap {
namespace {

using engine::task;
using engine::try_;

constexpr std::size_t result_piece_bytes = 4 * 1024;

// RFC 3501 §6.4.4: "NO … BADCHARSET": the ones that certainly work.
Reply bad_charset() {
    return no(std::string(code::bad_charset) + " (US-ASCII UTF-8)", "Unknown charset");
}

// RFC 3501 §7.2.5: "SEARCH" *(SP nz-number), written as it grows.
task<Result<void>> search(Session& session, SearchProgram& program, bool is_uid, std::string tag) {
    store::View& view = *session.view();
    SearchMatcher matcher(program, view);
    co_await try_(matcher.prepare());
    Progress progress(session, std::move(tag), view.size());
    std::vector<std::uint32_t> found;
    std::uint64_t modseq = 0;
    for (std::uint32_t sequence = 1; sequence <= view.size(); ++sequence) {
        if (progress.is_due()) co_await try_(progress.tell(sequence - 1));
        std::uint32_t uid = view.uid_at(sequence);
        bool is_match = co_await try_(matcher.matches(uid));
        if (!is_match) continue;
        found.push_back(is_uid ? uid : sequence);
        auto metadata = view.mailbox().find(uid);
        if (metadata) modseq = std::max(modseq, metadata->modseq);
    }
    std::string text = "* SEARCH";
    for (std::uint32_t number : found) {
        text += ' ';
        text += std::to_string(number);
        if (text.size() < result_piece_bytes) continue;
        session.stream().write(text);
        text.clear();
        co_await try_(session.stream().flush_if_full(session.output_deadline()));
    }
    if (program.has_modseq && !found.empty()) text += " (MODSEQ " + std::to_string(modseq) + ")";
    text += "\r\n";
    session.stream().write(text);
    co_return {};
}

}  // namespace

task<Result<Reply>> handle_search(Session& session, Command& command) {
    Decoder in = command.arguments();
    in.space();
    Result<SearchProgram> program = parse_search(in);
    if (!program && program.error().code == ErrorCode::unsupported) co_return bad_charset();
    if (!program) co_return Failure(program.error());
    bool has_numbers =
        std::any_of(program->nodes.begin(), program->nodes.end(),
                    [](const SearchNode& node) { return node.kind == SearchKind::sequence; });
    if (has_numbers && session.is_enabled(Feature::uidonly)) co_return uid_required();
    if (program->has_modseq) session.become_condstore_aware();
    co_await try_(search(session, *program, (command.row->flags & by_uid) != 0, command.tag));
    co_return ok();
}

}  // namespace postern::imap
