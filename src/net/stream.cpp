// Streams over a Receiver and, for TLS, a SecureLayer; see stream.hpp. The state of a stream:
//
//   receiver   raw bytes as they arrive            secure   the TLS machine, or none
//   plain      decrypted bytes not read yet        output   plaintext not sent yet
//   line       a line that lay in several buffers  held     bytes of the last view, consumed
//   fed        raw bytes the TLS machine reads              at the next call
//              where they lie, consumed when it is done with them
//
// Long for a reason: every part of a stream works on that one state.
#include "net/stream.hpp"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cassert>
#include <cerrno>
#include <cstring>
#include <utility>

#include "engine/io.hpp"
#include "engine/shard.hpp"
#include "net/receiver.hpp"
#include "net/release_memory.hpp"

namespace postern::net {

using engine::Shard;
using engine::task;
using engine::try_;
using engine::WhenDraining;

struct Stream::State {
    Receiver* receiver = nullptr;
    std::unique_ptr<SecureLayer> secure;
    std::string peer_address;
    std::string plain;
    std::string line;
    std::string output;
    Duration output_timeout;  // 0: sending may take as long as the read that waits for it
    std::uint32_t plain_begin = 0;
    std::uint32_t held = 0;
    std::uint32_t fed = 0;
    std::uint16_t local_port = 0;
    bool skipping_line = false;
    bool layer_holds_input = false;  // it may: what it was fed has been copied into it
    AddressShare address_share;

    State(int fd, std::string peer, std::uint16_t port)
        : receiver(new Receiver(fd)), peer_address(std::move(peer)), local_port(port) {}
    State(const State&) = delete;
    State& operator=(const State&) = delete;
    ~State() {
        if (receiver != nullptr) receiver->abandon();
    }

    // The readable bytes that come next.
    std::string_view window() const {
        if (secure == nullptr) return receiver->window();
        return std::string_view(plain).substr(plain_begin);
    }

    void consume(std::size_t bytes) {
        if (secure == nullptr) {
            receiver->consume(bytes);
            return;
        }
        plain_begin += std::uint32_t(bytes);
        assert(plain_begin <= plain.size());
        if (plain_begin == plain.size()) {
            release_memory(plain);
            plain_begin = 0;
        }
    }

    MonotonicTime output_deadline(MonotonicTime deadline) const {
        if (output_timeout == Duration{}) return deadline;
        return std::min(deadline, deadline_in(output_timeout));
    }

    // What the last call returned has been looked at: its buffers may go.
    void release_view() {
        consume(std::exchange(held, 0));
        if (!line.empty()) release_memory(line);
    }

    // The TLS machine has used up the view it was given: its buffer may go.
    void release_fed() {
        if (fed == 0) return;
        secure->keep_input();
        receiver->consume(std::exchange(fed, 0));
    }

    // Gives the TLS machine the next view. False: nothing more is here.
    bool feed_next() {
        release_fed();
        std::string_view raw = receiver->window();
        if (raw.empty()) return false;
        secure->feed(raw);
        fed = std::uint32_t(raw.size());
        return true;
    }

    // Decrypts until there is something to read or nothing more can be had without the peer.
    Result<void> decrypt() {
        assert(plain.empty());
        plain.resize(plaintext_piece_bytes);
        Result<std::size_t> count = secure->read(plain);
        while (count && *count == 0 && feed_next()) count = secure->read(plain);
        if (!count || *count == 0) {
            layer_holds_input = false;
            release_memory(plain);
            if (!count) return Failure(count.error());
            return {};
        }
        plain.resize(*count);
        if (*count < plaintext_piece_bytes / 4) plain.shrink_to_fit();
        return {};
    }

