// APPEND: the message goes from the receive buffers into the spool as it comes; nothing of it is
// kept in memory. Line ends become CRLF, as the store wants them; a NUL is refused. Whatever goes
// wrong, the announced bytes are read to their end, so that client and server stay in step.
// RFC 3501 §6.3.11, RFC 4315 §3 (UIDPLUS: APPENDUID), RFC 7888 (LITERAL+).
#include <algorithm>

#include "imap/commands.hpp"
#include "imap/limits.hpp"
#include "imap/session.hpp"
#include "store/limits.hpp"
#include "store/store.hpp"

namespace postern::imap {
namespace {

using engine::task;
using engine::try_;

struct AppendArguments {
    std::string mailbox;
    std::vector<std::string> flags;
    std::optional<std::int64_t> internal_date_s;
};

// append = "APPEND" SP mailbox [SP flag-list] [SP date-time] SP literal; the literal's mark is
// taken off already.
Result<AppendArguments> parse_append(Decoder in) {
    AppendArguments arguments;
    in.space();
    arguments.mailbox = in.mailbox();
    in.space();
    if (in.at('(')) {
        arguments.flags = in.flag_list();
        in.space();
    }
    if (in.at('"')) {
        arguments.internal_date_s = in.date_time().unix_seconds;
        in.space();
    }
    if (auto end = in.finish(); !end) return Failure(end.error());
    return arguments;
}

Result<void> check_append(const Command& command) {
    if (!command.pending_literal) return fail_syntax("Message literal expected");
    if (command.pending_literal->size_bytes > store::message_bytes_max) {
        return fail_request(ErrorCode::too_big, "message too big");
    }
    if (command.pending_literal->size_bytes == 0) {
        return fail_request(ErrorCode::refused, "empty message");
    }
    return {};
}

// Cuts `bytes` so that every LF is preceded by CR. `last` is the byte before `bytes`.
std::vector<std::string_view> slices_with_crlf(std::string_view bytes, char last) {
    std::vector<std::string_view> slices;
    std::size_t start = 0;
    for (std::size_t at = bytes.find('\n'); at != std::string_view::npos;
         at = bytes.find('\n', at + 1)) {
        if ((at > 0 ? bytes[at - 1] : last) == '\r') continue;
        slices.push_back(bytes.substr(start, at - start));
        slices.push_back("\r\n");
        start = at + 1;
    }
    slices.push_back(bytes.substr(start));
    return slices;
}

// Takes the literal off the stream, `size_bytes` of it, into `incoming`. The inner result is what
// became of the message; the outer one fails only when the client is gone.
task<Result<Result<void>>> receive_message(Session& session, std::uint64_t size_bytes,
                                           store::IncomingMessage& incoming) {
    net::Stream& stream = session.stream();
    Result<void> outcome;
    char last = '\0';
    while (size_bytes > 0) {
        std::string_view some = co_await try_(stream.read_some(session.transfer_deadline()));
        some = some.substr(0, std::size_t(std::min<std::uint64_t>(some.size(), size_bytes)));
        if (outcome && some.find('\0') != std::string_view::npos) {
            outcome = fail_syntax("NUL in a message", ErrorCode::forbidden_byte);
        }
        if (outcome) {
            auto slices = slices_with_crlf(some, last);
            outcome = co_await incoming.append(std::move(slices));
        }
        last = some.back();
        size_bytes -= some.size();
        stream.consume(some.size());
    }
    co_return outcome;
}

// RFC 7888 §4: no continuation for LITERAL+.
task<Result<void>> invite(Session& session, LiteralKind kind) {
    if (kind == LiteralKind::non_synchronising) co_return {};
    session.out().continuation("Go ahead");
    co_return co_await session.stream().flush(session.output_deadline());
}

}  // namespace

task<Result<Reply>> handle_append(Session& session, Command& command) {
    AppendArguments arguments = co_await try_(parse_append(command.arguments()));
    co_await try_(check_append(command));
    auto opened = co_await session.account().open(arguments.mailbox);
    if (!opened && opened.error().code == ErrorCode::not_found) co_return no_such_mailbox();
    std::shared_ptr<store::Mailbox> mailbox = co_await try_(std::move(opened));
    store::FlagSet flags = co_await try_(
        mailbox->resolve_flags(std::move(arguments.flags), store::UnknownKeywords::create));
    store::IncomingMessage incoming = co_await try_(session.server().store().begin_message());

    LiteralMark literal = *command.pending_literal;
    command.pending_literal.reset();
    co_await try_(invite(session, literal.kind));
    Result<void> received = co_await try_(receive_message(session, literal.size_bytes, incoming));
    net::Line rest =
        co_await try_(session.stream().read_line(command_bytes_max, session.transfer_deadline()));
    bool is_complete = rest.text.empty();
    co_await try_(received);
    if (!is_complete) co_return bad("Unexpected text after the message");

    store::SpooledMessage message = co_await try_(incoming.finish());
    auto appended = co_await mailbox->append(message, flags, arguments.internal_date_s);
    if (!appended && appended.error().code == ErrorCode::not_found) co_return no_such_mailbox();
    store::AppendResult result = co_await try_(std::move(appended));
    co_return ok(code::append_uid(result), "");
}

}  // namespace postern::imap
