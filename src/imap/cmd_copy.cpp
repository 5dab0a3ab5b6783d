// COPY, MOVE and their UID forms: all messages or none. RFC 3501 §6.4.7 (COPY), RFC 6851 (MOVE),
// RFC 4315 §3 (UIDPLUS: COPYUID).
#include "imap/commands.hpp"
#include "imap/messages.hpp"
#include "imap/notifier.hpp"
#include "imap/session.hpp"

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
    std::shared_ptr<store::Mailbox> target;  // null: there is no such mailbox
};

task<Result<Transfer>> prepare(Session& session, Command& command) {
    CopyArguments arguments = co_await try_(parse_copy(command.arguments()));
    bool is_uid = (command.row->flags & by_uid) != 0;
    Transfer transfer;
    transfer.uids = co_await try_(
        find_messages(*session.view(), arguments.set, is_uid ? Numbers::uid : Numbers::sequence));
    auto target = co_await session.account().open(std::move(arguments.mailbox));
    if (!target && target.error().code != ErrorCode::not_found) co_return Failure(target.error());
    if (target) transfer.target = std::move(*target);
    co_return transfer;
}

std::vector<std::uint32_t> uids_in_target(const store::CopyResult& result) {
    std::vector<std::uint32_t> uids;
    for (const store::UidPair& pair : result.messages) uids.push_back(pair.target);
    return uids;
}

}  // namespace

task<Result<Reply>> handle_copy(Session& session, Command& command) {
    Transfer transfer = co_await try_(prepare(session, command));
    if (!transfer.target) co_return no_such_mailbox();
    if (transfer.uids.empty()) co_return ok("No messages to copy");
    if (transfer.uids.size() > session.command_messages_max()) {
        co_return over_message_limit(session.command_messages_max());
    }
    std::shared_ptr<store::Mailbox> source = session.view()->shared_mailbox();
    OwnMail own(session, *transfer.target);
    store::CopyResult result =
        co_await try_(source->copy(std::move(transfer.uids), transfer.target));
    own.added(uids_in_target(result));
    co_return ok(code::copy_uid(result), "");
}

// RFC 6851 §4.3: COPYUID in an untagged OK, before the EXPUNGEs; RFC 7162 §3.2: HIGHESTMODSEQ
// behind the VANISHED.
task<Result<Reply>> handle_move(Session& session, Command& command) {
    Transfer transfer = co_await try_(prepare(session, command));
    if (session.view()->access() == store::Access::read_only) {
        co_return no(code::read_only, "The mailbox is selected read-only");
    }
    if (!transfer.target) co_return no_such_mailbox();
    if (transfer.uids.empty()) co_return ok("No messages to move");
    session.limit_messages(transfer.uids);
    std::shared_ptr<store::Mailbox> source = session.view()->shared_mailbox();
    OwnMail own(session, *transfer.target);
    store::CopyResult result =
        co_await try_(source->move(std::move(transfer.uids), transfer.target));
    own.added(uids_in_target(result));
    if (!result.messages.empty()) {
        session.out().untagged(Status::ok, code::copy_uid(result), "Moved");
    }
    if (result.messages.empty() || !session.is_enabled(Feature::qresync)) co_return ok();
    co_return ok(code::highest_modseq(source->highest_modseq()), "Moved");
}

}  // namespace postern::imap
