// CLOSE, UNSELECT, EXPUNGE and UID EXPUNGE: leaving a mailbox, and removing what is \Deleted.
// RFC 3501 §6.4.2, §6.4.3, RFC 3691 (UNSELECT), RFC 4315 §2.1 (UIDPLUS: UID EXPUNGE), RFC 7162
// §3.2.7 to §3.2.9 (HIGHESTMODSEQ).
#include "imap/access.hpp"
#include "imap/commands.hpp"
#include "imap/messages.hpp"
#include "imap/session.hpp"

namespace postern::imap {
namespace {

using engine::task;
using engine::try_;

Reply mailbox_is_read_only() {
    return no(code::read_only, "The mailbox is selected read-only");
}

bool is_deleted(const store::Mailbox& mailbox, std::uint32_t uid) {
    const auto metadata = mailbox.find(uid);
    return metadata && metadata->flags.has(store::flag::deleted);
}

// RFC 7162 §3.2.7, §3.2.9: the new mod-sequence, which counts once the VANISHED before it is read.
Reply expunged(Session& session, const std::vector<std::uint32_t>& removed) {
    if (removed.empty() || !session.is_enabled(Feature::qresync)) return ok();
    return ok(code::highest_modseq(session.view()->mailbox().highest_modseq()), "Expunged");
}

}  // namespace

// RFC 3501 §6.4.2: removes what is \Deleted without a word, then deselects. RFC 4314 §4: nothing is
// removed without the right to.
task<Result<Reply>> handle_close(Session& session, Command& command) {
    co_await try_(command.arguments().finish());
    store::View& view = *session.view();
    std::shared_ptr<store::Mailbox> mailbox = view.shared_mailbox();
    bool may_expunge = view.access() == store::Access::read_write && !mailbox->is_gone() &&
                       (session.rights() & store::right::expunge) != 0;
    std::vector<std::uint32_t> uids = view.uids();
    session.deselect();
    if (may_expunge) co_await try_(mailbox->expunge(std::move(uids)));
    co_return ok();
}

task<Result<Reply>> handle_unselect(Session& session, Command& command) {
    co_await try_(command.arguments().finish());
    session.deselect();
    co_return ok();
}

task<Result<Reply>> handle_expunge(Session& session, Command& command) {
    co_await try_(command.arguments().finish());
    if (session.view()->access() == store::Access::read_only) co_return mailbox_is_read_only();
    co_await try_(check_selected(session, store::right::expunge));
    std::shared_ptr<store::Mailbox> mailbox = session.view()->shared_mailbox();
    std::vector<std::uint32_t> uids = session.view()->uids();
    std::vector<std::uint32_t> removed = co_await try_(mailbox->expunge(std::move(uids)));
    co_return expunged(session, removed);
}

task<Result<Reply>> handle_uid_expunge(Session& session, Command& command) {
    Decoder in = command.arguments();
    in.space();
    SequenceSet set = in.sequence_set();
    co_await try_(in.finish());
    if (session.view()->access() == store::Access::read_only) co_return mailbox_is_read_only();
    co_await try_(check_selected(session, store::right::expunge));
    std::shared_ptr<store::Mailbox> mailbox = session.view()->shared_mailbox();
    std::vector<std::uint32_t> uids =
        co_await try_(find_messages(*session.view(), set, Numbers::uid));
    if (uids.size() > session.command_messages_max()) {
        std::erase_if(uids, [&](std::uint32_t uid) { return !is_deleted(*mailbox, uid); });
        session.limit_messages(uids);
    }
    std::vector<std::uint32_t> removed = co_await try_(mailbox->expunge(std::move(uids)));
    co_return expunged(session, removed);
}

}  // namespace postern::imap
