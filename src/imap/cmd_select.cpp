// SELECT and EXAMINE. The mailbox selected before is let go first, whatever becomes of the new one.
// RFC 3501 §6.3.1, §6.3.2, §7.1 (PERMANENTFLAGS, UIDNEXT, UIDVALIDITY, UNSEEN).
#include "imap/commands.hpp"
#include "imap/session.hpp"

namespace postern::imap {
namespace {

using engine::task;
using engine::try_;

// The first message without \Seen; 0: all are read.
std::uint32_t first_unseen(const store::View& view) {
    for (std::uint32_t sequence = 1; sequence <= view.size(); ++sequence) {
        auto metadata = view.mailbox().find(view.uid_at(sequence));
        if (metadata && !metadata->flags.has(store::flag::seen)) return sequence;
    }
    return 0;
}

std::vector<std::string> permanent_flags(const store::View& view) {
    if (view.access() == store::Access::read_only) return {};
    std::vector<std::string> names = view.mailbox().all_flag_names();
    if (view.mailbox().may_create_keywords()) names.push_back("\\*");
    return names;
}

void write_mailbox(ResponseWriter out, const store::View& view) {
    store::MailboxStatus status = view.mailbox().status();
    out.flags(view.mailbox().all_flag_names());
    out.exists(view.size());
    out.recent(view.recent_count());
    if (std::uint32_t unseen = status.unseen > 0 ? first_unseen(view) : 0; unseen > 0) {
        out.untagged(Status::ok, code::number("UNSEEN", unseen), "First unseen message");
    }
    out.untagged(Status::ok, code::permanent_flags(permanent_flags(view)), "Flags that are kept");
    out.untagged(Status::ok, code::number("UIDNEXT", status.uid_next), "Predicted next UID");
    out.untagged(Status::ok, code::number("UIDVALIDITY", status.uid_validity), "UIDs valid");
}

}  // namespace

task<Result<Reply>> handle_select(Session& session, Command& command) {
    Decoder in = command.arguments();
    in.space();
    std::string name = in.mailbox();
    co_await try_(in.finish());
    session.deselect();
    bool is_examine = (command.row->flags & read_only) != 0;
    auto mailbox = co_await try_(session.account().open(std::move(name)));
    co_await try_(mailbox->refresh());
    auto view = std::make_unique<store::View>(
        std::move(mailbox), is_examine ? store::Access::read_only : store::Access::read_write);
    write_mailbox(session.out(), *view);
    session.select(std::move(view));
    std::string_view access = is_examine ? code::read_only : code::read_write;
    co_return ok(Code{std::string(access)}, "");
}

}  // namespace postern::imap
