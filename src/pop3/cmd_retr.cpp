// RETR: a message as it is stored. Where its facts say that nothing needs stuffing, the file goes
// to the socket as it lies.
#include "message/facts.hpp"
#include "pop3/session.hpp"

namespace postern::pop3 {

using engine::task;
using engine::try_;
using net::deadline_in;

// RFC 1939 §5 (RETR)
task<Result<Reply>> Session::handle_retr(std::string_view arguments) {
    const auto item = find_message(arguments);
    if (!item) co_return item.error();
    const auto facts = co_await drop_->facts(*item);
    if (!facts) co_return reply_to_failure(facts.error());
    const auto message = co_await drop_->open_message(*item);
    if (!message) co_return reply_to_failure(message.error());
    send(ok(std::to_string(message->size_bytes) + " octets"));
    ++server_.counters().messages_sent;
    const bool goes_as_it_is = !(*facts)->has_dot_line && (*facts)->clean_crlf;
    if (goes_as_it_is) {
        co_await try_(send_whole(&*message));
    } else {
        co_await try_(send_stuffed(&*message, std::nullopt));
    }
    co_return Reply{};
}

task<Result<void>> Session::send_whole(const store::OpenMessage* message) {
    const auto deadline = deadline_in(server_.limits().reply_timeout);
    co_await try_(stream_.send_file(message->file.fd(), 0, message->size_bytes, deadline));
    stream_.write(".\r\n");
    co_return {};
}

// In pieces, so that memory is bounded. Once the answer has begun there is no way to say that it
// fails: the connection ends, and the client sees that the last line is missing.
task<Result<void>> Session::send_stuffed(const store::OpenMessage* message,
                                         std::optional<TopCut> cut) {
    DotStuffer stuffer;
    std::string piece;
    std::string out;
    for (std::uint64_t offset = 0; offset < message->size_bytes;) {
        piece.resize(read_piece_bytes);
        const std::size_t bytes = co_await try_(engine::read_at(message->file.fd(), piece, offset));
        if (bytes == 0)
            co_return fail_internal(ErrorCode::corrupt, "message shorter than its size");
        offset += bytes;
        std::string_view text(piece.data(), bytes);
        if (cut) text = text.substr(0, cut->take(text));
        out.clear();
        stuffer.stuff(text, out);
        stream_.write(out);
        co_await try_(stream_.flush_if_full(deadline_in(server_.limits().reply_timeout)));
        if (cut && cut->is_complete()) break;
    }
    out.clear();
    stuffer.finish(out);
    stream_.write(out);
    co_return {};
}

}  // namespace postern::pop3
