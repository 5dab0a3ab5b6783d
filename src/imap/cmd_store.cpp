// STORE and UID STORE: flags. The answer is one FETCH a message unless .SILENT; other sessions hear
// of it through their views. RFC 3501 §6.4.6.
#include "imap/commands.hpp"
#include "imap/messages.hpp"
#include "imap/session.hpp"

namespace postern::imap {
namespace {

using engine::task;
using engine::try_;

struct StoreArguments {
    SequenceSet set;
    store::FlagChange change = store::FlagChange::replace;
    bool silent = false;
    std::vector<std::string> flags;
};

// store = "STORE" SP sequence-set SP ["+" / "-"] "FLAGS" [".SILENT"] SP (flag-list / flags)
Result<StoreArguments> parse_store(Decoder in) {
    StoreArguments arguments;
    in.space();
    arguments.set = in.sequence_set();
    in.space();
    if (in.take('+'))
        arguments.change = store::FlagChange::add;
    else if (in.take('-'))
        arguments.change = store::FlagChange::remove;
    arguments.silent = in.take_word("FLAGS.SILENT");
    if (!arguments.silent && !in.take_word("FLAGS")) in.fail("FLAGS expected");
    in.space();
    arguments.flags = in.flags_or_list();
    if (auto end = in.finish(); !end) return Failure(end.error());
    return arguments;
}

void write_flags(Session& session, std::uint32_t uid, bool with_uid) {
    store::View& view = *session.view();
    auto sequence = view.sequence_of(uid);
    auto metadata = view.mailbox().find(uid);
    if (!sequence || !metadata) return;
    std::string line = std::to_string(*sequence) + " FETCH (";
    if (with_uid) line += "UID " + std::to_string(uid) + " ";
    line += "FLAGS " + format_flags(view.mailbox(), metadata->flags, view.is_recent(uid)) + ")";
    session.out().line(line);
}

}  // namespace

task<Result<Reply>> handle_store(Session& session, Command& command) {
    StoreArguments arguments = co_await try_(parse_store(command.arguments()));
    bool is_uid = (command.row->flags & by_uid) != 0;
    store::View& view = *session.view();
    if (view.access() == store::Access::read_only) {
        co_return no(code::read_only, "The mailbox is selected read-only");
    }
    std::vector<std::uint32_t> uids = co_await try_(
        find_messages(view, arguments.set, is_uid ? Numbers::uid : Numbers::sequence));
    auto unknown = arguments.change == store::FlagChange::remove ? store::UnknownKeywords::ignore
                                                                 : store::UnknownKeywords::create;
    std::size_t asked = uids.size();
    store::FlagSet flags =
        co_await try_(view.mailbox().resolve_flags(std::move(arguments.flags), unknown));
    std::vector<std::uint32_t> changed =
        co_await try_(view.mailbox().set_flags(std::move(uids), arguments.change, flags, &view));
    if (!arguments.silent) {
        for (std::uint32_t uid : changed) {
            write_flags(session, uid, is_uid);
            co_await try_(session.stream().flush_if_full(session.output_deadline()));
        }
    }
    if (!is_uid && changed.size() < asked) {
        co_return no(code::expunge_issued, "Some of the messages are gone");
    }
    co_return ok();
}

}  // namespace postern::imap
