// Lines and literals; see command_reader.hpp.
#include "imap/command_reader.hpp"

#include <algorithm>

#include "imap/command_table.hpp"
#include "imap/limits.hpp"

namespace postern::imap {
namespace {

using engine::task;
using engine::try_;

MonotonicTime piece_deadline(const ReadLimits& limits) {
    return std::min(net::deadline_in(limits.transfer_timeout), limits.latest);
}

Result<void> append_line(Command& command, std::string_view line) {
    std::size_t nul = line.find('\0');
    if (nul != std::string_view::npos) {
        command.text += line.substr(0, std::min(nul, tag_bytes_max + 1));  // the tag is in it
        return fail_syntax("NUL in a command", ErrorCode::forbidden_byte);
    }
    if (command.text.size() + line.size() > command_bytes_max) {
        return fail_syntax("Command too long", ErrorCode::line_too_long);
    }
    command.text += line;
    return {};
}

// RFC 3501 §9: command = tag SP …
Result<void> read_head(Command& command) {
    Decoder in(command.text);
    std::string_view tag = in.tag();
    if (!in.ok()) return in.finish();
    command.tag = tag;
    in.space();
    if (!in.ok() || in.at_end()) return fail_syntax("Missing command");
    std::size_t name_bytes = 0;
    command.row = find_command(std::string_view(command.text).substr(in.position()), name_bytes);
    if (command.row == nullptr) return fail_syntax("Unknown command");
    command.arguments_at = in.position() + name_bytes;
    return {};
}

// The literals of APPEND are read by its handler, as they come.
bool is_streamed(const Command& command) {
    return (command.row->flags & streams_literal) != 0;
}

Result<void> check_literal(const Command& command, const ReadLimits& limits,
                           const LiteralMark& mark, std::size_t literals) {
    if (mark.size_bytes > limits.literal_bytes ||
        mark.size_bytes + command.text.size() > command_bytes_max) {
        return fail_request(ErrorCode::too_big, "literal too big");
    }
    if (literals == command_literals_max) {
        return fail_request(ErrorCode::limit, "too many literals");
    }
    return {};
}

// RFC 3501 §7.5: the continuation request; RFC 7888 §4: none for LITERAL+.
task<Result<void>> read_literal(net::Stream& stream, const ReadLimits* limits, Command& command,
                                const LiteralMark* mark) {
    MonotonicTime deadline = piece_deadline(*limits);
    if (mark->kind == LiteralKind::synchronising) {
        stream.write("+ Go ahead\r\n");
        co_await try_(stream.flush(deadline));
    }
    command.text += '{';
    command.text += std::to_string(mark->size_bytes);
    command.text += "}\r\n";
    std::string bytes = co_await try_(stream.read_exactly(mark->size_bytes, deadline));
    command.text += bytes;
    co_return {};
}

// Takes the mark off the text. True: there was one.
bool take_literal_mark(Command& command) {
    command.pending_literal = find_literal_mark(command.text);
    if (!command.pending_literal) return false;
    command.text.resize(command.text.size() - command.pending_literal->mark_bytes);
    return true;
}

}  // namespace

Result<void> check_unasked(const LiteralMark& mark, const ReadLimits& limits) {
    const bool is_unasked = mark.kind == LiteralKind::non_synchronising;
    if (!is_unasked || mark.size_bytes <= limits.unasked_literal_bytes) return {};
    return fail_syntax("Literal too big to be sent unasked", ErrorCode::too_big);
}

task<Result<void>> await_command(net::Stream& stream, const auth::OpenLogins::Entry& login,
                                 MonotonicTime deadline, Command& command) {
    // Not auth::await_client: an idle session waits here, and one frame less is held.
    bool is_there = false;
    while (!is_there && !login.is_ended()) {
        is_there = co_await try_(stream.wait_input(deadline, engine::WhenDraining::ends));
    }
    if (login.is_ended()) co_return auth::login_ended();
    std::string_view some = co_await try_(stream.read_some(deadline));
    Decoder in(some.substr(0, tag_bytes_max + 1));
    std::string_view tag = in.tag();
    if (in.take(' ')) command.tag = tag;
    co_return {};
}

task<Result<void>> read_command(net::Stream& stream, const ReadLimits* limits, Command& command) {
    Result<void> appended;
    {
        net::Line line = co_await try_(stream.read_line(
            limits->line_bytes, limits->command_deadline, engine::WhenDraining::ends));
        appended = append_line(command, line.text);
    }
    Result<void> head = read_head(command);
    co_await try_(appended);
    for (std::size_t literals = 0; take_literal_mark(command); ++literals) {
        co_await try_(head);
        co_await try_(check_unasked(*command.pending_literal, *limits));
        if (is_streamed(command)) co_return {};
        LiteralMark mark = *command.pending_literal;
        co_await try_(check_literal(command, *limits, mark, literals));
        command.pending_literal.reset();
        co_await try_(read_literal(stream, limits, command, &mark));
        net::Line line =
            co_await try_(stream.read_line(limits->line_bytes, piece_deadline(*limits)));
        std::size_t before = command.text.size();
        co_await try_(append_line(command, line.text));
        // A mark counts only if it stands in the line just read.
        if (find_literal_mark(command.text.substr(before)) == std::nullopt) break;
    }
    co_return head;
}

task<Result<bool>> discard_rest(net::Stream& stream, const ReadLimits* limits, Command& command) {
    std::uint64_t budget = limits->discard_bytes;
    while (command.pending_literal &&
           command.pending_literal->kind == LiteralKind::non_synchronising) {
        std::uint64_t left = command.pending_literal->size_bytes;
        command.pending_literal.reset();
        if (left > budget) co_return false;
        budget -= left;
        while (left > 0) {
            std::string_view some = co_await try_(stream.read_some(piece_deadline(*limits)));
            std::size_t taken = std::size_t(std::min<std::uint64_t>(left, some.size()));
            stream.consume(taken);
            left -= taken;
        }
        net::Line line =
            co_await try_(stream.read_line(limits->line_bytes, piece_deadline(*limits)));
        command.pending_literal = find_literal_mark(line.text);
    }
    command.pending_literal.reset();
    co_return true;
}

}  // namespace postern::imap
