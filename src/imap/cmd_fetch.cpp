// FETCH and UID FETCH. RFC 3501 §6.4.5, §6.4.8; RFC 5530 §3 (EXPUNGEISSUED) for messages that other
// sessions removed and this one has not been told of; RFC 7162 §3.1.4 (CHANGEDSINCE), §3.2.6
// (VANISHED).
#include <algorithm>

#include "imap/commands.hpp"
#include "imap/fetch_writer.hpp"
#include "imap/limits.hpp"
#include "imap/messages.hpp"
#include "imap/vanished.hpp"

namespace postern::imap {
namespace {

using engine::task;
using engine::try_;

struct FetchArguments {
    SequenceSet set;
    std::vector<FetchItem> items;
    FetchModifiers modifiers;
};

// fetch = "FETCH" SP sequence-set SP … [fetch-modifiers]
Result<FetchArguments> parse_fetch(Decoder in) {
    FetchArguments arguments;
    in.space();
    arguments.set = in.sequence_set();
    in.space();
    arguments.items = parse_fetch_items(in);
    arguments.modifiers = parse_fetch_modifiers(in);
    if (auto end = in.finish(); !end) return Failure(end.error());
    return arguments;
}

// RFC 7162 §3.2.6: "MUST return a tagged BAD"
Result<void> check_modifiers(const Session& session, const FetchModifiers& modifiers, bool is_uid) {
    if (modifiers.partial && !is_uid) return fail_syntax("PARTIAL is for UID FETCH");
    if (!modifiers.vanished) return {};
    if (!is_uid) return fail_syntax("VANISHED is for UID FETCH");
    if (!session.is_enabled(Feature::qresync)) return fail_syntax("QRESYNC is not enabled");
    return {};
}

// RFC 9394 §3.3 (PARTIAL): of the messages in the set, some.
void keep_partial(const PartialRange& range, std::vector<std::uint32_t>& uids) {
    auto picked = select_partial(uids, range);
    uids = std::vector<std::uint32_t>(picked.begin(), picked.end());
}

// RFC 7162 §3.1.4.1: only what has changed.
void keep_changed(const store::View& view, std::uint64_t since, std::vector<std::uint32_t>& uids) {
    std::erase_if(uids, [&](std::uint32_t uid) {
        auto metadata = view.mailbox().find(uid);
        return metadata && metadata->modseq <= since;
    });
}

task<Result<void>> write_all(Session& session, FetchWriter& writer,
                             std::vector<std::uint32_t> uids) {
    for (std::size_t first = 0; first < uids.size(); first += seen_batch) {
        std::size_t last = std::min(first + seen_batch, uids.size());
        std::vector<std::uint32_t> batch(uids.begin() + std::ptrdiff_t(first),
                                         uids.begin() + std::ptrdiff_t(last));
        co_await try_(writer.mark_seen(std::move(batch)));
        for (std::size_t i = first; i < last; ++i) co_await try_(writer.write(uids[i]));
    }
    co_return {};
}

}  // namespace

// RFC 3501 §6.4.8: UID FETCH answers with the UID, asked for or not; RFC 7162 §3.1.4.1:
// CHANGEDSINCE with the mod-sequence.
task<Result<Reply>> handle_fetch(Session& session, Command& command) {
    FetchArguments arguments = co_await try_(parse_fetch(command.arguments()));
    const FetchModifiers& modifiers = arguments.modifiers;
    bool is_uid = (command.row->flags & by_uid) != 0;
    co_await try_(check_modifiers(session, modifiers, is_uid));
    if (modifiers.changed_since) add_item(arguments.items, FetchKind::modseq, "MODSEQ");
    if (is_uid && !session.is_enabled(Feature::uidonly))
        add_item(arguments.items, FetchKind::uid, "UID");
    if (has_item(arguments.items, FetchKind::modseq)) session.become_condstore_aware();
    std::vector<std::uint32_t> uids = co_await try_(
        find_messages(*session.view(), arguments.set, is_uid ? Numbers::uid : Numbers::sequence));
    if (modifiers.partial) keep_partial(*modifiers.partial, uids);
    if (modifiers.changed_since) keep_changed(*session.view(), *modifiers.changed_since, uids);
    session.limit_messages(uids);
    // What has gone is not in "$".
    if (modifiers.vanished && !names_saved_result(arguments.set)) {
        auto gone =
            find_vanished(*session.view(), arguments.set, *modifiers.changed_since, nullptr);
        co_await try_(write_vanished(session, std::move(gone)));
    }
    FetchWriter writer(session, arguments.items);
    Result<void> written = co_await write_all(session, writer, std::move(uids));
    if (!written && written.error().code == ErrorCode::unsupported) {
        co_return no(code::unknown_cte, "Unknown transfer encoding");  // RFC 3516 §4.3
    }
    co_await try_(std::move(written));
    if (writer.some_gone() && !is_uid) {
        co_return no(code::expunge_issued, "Some of the messages are gone");
    }
    co_return ok();
}

}  // namespace postern::imap