    task<Result<void>> send_raw(std::string_view bytes, MonotonicTime deadline);
    task<Result<void>> send_ciphertext(MonotonicTime deadline);
    task<void> wait_for_buffers();
    task<Result<void>> wait_raw(MonotonicTime deadline, WhenDraining when);
    task<Result<void>> fill(MonotonicTime deadline, WhenDraining when);
    task<Result<void>> skip_line(MonotonicTime deadline);
    task<Result<void>> flush(MonotonicTime deadline);
    task<Result<void>> handshake(MonotonicTime deadline);
    task<Result<void>> send_file_pieces(int file, std::uint64_t offset, std::uint64_t length,
                                        MonotonicTime deadline);
    task<Result<void>> splice_file(int file, std::uint64_t offset, std::uint64_t length,
                                   std::array<int, 2> pipe, MonotonicTime deadline);
    task<void> wait_for_end(MonotonicTime deadline);
};

MonotonicTime deadline_in(Duration duration) {
    return Shard::current().now() + duration;
}

Stream::Stream(int fd, std::string peer_address, std::uint16_t local_port)
    : state_(std::make_unique<State>(fd, std::move(peer_address), local_port)) {}

Stream::Stream(DetachedStream detached)
    : state_(std::make_unique<State>(detached.fd, std::move(detached.peer_address),
                                     detached.local_port)) {
    state_->receiver->prepend(std::move(detached.received));
    state_->plain = std::move(detached.plaintext);
    state_->secure = std::move(detached.secure);
    state_->layer_holds_input = state_->secure != nullptr;
    state_->address_share = std::move(detached.address_share);
}

Stream::Stream(Stream&& other) noexcept = default;
Stream::~Stream() = default;

const std::string& Stream::peer_address() const {
    return state_->peer_address;
}
std::uint16_t Stream::local_port() const {
    return state_->local_port;
}
SecureLayer* Stream::secure() const {
    return state_->secure.get();
}
void Stream::keep(AddressShare share) {
    state_->address_share = std::move(share);
}
engine::Event& Stream::wake_event() {
    return state_->receiver->event();
}

// ---- input --------------------------------------------------------------------------------------

// Apart from wait_raw, whose frame every idle stream holds.
task<void> Stream::State::wait_for_buffers() {
    co_await engine::sleep_until(Shard::current().now() + buffer_retry_delay);
}

// Waits until more raw bytes (or the end) have come, or somebody set the wake event.
task<Result<void>> Stream::State::wait_raw(MonotonicTime deadline, WhenDraining when) {
    if (receiver->ended()) co_return Failure(receiver->end_error());
    if (!receiver->armed()) {
        if (receiver->starved()) co_await wait_for_buffers();
        receiver->arm();
    }
    co_await try_(receiver->event().wait(deadline, when));
    co_return {};
}

// Leaves at least one byte in the window. Never waits with output unsent: the peer may be waiting
// for it, having sent only half of its next line.
task<Result<void>> Stream::State::fill(MonotonicTime deadline, WhenDraining when) {
    while (window().empty()) {
        if (secure != nullptr) {
            auto decrypted = decrypt();
            const bool must_send = !secure->output().empty() && !secure->output_can_wait();
            if (must_send) co_await try_(send_ciphertext(deadline));
            if (!decrypted) co_return Failure(decrypted.error());
            if (!window().empty()) break;
        }
        if (!output.empty()) co_await try_(flush(output_deadline(deadline)));
        // What came while this was sending counts, even if the peer has hung up since.
        if (receiver->ended() && !receiver->window().empty()) continue;
        co_await try_(wait_raw(deadline, when));
    }
    co_return {};
}

task<Result<void>> Stream::State::skip_line(MonotonicTime deadline) {
    while (skipping_line) {
        co_await try_(fill(deadline, WhenDraining::goes_on));
        std::string_view text = window();
        std::size_t end = text.find('\n');
        skipping_line = end == std::string_view::npos;
        consume(skipping_line ? text.size() : end + 1);
    }
    co_return {};
}

task<Result<Line>> Stream::read_line(std::size_t bytes_max, MonotonicTime deadline,
                                     WhenDraining when) {
    State& s = *state_;
    s.release_view();
    if (s.skipping_line) co_await try_(s.skip_line(deadline));
    std::string_view text;
    for (;;) {
        if (s.window().empty()) {
            co_await try_(s.fill(deadline, s.line.empty() ? when : WhenDraining::goes_on));
        }
        std::string_view window = s.window();
        std::size_t end = window.find('\n');
        bool whole = end != std::string_view::npos;
        std::size_t bytes = whole ? end + 1 : window.size();
        if (s.line.size() + bytes > bytes_max) {
            s.skipping_line = !whole;
            s.consume(bytes);
            release_memory(s.line);
            co_return fail_syntax("line too long", ErrorCode::line_too_long);
        }
        if (whole && s.line.empty()) {
            text = window.substr(0, bytes);
            s.held = std::uint32_t(bytes);
            break;
        }
        s.line += window.substr(0, bytes);
        s.consume(bytes);
        if (whole) {
            text = s.line;
            break;
        }
    }
    text.remove_suffix(1);
    Line line{text, LineEnding::bare_lf};
    if (text.ends_with('\r')) {
        line.text.remove_suffix(1);
        line.ending = LineEnding::crlf;
    }
    co_return line;
}

task<Result<std::string_view>> Stream::read_some(MonotonicTime deadline, WhenDraining when) {
    State& s = *state_;
    s.release_view();
    if (s.skipping_line) co_await try_(s.skip_line(deadline));
    co_await try_(s.fill(deadline, when));
    co_return s.window();
}

void Stream::consume(std::size_t bytes) {
    state_->consume(bytes);
}

task<Result<std::string>> Stream::read_exactly(std::size_t bytes, MonotonicTime deadline) {
    State& s = *state_;
    s.release_view();
    std::string text;
    text.reserve(bytes);
    while (text.size() < bytes) {
        co_await try_(s.fill(deadline, WhenDraining::goes_on));
        std::string_view piece = s.window().substr(0, bytes - text.size());
        text += piece;
        s.consume(piece.size());
    }
    co_return text;
}

bool Stream::has_input() {
    State& s = *state_;
    if (s.window().size() > s.held || s.receiver->ended()) return true;
    // Ciphertext that is here may or may not hold a whole record: decrypting tells. A view given
    // out must stay, so that is tried only when all plaintext has been read.
    if (s.secure == nullptr || !s.plain.empty()) return false;
    if (s.receiver->window().empty() && !s.layer_holds_input) return false;
    return !s.decrypt() || !s.window().empty();
}

task<Result<bool>> Stream::wait_input(MonotonicTime deadline, WhenDraining when) {
    state_->release_view();
    if (has_input()) co_return true;
    if (!state_->output.empty()) {
        co_await try_(state_->flush(state_->output_deadline(deadline)));
        if (has_input()) co_return true;
    }
    co_await try_(state_->wait_raw(deadline, when));
    co_return has_input();
}

// ---- output -------------------------------------------------------------------------------------

void Stream::set_output_timeout(Duration timeout) {
    state_->output_timeout = timeout;
}

void Stream::write(std::string_view text) {
    state_->output += text;
}
std::size_t Stream::buffered_output() const {
    return state_->output.size();
}

task<Result<void>> Stream::State::send_raw(std::string_view bytes, MonotonicTime deadline) {
    while (!bytes.empty()) {
        engine::Submit op(engine::OpCode::send, "send", deadline);
        op.fd = receiver->descriptor();
        op.data = bytes.data();
        op.length = bytes.size();
        auto count = co_await std::move(op);
        if (!count) {
            Error error = count.error();
            error.kind = ErrorKind::gone;
            co_return Failure(error);
        }
        if (*count == 0) co_return fail_gone(ErrorCode::reset, "send");
        bytes.remove_prefix(std::size_t(*count));
    }
    co_return {};
}

task<Result<void>> Stream::State::send_ciphertext(MonotonicTime deadline) {
    for (auto bytes = secure->output(); !bytes.empty(); bytes = secure->output()) {
        co_await try_(send_raw(bytes, deadline));
        secure->consume_output(bytes.size());
    }
    co_return {};
}

task<Result<void>> Stream::State::flush(MonotonicTime deadline) {
    if (output.empty()) co_return {};
    if (secure != nullptr) {
        std::string_view rest = output;
        while (!rest.empty()) {
            rest.remove_prefix(co_await try_(secure->write(rest)));
            co_await try_(send_ciphertext(deadline));
        }
        release_memory(output);
        co_return {};
    }
    co_await try_(send_raw(output, deadline));
    release_memory(output);
    co_return {};
}

task<Result<void>> Stream::flush(MonotonicTime deadline) {
    return state_->flush(deadline);
}

task<Result<void>> Stream::flush_if_full(MonotonicTime deadline) {
    if (state_->output.size() >= output_bytes_high) co_await try_(state_->flush(deadline));
    co_return {};
}

task<Result<void>> Stream::State::send_file_pieces(int file, std::uint64_t offset,
                                                   std::uint64_t length, MonotonicTime deadline) {
    while (length > 0) {
        std::size_t begin = output.size();
        std::size_t piece = std::size_t(std::min<std::uint64_t>(length, file_piece_bytes));
        output.resize(begin + piece);
        std::span<char> memory(output.data() + begin, piece);
        auto count = co_await engine::read_at(file, memory, offset);
        if (!count || *count < piece) {
            output.resize(begin);
            if (!count) co_return Failure(count.error());
            co_return fail_internal(ErrorCode::corrupt, "file shorter than its size");
        }
        offset += piece;
        length -= piece;
        if (output.size() >= output_bytes_high) co_await try_(flush(deadline));
    }
    co_return {};
}

task<Result<void>> Stream::State::splice_file(int file, std::uint64_t offset, std::uint64_t length,
                                              std::array<int, 2> pipe, MonotonicTime deadline) {
    engine::File read_end(pipe[0]), write_end(pipe[1]);
    while (length > 0) {
        engine::Submit in(engine::OpCode::splice, "splice from file", deadline);
        in.fd = file;
        in.fd2 = write_end.fd();
        in.offset = offset;
        in.length = std::size_t(std::min<std::uint64_t>(length, 1u << 20));
        auto moved = std::uint64_t(co_await try_(std::move(in)));
        if (moved == 0) co_return fail_internal(ErrorCode::corrupt, "file shorter than its size");
        offset += moved;
        length -= moved;
        while (moved > 0) {
            engine::Submit out(engine::OpCode::splice, "splice to socket", deadline);
            out.fd = read_end.fd();
            out.fd2 = receiver->descriptor();
            out.offset = std::uint64_t(-1);
            out.length = moved;
            auto sent = std::uint64_t(co_await try_(std::move(out)));
            if (sent == 0) co_return fail_gone(ErrorCode::reset, "splice to socket");
            moved -= sent;
        }
    }
    co_return {};
}

task<Result<void>> Stream::send_file(int file, std::uint64_t offset, std::uint64_t length,
                                     MonotonicTime deadline) {
    State& s = *state_;
    if (s.secure == nullptr && length >= splice_bytes_min) {
        auto pipe = Shard::current().kernel().open_pipe();
        if (pipe) {
            co_await try_(s.flush(deadline));
            co_return co_await s.splice_file(file, offset, length, *pipe, deadline);
        }
    }
    co_return co_await s.send_file_pieces(file, offset, length, deadline);
}

// ---- TLS, moving, closing -----------------------------------------------------------------------

task<Result<void>> Stream::State::handshake(MonotonicTime deadline) {
    for (;;) {
        Result<Handshake> progress = secure->handshake();
        while (progress && *progress == Handshake::wants_input && feed_next()) {
            progress = secure->handshake();
        }
        if (!secure->output_can_wait()) co_await try_(send_ciphertext(deadline));  // an alert too
        if (!progress) co_return Failure(progress.error());
        if (*progress == Handshake::complete) co_return {};
        co_await try_(wait_raw(deadline, WhenDraining::ends));
    }
}

task<Result<void>> Stream::start_tls(std::unique_ptr<SecureLayer> secure, std::string_view go_ahead,
                                     MonotonicTime deadline) {
    State& s = *state_;
    if (secure == nullptr) co_return fail_gone(ErrorCode::tls, "no TLS session to be had");
    assert(s.secure == nullptr);
    s.release_view();
    if (!go_ahead.empty()) {
        s.receiver->discard_all();
        s.output += go_ahead;
        co_await try_(s.flush(deadline));
    }
    s.secure = std::move(secure);
    co_return co_await s.handshake(deadline);
}

void Stream::change_layer(const LayerChange& change) {
    State& s = *state_;
    assert(s.output.empty());
    s.release_view();
    if (s.secure != nullptr) s.release_fed();
    std::string unread = s.plain.substr(s.plain_begin);
    release_memory(s.plain);
    s.plain_begin = 0;
    s.secure = change(std::move(s.secure), std::move(unread));
    s.layer_holds_input = s.secure != nullptr;
}

task<Result<DetachedStream>> Stream::detach() {
    State& s = *state_;
    s.release_view();
    assert(s.output.empty());
    s.release_fed();
    while (s.receiver->armed()) {
        s.receiver->pause();
        co_await try_(s.receiver->event().wait());
    }
    DetachedStream detached;
    detached.peer_address = std::move(s.peer_address);
    detached.local_port = s.local_port;
    detached.received = s.receiver->take_all();
    detached.plaintext = s.plain.substr(s.plain_begin);
    detached.secure = std::move(s.secure);
    detached.address_share = std::move(s.address_share);
    detached.fd = std::exchange(s.receiver, nullptr)->release();
    co_return detached;
}

// Reads until the peer closes too, so that unread input does not turn our last reply into a reset.
task<void> Stream::State::wait_for_end(MonotonicTime deadline) {
    std::size_t budget = stream_buffers_max * engine::receive_buffer_bytes;
    release_fed();
    while (!receiver->ended()) {
        std::size_t bytes = receiver->window().size();
        if (bytes > budget) co_return;
        budget -= bytes;
        receiver->consume(bytes);
        if (bytes > 0) continue;
        auto waited = co_await wait_raw(deadline, WhenDraining::goes_on);
        if (!waited) co_return;
    }
}

task<void> Stream::close(MonotonicTime deadline) {
    State& s = *state_;
    s.release_view();
    auto flushed = co_await s.flush(deadline);
    if (flushed && s.secure != nullptr) {
        s.secure->write_close_notify();
        flushed = co_await s.send_ciphertext(deadline);
    }
    if (!flushed) co_return;
    engine::Submit op(engine::OpCode::shutdown, "shutdown");
    op.fd = s.receiver->descriptor();
    op.flags = SHUT_WR;
    co_await std::move(op);
    MonotonicTime patience = std::min(deadline, deadline_in(close_patience));
    co_await s.wait_for_end(patience);
}

}  // namespace postern::net
