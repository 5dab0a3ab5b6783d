// RETR: a message as it is stored. Where its facts say that nothing needs stuffing, the file goes
// to the socket as it lies.
#include "base/ascii.hpp"
#include "pop3/session.hpp"
#include "pop3/surrogate.hpp"
#include "timeline/recorder.hpp"

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
    auto surrogate = co_await make_surrogate(&*item, &*message, *facts);
    if (!surrogate) co_return reply_to_failure(surrogate.error());
    send(ok("# octets", *surrogate ? (*surrogate)->sent_bytes : item->size_bytes));
    ++server_.counters().messages_sent;
    const bool goes_as_it_is = !facts->has_dot_line && facts->clean_crlf && !*surrogate;
    if (goes_as_it_is) {
        co_await try_(send_whole(&*message));
    } else {
        co_await try_(send_stuffed(&*message, std::nullopt, std::move(*surrogate)));
    }
    note_read(*item);
    drop_->note_retrieved(*item);
    co_return Reply{};
}

// For the message's timeline, once.
void Session::note_read(const store::Drop::Item& item) {
    timeline::Recorder* recorder = server_.settings().recorder;
    const auto metadata = recorder == nullptr ? std::nullopt : drop_->find(item);
    if (!metadata || metadata->email_id == 0 || metadata->flags.has(store::flag::seen) ||
        !recorder->is_first_look(metadata->email_id, metadata->saved_s)) {
        return;
    }
    using timeline::Tag;
    recorder->note(timeline::Kind::read, {metadata->email_id},
                   {{Tag::user, user_name_},
                    {Tag::mailbox, "INBOX"},
                    {Tag::protocol, "POP3"},
                    {Tag::peer, stream_.peer_address()}});
}

// RFC 6856 §2.1: a header section beyond ASCII only for who has said UTF8.
task<Result<std::optional<Session::Surrogate>>> Session::make_surrogate(
    const store::Drop::Item* item, const store::OpenMessage* message, store::FactsBrief facts) {
    std::optional<Surrogate> surrogate;
    const bool fits = facts.header_size <= surrogate_header_bytes_max;
    if (utf8_ == Utf8Mode::on || !facts.has_8bit || !fits) co_return surrogate;
    std::string header(facts.header_size, '\0');
    const std::size_t bytes = co_await try_(engine::read_at(message->file.fd(), header, 0));
    header.resize(bytes);
    if (!has_8bit(header)) co_return surrogate;
    surrogate.emplace();
    surrogate->header = make_surrogate_header(header);
    surrogate->replaces_bytes = header.size();
    surrogate->sent_bytes = item->size_bytes - header.size() + surrogate->header.size();
    if (header.size() == message->size_bytes) {  // no body: the header ends it
        const bool unfinished = !surrogate->header.ends_with("\r\n");
        surrogate->sent_bytes = surrogate->header.size() + (unfinished ? 2 : 0);
    }
    co_return surrogate;
}

// What cannot be read now is announced as it lies; RETR says what is wrong.
task<Result<std::optional<Session::Surrogate>>> Session::find_surrogate(store::Drop::Item item) {
    const auto facts = co_await try_(drop_->facts(item));
    const auto message = co_await try_(drop_->open_message(item));
    co_return co_await make_surrogate(&item, &message, facts);
}

// RFC 6856 §2.1: LIST says of a surrogate what RETR sends. Few messages have one.
task<void> Session::measure_surrogates() {
    const auto& items = drop_->items();
    for (std::size_t i = 0; i < items.size(); ++i) {
        if (utf8_ == Utf8Mode::on || !items[i].has_8bit_header) continue;
        const auto surrogate = co_await find_surrogate(items[i]);
        if (surrogate && *surrogate) surrogate_bytes_[i] = (*surrogate)->sent_bytes;
    }
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
                                         std::optional<TopCut> cut,
                                         std::optional<Surrogate> surrogate) {
    DotStuffer stuffer;
    std::string piece;
    std::string out;
    std::uint64_t offset = 0;
    if (surrogate) {
        stuffer.stuff(surrogate->header, out);
        stream_.write(out);
        offset = surrogate->replaces_bytes;
    }
    while (offset < message->size_bytes) {
        piece.resize(std::min<std::uint64_t>(read_piece_bytes, message->size_bytes - offset));
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
