// Messages of APPEND and REPLACE; see append_reader.hpp.
#include "imap/append_reader.hpp"

#include <algorithm>

#include "engine/io.hpp"
#include "imap/limits.hpp"
#include "imap/url_content.hpp"
#include "store/limits.hpp"
#include "store/store.hpp"

namespace postern::imap {
namespace {

using engine::task;
using engine::try_;

constexpr std::size_t copy_piece_bytes = 64 * 1024;

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

// The arguments behind "APPEND", without the mark of the first literal.
std::string arguments_text(const Command& command) {
    return command.text.substr(command.arguments_at);
}

Failure no_such_url() {
    return fail_request(ErrorCode::refused, "bad URL");
}

}  // namespace

// ---- MessageSink
// ----------------------------------------------------------------------------------

task<Result<void>> MessageSink::add(std::string_view bytes) {
    if (bytes.empty()) co_return {};
    if (bytes.find('\0') != std::string_view::npos) {
        co_return fail_syntax("NUL in a message", ErrorCode::forbidden_byte);
    }
    if (incoming_.size_bytes() + bytes.size() > store::message_bytes_max) {
        co_return fail_request(ErrorCode::too_big, "message too big");
    }
    watch_header(bytes);
    auto slices = slices_with_crlf(bytes, last_);
    last_ = bytes.back();
    co_return co_await incoming_.append(std::move(slices));
}

// RFC 6855 §4: whether a header field holds more than ASCII.
void MessageSink::watch_header(std::string_view bytes) {
    for (char c : bytes) {
        if (!in_header_) return;
        if (c == '\n') {
            if (line_is_empty_) in_header_ = false;
            line_is_empty_ = true;
        } else if (c != '\r') {
            line_is_empty_ = false;
            if (static_cast<unsigned char>(c) >= 0x80) has_8bit_header_ = true;
        }
    }
}

task<Result<store::SpooledMessage>> MessageSink::finish() {
    co_return co_await incoming_.finish();
}

// ---- AppendReader
// ---------------------------------------------------------------------------------

AppendReader::AppendReader(Session& session, Command& command)
    : session_(session),
      command_(command),
      line_(arguments_text(command)),
      in_(line_, command.names) {}

// What follows a literal, up to the next one.
task<Result<void>> AppendReader::next_line() {
    net::Line line =
        co_await try_(session_.stream().read_line(command_bytes_max, session_.transfer_deadline()));
    line_ = line.text;
    in_ = Decoder(line_, command_.names);
    lines_bytes_ += line_.size();
    command_.pending_literal = find_literal_mark(line_);
    if (command_.pending_literal) {
        line_.resize(line_.size() - command_.pending_literal->mark_bytes);
        in_ = Decoder(line_, command_.names);
    }
    if (line_.find('\0') != std::string::npos) {
        co_return fail_syntax("NUL in a command", ErrorCode::forbidden_byte);
    }
    if (lines_bytes_ > append_lines_bytes_max) {
        co_return fail_syntax("Command too long", ErrorCode::line_too_long);
    }
    co_return {};
}

// RFC 7888 §4: no continuation for LITERAL+ and LITERAL-.
task<Result<void>> AppendReader::invite(LiteralKind kind) {
    if (kind == LiteralKind::non_synchronising) co_return {};
    session_.out().continuation("Go ahead");
    co_return co_await session_.stream().flush(session_.output_deadline());
}

// An argument that is a literal, as text that a Decoder reads.
task<Result<std::string>> AppendReader::small_literal() {
    LiteralMark mark = *command_.pending_literal;
    co_await try_(check_unasked(mark, session_.read_limits()));
    if (mark.size_bytes > literal_bytes_max) {
        co_return fail_request(ErrorCode::too_big, "literal too big");
    }
    command_.pending_literal.reset();
    co_await try_(invite(mark.kind));
    std::string bytes = co_await try_(
        session_.stream().read_exactly(std::size_t(mark.size_bytes), session_.transfer_deadline()));
    co_await try_(next_line());
    co_return "{" + std::to_string(mark.size_bytes) + "}\r\n" + bytes;
}

task<Result<std::string>> AppendReader::mailbox() {
    if (!at_literal()) {
        std::string name = in_.mailbox();
        if (!in_.ok()) co_return Failure(in_.error());
        co_return name;
    }
    std::string text = co_await try_(small_literal());
    Decoder in(text, command_.names);
    std::string name = in.mailbox();
    co_await try_(in.finish());
    co_return name;
}

// append-message = [SP flag-list] [SP date-time] SP append-data
task<Result<store::NewMail>> AppendReader::message(const OpenPlace* target) {
    store::NewMail message;
    std::vector<std::string> flags;
    target_ = target->mailbox;
    in_.space();
    if (in_.at('(')) {
        flags = in_.flag_list();
        in_.space();
    }
    if (in_.at('"')) {
        message.internal_date_s = in_.date_time().unix_seconds;
        in_.space();
    }
    if (!in_.ok()) co_return Failure(in_.error());
    store::FlagSet changeable = store::changeable_flags(target->place.rights);
    auto unknown =
        changeable.keywords == 0 ? store::UnknownKeywords::ignore : store::UnknownKeywords::create;
    message.flags =
        co_await try_(target->mailbox->resolve_flags(std::move(flags), unknown)) & changeable;
    store::IncomingMessage incoming = co_await try_(session_.server().store().begin_message());
    MessageSink sink(std::move(incoming));
    if (at_literal()) {
        co_await try_(take_literal(&sink));
    } else if (in_.take_word("UTF8")) {
        in_.space();
        co_await try_(take_utf8(&sink));
    } else if (in_.take_word("CATENATE")) {
        in_.space();
        co_await try_(catenate(&sink));
    } else {
        in_.fail(in_.at_end() ? "Message literal expected" : "Unexpected extra arguments");
    }
    if (!in_.ok()) co_return Failure(in_.error());
    co_await try_(check_message(sink));
    message.message = co_await try_(sink.finish());
    co_return message;
}

// RFC 6855 §4: "MUST reject, with a NO response"
Result<void> AppendReader::check_message(const MessageSink& sink) const {
    if (sink.size_bytes() == 0) return fail_request(ErrorCode::refused, "empty message");
    if (sink.has_8bit_header() && session_.name_form() != NameForm::utf8) {
        return fail_request(ErrorCode::unsupported, "UTF-8 in a header");
    }
    return {};
}

task<Result<void>> AppendReader::take_literal(MessageSink* sink) {
    if (!at_literal()) co_return fail_syntax("Message literal expected");
    LiteralMark mark = *command_.pending_literal;
    co_await try_(check_unasked(mark, session_.read_limits()));
    if (mark.size_bytes > store::message_bytes_max - sink->size_bytes()) {
        co_return fail_request(ErrorCode::too_big, "message too big");
    }
    // RFC 3502 §6.3.11: how a client takes a message back
    if (mark.size_bytes == 0) co_return fail_request(ErrorCode::refused, "empty message");
    // RFC 9208 §4.3.1: before the client sends what cannot be kept.
    co_await try_(target_->check_quota(sink->size_bytes() + mark.size_bytes));
    command_.pending_literal.reset();
    co_await try_(invite(mark.kind));
    Result<void> received = co_await try_(receive(mark.size_bytes, sink));
    co_await try_(next_line());
    if (!received && mark.is_binary && received.error().code == ErrorCode::forbidden_byte) {
        co_return fail_request(ErrorCode::unsupported, "binary content");  // RFC 3516 §4.4
    }
    co_return received;
}

// The inner result is what became of the message; the outer one fails when the client is gone.
task<Result<Result<void>>> AppendReader::receive(std::uint64_t size_bytes, MessageSink* sink) {
    net::Stream& stream = session_.stream();
    Result<void> outcome;
    while (size_bytes > 0) {
        std::string_view some = co_await try_(stream.read_some(session_.transfer_deadline()));
        some = some.substr(0, std::size_t(std::min<std::uint64_t>(some.size(), size_bytes)));
        if (outcome) outcome = co_await sink->add(some);
        size_bytes -= some.size();
        stream.consume(some.size());
    }
    co_return outcome;
}

// RFC 6855 §4: utf8-literal = "UTF8" SP "(" literal8 ")"
task<Result<void>> AppendReader::take_utf8(MessageSink* sink) {
    in_.expect('(');
    if (!in_.ok()) co_return Failure(in_.error());
    co_await try_(take_literal(sink));
    in_.expect(')');
    co_return {};
}

// RFC 4469 §5: "CATENATE" SP "(" cat-part *(SP cat-part) ")"
task<Result<void>> AppendReader::catenate(MessageSink* sink) {
    in_.expect('(');
    for (std::size_t parts = 0; in_.ok(); ++parts) {
        if (parts == catenate_parts_max) {
            co_return fail_request(ErrorCode::limit, "too many parts");
        }
        if (in_.take_word("TEXT")) {
            in_.space();
            co_await try_(take_literal(sink));
        } else if (in_.take_word("UTF8")) {
            in_.space();
            co_await try_(take_utf8(sink));
        } else if (in_.take_word("URL")) {
            in_.space();
            co_await try_(take_url(sink));
        } else {
            in_.fail("TEXT or URL expected");
        }
        if (!in_.take(' ')) break;
    }
    in_.expect(')');
    co_return {};
}

task<Result<void>> AppendReader::take_url(MessageSink* sink) {
    std::string text;
    if (at_literal()) {
        std::string literal = co_await try_(small_literal());
        Decoder in(literal);
        text = in.astring();
    } else {
        text = in_.astring();
    }
    if (!in_.ok()) co_return Failure(in_.error());
    auto url = parse_message_url(text);
    Result<void> copied = no_such_url();
    if (url) copied = co_await copy_url(&*url, sink);
    bool is_bad = !copied && (copied.error().code == ErrorCode::refused ||
                              copied.error().code == ErrorCode::not_found);
    if (is_bad) bad_url_ = text;
    co_return copied;
}

// RFC 4469 §3: octets as they are; \Seen is not set.
task<Result<void>> AppendReader::copy_url(const ImapUrl* url, MessageSink* sink) {
    std::shared_ptr<store::Mailbox> mailbox;
    if (!url->mailbox.empty()) {
        OpenPlace open = co_await try_(open_mailbox(session_, url->mailbox, store::right::read));
        mailbox = std::move(open.mailbox);
    } else if (session_.view() != nullptr) {
        mailbox = session_.view()->shared_mailbox();
    }
    if (mailbox == nullptr) co_return no_such_url();
    ImapUrl named = *url;
    UrlContent content = co_await try_(open_url_content(std::move(mailbox), std::move(named)));
    if (content.is_text) co_return co_await sink->add(content.text);
    std::uint64_t left = content.range.size;
    std::uint64_t offset = content.range.offset;
    std::string piece;
    while (left > 0) {
        piece.resize(std::size_t(std::min<std::uint64_t>(left, copy_piece_bytes)));
        std::size_t count = co_await try_(engine::read_at(content.open.file.fd(), piece, offset));
        if (count == 0) co_return no_such_url();
        co_await try_(sink->add(std::string_view(piece).substr(0, count)));
        offset += count;
        left -= count;
    }
    co_return {};
}

std::optional<Reply> refusal_of(const AppendReader& reader, const Error& error) {
    if (reader.bad_url()) {
        // RFC 4469 §5: any TEXT-CHAR except "]"
        std::string url = "\"" + *reader.bad_url() + "\"";
        bool is_plain = std::all_of(url.begin(), url.end(),
                                    [](char c) { return c >= 0x20 && c < 0x7f && c != ']'; });
        return no(is_plain ? "BADURL " + url : "BADURL \"\"", "The URL names nothing here");
    }
    if (error.code != ErrorCode::unsupported) return std::nullopt;
    return no(code::unknown_cte, "The message holds what cannot be kept");
}

}  // namespace postern::imap
