// REPLACE and UID REPLACE: a message in the place of another, as one action: the new one is durable
// before the old one goes. RFC 8508.
#include "imap/append_reader.hpp"
#include "imap/commands.hpp"
#include "imap/messages.hpp"
#include "imap/notifier.hpp"

namespace postern::imap {
namespace {

using engine::task;
using engine::try_;

// replace = "REPLACE" SP seq-number SP …
Result<std::uint32_t> find_replaced(const store::View& view, Decoder& in, Numbers numbers) {
    in.space();
    SequenceRange range{star, star};
    if (!in.take('*')) range.first = range.last = in.nz_number();
    in.space();
    if (!in.ok()) return Failure(in.error());
    SequenceSet set(1, range);
    auto found = find_messages(view, set, numbers);
    if (!found) return Failure(found.error());
    if (found->empty()) return fail_request(ErrorCode::not_found, "no such message");
    return found->front();
}

}  // namespace

// RFC 8508 §4.1: the rights are those of STORE, EXPUNGE and APPEND. §4.3: APPENDUID in an untagged
// OK, before the EXPUNGE.
task<Result<Reply>> handle_replace(Session& session, Command& command) {
    bool is_uid = (command.row->flags & by_uid) != 0;
    AppendReader reader(session, command);
    std::uint32_t replaced = co_await try_(
        find_replaced(*session.view(), reader.in(), is_uid ? Numbers::uid : Numbers::sequence));
    if (session.view()->access() == store::Access::read_only) {
        co_return no(code::read_only, "The mailbox is selected read-only");
    }
    std::string name = co_await try_(reader.mailbox());
    auto opened = co_await open_mailbox(session, std::move(name), store::right::insert);
    if (!opened && opened.error().code == ErrorCode::not_found) co_return no_such_mailbox();
    OpenPlace target = co_await try_(std::move(opened));
    co_await try_(check_selected(session, removing_rights));
    auto read = co_await reader.message(&target);
    if (!read) {
        auto refusal = refusal_of(reader, read.error());
        if (refusal) co_return std::move(*refusal);
        co_return Failure(read.error());
    }
    co_await try_(reader.in().finish());
    OwnMail own(session, target);
    store::AppendResult appended =
        co_await try_(target.mailbox->append(read->message, read->flags, read->internal_date_s));
    own.added(appended.uids);
    session.out().untagged(Status::ok, code::append_uid(appended), "Replacement message ready");
    std::shared_ptr<store::Mailbox> source = session.view()->shared_mailbox();
    std::vector<std::uint32_t> gone(1, replaced);
    gone = co_await try_(source->remove(std::move(gone)));
    if (gone.empty() || !session.is_enabled(Feature::qresync)) co_return ok();
    co_return ok(code::highest_modseq(source->highest_modseq()), "Replaced");
}

}  // namespace postern::imap
