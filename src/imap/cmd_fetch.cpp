// FETCH and UID FETCH. RFC 3501 §6.4.5, §6.4.8; RFC 5530 §3 (EXPUNGEISSUED) for messages that other
// sessions removed and this one has not been told of.
#include <algorithm>

#include "imap/commands.hpp"
#include "imap/fetch_writer.hpp"
#include "imap/limits.hpp"
#include "imap/messages.hpp"

namespace postern::imap {
namespace {

using engine::task;
using engine::try_;

struct FetchArguments {
    SequenceSet set;
    std::vector<FetchItem> items;
};

// fetch = "FETCH" SP sequence-set SP …
Result<FetchArguments> parse_fetch(Decoder in) {
    FetchArguments arguments;
    in.space();
    arguments.set = in.sequence_set();
    in.space();
    arguments.items = parse_fetch_items(in);
    if (auto end = in.finish(); !end) return Failure(end.error());
    return arguments;
}

// RFC 3501 §6.4.8: UID FETCH answers with the UID, asked for or not.
void add_uid(std::vector<FetchItem>& items) {
    auto is_uid = [](const FetchItem& item) { return item.kind == FetchKind::uid; };
    if (std::any_of(items.begin(), items.end(), is_uid)) return;
    FetchItem uid;
    uid.label = "UID";
    items.insert(items.begin(), std::move(uid));
}

}  // namespace

task<Result<Reply>> handle_fetch(Session& session, Command& command) {
    FetchArguments arguments = co_await try_(parse_fetch(command.arguments()));
    bool is_uid = (command.row->flags & by_uid) != 0;
    if (is_uid) add_uid(arguments.items);
    std::vector<std::uint32_t> uids = co_await try_(
        find_messages(*session.view(), arguments.set, is_uid ? Numbers::uid : Numbers::sequence));
    FetchWriter writer(session, arguments.items);
    for (std::size_t first = 0; first < uids.size(); first += seen_batch) {
        std::size_t last = std::min(first + seen_batch, uids.size());
        std::vector<std::uint32_t> batch(uids.begin() + std::ptrdiff_t(first),
                                         uids.begin() + std::ptrdiff_t(last));
        co_await try_(writer.mark_seen(std::move(batch)));
        for (std::size_t i = first; i < last; ++i) co_await try_(writer.write(uids[i]));
    }
    if (writer.some_gone() && !is_uid) {
        co_return no(code::expunge_issued, "Some of the messages are gone");
    }
    co_return ok();
}

}  // namespace postern::imap
