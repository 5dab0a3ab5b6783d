// UIDBATCHES: ranges of UIDs that each hold as many messages as the client asks for, the newest
// first, so that it can go through a large mailbox in pieces. draft-ietf-mailmaint-imap-uidbatches
// §3.1.
#include "imap/commands.hpp"
#include "imap/limits.hpp"
#include "imap/session.hpp"
#include "message/imap_format.hpp"

namespace postern::imap {
namespace {

using engine::task;
using engine::try_;

struct BatchesArguments {
    std::uint32_t messages = 0;  // of a batch
    std::uint32_t first = 1;     // batches, the newest is 1
    std::uint32_t last = UINT32_MAX;
    bool has_range = false;
};

// uidbatches = "UIDBATCHES" SP nz-number [SP nz-number ":" nz-number]
Result<BatchesArguments> parse_batches(Decoder in) {
    BatchesArguments arguments;
    in.space();
    arguments.messages = in.nz_number();
    if (in.take(' ')) {
        arguments.has_range = true;
        arguments.first = in.nz_number();
        in.expect(':');
        arguments.last = in.nz_number();
    }
    if (auto end = in.finish(); !end) return Failure(end.error());
    return arguments;
}

// They lie side by side and reach from the last message's UID down to 1: a UID in between that is
// gone belongs to one of them too.
std::string format_batches(const std::vector<std::uint32_t>& uids,
                           const BatchesArguments& arguments) {
    std::string text;
    std::uint32_t high = uids.empty() ? 0 : uids.back();
    std::size_t left = uids.size();
    for (std::uint32_t batch = 1; left > 0 && batch <= arguments.last; ++batch) {
        left -= std::min<std::size_t>(left, arguments.messages);
        const std::uint32_t low = left == 0 ? 1 : uids[left];
        if (batch >= arguments.first) {
            text += text.empty() ? ' ' : ',';
            text += std::to_string(high) + ':' + std::to_string(low);
        }
        high = low - 1;
    }
    return text;
}

}  // namespace

task<Result<Reply>> handle_uidbatches(Session& session, Command& command) {
    BatchesArguments arguments = co_await try_(parse_batches(command.arguments()));
    if (arguments.first > arguments.last) {
        co_return Reply{
            Status::bad, {std::string(code::client_bug)}, "First batch behind the last"};
    }
    if (arguments.messages < uid_batch_messages_min) {
        co_return no(code::too_few, "Batches must be larger");
    }
    const std::uint64_t batches = std::uint64_t(arguments.last) - arguments.first + 1;
    if (arguments.has_range && batches * arguments.messages > uid_batches_messages_max) {
        co_return no(code::too_many, "Too many messages in these batches");
    }
    session.out().line("UIDBATCHES (TAG " + message::format_string(command.tag) + ")" +
                       format_batches(session.view()->uids(), arguments));
    co_return ok();
}

}  // namespace postern::imap
