// COPY, MOVE and their UID forms: all messages or none. RFC 3501 §6.4.7 (COPY), RFC 6851 (MOVE),
// RFC 4315 §3 (UIDPLUS: COPYUID), RFC 4314 §4 (rights), RFC 2180 §4.4 (messages that are gone).
#include <algorithm>

#include "imap/access.hpp"
#include "imap/commands.hpp"
#include "imap/messages.hpp"
#include "imap/notifier.hpp"
#include "imap/session.hpp"
#include "store/store.hpp"

namespace postern::imap {
namespace {

using engine::task;
using engine::try_;

struct CopyArguments {
    SequenceSet set;
    std::string mailbox;
};

// copy = "COPY" SP sequence-set SP mailbox; RFC 6851 §3.1: the same for MOVE
Result<CopyArguments> parse_copy(Decoder in) {
    CopyArguments arguments;
    in.space();
    arguments.set = in.sequence_set();
    in.space();
    arguments.mailbox = in.mailbox();
    if (auto end = in.finish(); !end) return Failure(end.error());
    return arguments;
}

struct Transfer {
    std::vector<std::uint32_t> uids;
    OpenPlace target;        // without a mailbox: there is no such one
    bool some_gone = false;  // of those that were named by their numbers
};

task<Result<Transfer>> prepare(Session& session, Command& command) {
    CopyArguments arguments = co_await try_(parse_copy(command.arguments()));
    bool is_uid = (command.row->flags & by_uid) != 0;
    Transfer transfer;
    transfer.uids = co_await try_(
        find_messages(*session.view(), arguments.set, is_uid ? Numbers::uid : Numbers::sequence));
    auto target =
        co_await open_mailbox(session, std::move(arguments.mailbox), store::right::insert);
    if (!target && target.error().code != ErrorCode::not_found) co_return Failure(target.error());
    if (target) transfer.target = std::move(*target);
    const store::Mailbox& source = session.view()->mailbox();
    transfer.some_gone = !is_uid && std::ranges::any_of(transfer.uids, [&](std::uint32_t uid) {
        return !source.find(uid);
    });
    co_return transfer;
}

std::vector<std::uint32_t> uids_in_target(const store::CopyResult& result) {
    std::vector<std::uint32_t> uids;
    for (const store::UidPair& pair : result.messages) uids.push_back(pair.target);
    return uids;
}

Reply messages_gone() {
    return no(code::expunge_issued, "Some of the messages are gone");
}

// RFC 4314 §4: flags that the user may not set there are lost on the way.
task<Result<store::CopyResult>> copy_messages(Session& session, Transfer transfer) {
    std::shared_ptr<store::Mailbox> source = session.view()->shared_mailbox();
    store::FlagSet changeable = store::changeable_flags(transfer.target.place.rights);
    bool is_limited = changeable != store::changeable_flags(store::right::all);
    if (is_limited || transfer.target.place.owner != session.owner()) {
        co_return co_await session.server().store().copy_between(
            std::move(source), std::move(transfer.uids), std::move(transfer.target.mailbox),
            changeable);
    }
    co_return co_await source->copy(std::move(transfer.uids), std::move(transfer.target.mailbox));
}

// The messages are in the target before they leave the source.
task<Result<store::CopyResult>> move_messages(Session& session, Transfer transfer) {
    std::shared_ptr<store::Mailbox> source = session.view()->shared_mailbox();
    store::FlagSet changeable = store::changeable_flags(transfer.target.place.rights);
    bool is_limited = changeable != store::changeable_flags(store::right::all);
    if (is_limited || transfer.target.place.owner != session.owner()) {
        store::CopyResult copied = co_await try_(copy_messages(session, std::move(transfer)));
        std::vector<std::uint32_t> moved;
        for (const store::UidPair& pair : copied.messages) moved.push_back(pair.source);
        co_await try_(source->remove(std::move(moved)));
        co_return copied;
    }
    co_return co_await source->move(std::move(transfer.uids), std::move(transfer.target.mailbox));
}

}  // namespace

task<Result<Reply>> handle_copy(Session& session, Command& command) {
    Transfer transfer = co_await try_(prepare(session, command));
    if (!transfer.target.mailbox) co_return no_such_mailbox();
    if (transfer.uids.empty()) co_return ok("No messages to copy");
    if (transfer.some_gone) co_return messages_gone();
    if (transfer.uids.size() > session.command_messages_max()) {
        co_return over_message_limit(session.command_messages_max());
    }
    OwnMail own(session, transfer.target);
    store::CopyResult result = co_await try_(copy_messages(session, std::move(transfer)));
    own.added(uids_in_target(result));
    co_return ok(code::copy_uid(result), "");
}

// RFC 6851 §4.2: the rights of STORE, COPY and EXPUNGE. §4.3: COPYUID in an untagged OK, before the
// EXPUNGEs; RFC 7162 §3.2: HIGHESTMODSEQ behind the VANISHED.
task<Result<Reply>> handle_move(Session& session, Command& command) {
    Transfer transfer = co_await try_(prepare(session, command));
    if (session.view()->access() == store::Access::read_only) {
        co_return no(code::read_only, "The mailbox is selected read-only");
    }
    if (!transfer.target.mailbox) co_return no_such_mailbox();
    co_await try_(check_selected(session, removing_rights));
    if (transfer.uids.empty()) co_return ok("No messages to move");
    if (transfer.some_gone) co_return messages_gone();
    session.limit_messages(transfer.uids);
    std::shared_ptr<store::Mailbox> source = session.view()->shared_mailbox();
    OwnMail own(session, transfer.target);
    store::CopyResult result = co_await try_(move_messages(session, std::move(transfer)));
    own.added(uids_in_target(result));
    if (!result.messages.empty()) {
        session.out().untagged(Status::ok, code::copy_uid(result), "Moved");
    }
    if (result.messages.empty() || !session.is_enabled(Feature::qresync)) co_return ok();
    co_return ok(code::highest_modseq(source->highest_modseq()), "Moved");
}

}  // namespace postern::imap
