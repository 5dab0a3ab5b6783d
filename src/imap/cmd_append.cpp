// APPEND: messages into a mailbox, all of them or none. RFC 3501 §6.3.11, RFC 3502 (MULTIAPPEND),
// RFC 4315 §3 (UIDPLUS: APPENDUID), RFC 7888 (LITERAL+). How messages are read: append_reader.hpp.
#include "imap/append_reader.hpp"
#include "imap/commands.hpp"
#include "imap/limits.hpp"
#include "imap/listing.hpp"
#include "imap/notifier.hpp"
#include "imap/session.hpp"
#include "store/store.hpp"

namespace postern::imap {
namespace {

using engine::task;
using engine::try_;

// Every message of the command, in the spool.
task<Result<std::vector<store::NewMail>>> read_messages(AppendReader* reader,
                                                        const OpenPlace* target) {
    std::vector<store::NewMail> all;
    do {
        if (all.size() == append_messages_max) {
            co_return fail_request(ErrorCode::limit, "too many messages");
        }
        store::NewMail mail = co_await try_(reader->message(target));
        all.push_back(std::move(mail));
    } while (reader->in().at(' '));
    co_await try_(reader->in().finish());
    co_return all;
}

}  // namespace

task<Result<Reply>> handle_append(Session& session, Command& command) {
    AppendReader reader(session, command);
    reader.in().space();
    std::string name = co_await try_(reader.mailbox());
    auto opened = co_await open_mailbox(session, name, store::right::insert);
    if (!opened && opened.error().code == ErrorCode::not_found) co_return no_such_mailbox();
    OpenPlace target = co_await try_(std::move(opened));
    auto messages = co_await read_messages(&reader, &target);
    if (!messages) {
        auto refusal = refusal_of(reader, messages.error());
        if (refusal) co_return std::move(*refusal);
        co_return Failure(messages.error());
    }
    OwnMail own(session, target);
    auto appended = co_await target.mailbox->append_all(std::move(*messages));
    if (!appended && appended.error().code == ErrorCode::not_found) co_return no_such_mailbox();
    store::AppendResult result = co_await try_(std::move(appended));
    own.added(result.uids);
    if (target.place.owner.empty()) {
        co_await try_(write_new_name(session, std::move(name), target.mailbox->name()));
    }
    co_return ok(code::append_uid(result), "");
}

}  // namespace postern::imap
