// Stream: one connection, plain or TLS, as protocols see it. It belongs to one shard and to one
// task. Receiving is a multishot operation into the shard's provided buffers, so that an idle
// stream holds no buffer; lines are views into the buffer they arrived in. Every read names its
// maximum and its deadline. Failures are ErrorKind::gone (closed, reset, timed_out, cancelled,
// tls) or, for a line over its limit, peer_syntax.
//
// A view that a read returned is valid until the next call on the stream.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.hpp"
#include "engine/event.hpp"
#include "engine/task.hpp"
#include "net/address_counts.hpp"
#include "net/limits.hpp"
#include "net/secure_layer.hpp"

namespace postern::net {

enum class LineEnding : unsigned char { crlf, bare_lf };

struct Line {
    std::string_view text;  // without its ending
    LineEnding ending = LineEnding::crlf;
};

// A connection between two shards: no operation in flight, no buffer of the old shard held.
struct DetachedStream {
    int fd = -1;
    std::string peer_address;
    std::uint16_t local_port = 0;
    std::string received;  // raw bytes not read yet
    std::string plaintext;
    std::unique_ptr<SecureLayer> secure;
    AddressShare address_share;
};

class Stream {
 public:
    // Takes the descriptor over.
    Stream(int fd, std::string peer_address, std::uint16_t local_port);
    explicit Stream(DetachedStream detached);
    Stream(Stream&& other) noexcept;
    Stream& operator=(Stream&&) = delete;
    ~Stream();  // closes in the background; unsent output is lost: flush() first

    const std::string& peer_address() const;
    std::uint16_t local_port() const;
    SecureLayer* secure() const;  // null on a plain stream
    // Held as long as the connection is, on whatever shard.
    void keep(AddressShare share);
    bool is_secure() const { return secure() != nullptr && secure()->is_encrypted(); }

    // ---- input -------------------------------------------------------------------------------
    // Whatever waits for the peer first sends what is buffered, so that no peer waits for a reply
    // that waits for the peer: replies to pipelined commands go out together, when the last one is
    // written. Sending then may take until the read's deadline, and no longer than this:
    void set_output_timeout(Duration timeout);

    // The next line, ended by LF, at most `bytes_max` bytes with its ending. Over it: fails with
    // line_too_long, and the next call first skips the rest of that line. `when` is `ends` where
    // the next command is awaited, so that an orderly shutdown ends the wait as cancelled.
    engine::task<Result<Line>> read_line(std::size_t bytes_max, MonotonicTime deadline,
                                         engine::WhenDraining when = engine::WhenDraining::goes_on);

    // At least one byte: all that is contiguous in the buffer. Does not consume.
    engine::task<Result<std::string_view>> read_some(
        MonotonicTime deadline, engine::WhenDraining when = engine::WhenDraining::goes_on);
    // Marks bytes that read_some returned as read.
    void consume(std::size_t bytes);
    // Exactly `bytes` bytes, copied. For small, bounded things (a literal that is an argument).
    engine::task<Result<std::string>> read_exactly(std::size_t bytes, MonotonicTime deadline);

    // True when a read would not wait: the next command is here already (pipelining), or an error.
    bool has_input();

    // Waits until there is input or `wake()` was called. True: input (or an end) is there.
    engine::task<Result<bool>> wait_input(
        MonotonicTime deadline, engine::WhenDraining when = engine::WhenDraining::goes_on);
    // What others set to interrupt wait_input: a mailbox's change notice. Owned by the stream, and
    // stays where it is while the stream lives on this shard.
    engine::Event& wake_event();

    // ---- output ------------------------------------------------------------------------------

    // Buffered. Callers that write much call flush_if_full() between pieces.
    void write(std::string_view text);
    std::size_t buffered_output() const;
    engine::task<Result<void>> flush(MonotonicTime deadline);
    engine::task<Result<void>> flush_if_full(MonotonicTime deadline);
    // `length` bytes of a file from `offset`, after what is buffered. The file must not shrink.
    engine::task<Result<void>> send_file(int file, std::uint64_t offset, std::uint64_t length,
                                         MonotonicTime deadline);

    // ---- TLS, moving, closing ----------------------------------------------------------------

    // Throws away all input received so far (RFC 3207 §4.2, RFC 9051 §11.1: what came before the
    // handshake must not count), sends `go_ahead` in the clear ("" with implicit TLS), and does
    // the handshake. No layer: fails with ErrorCode::tls, and nothing is sent.
    engine::task<Result<void>> start_tls(std::unique_ptr<SecureLayer> secure,
                                         std::string_view go_ahead, MonotonicTime deadline);

    // Puts a layer around the one there is (or none), or takes it off: `change` is given the layer
    // and what of its plaintext was not read yet. Output must have been flushed.
    using LayerChange = std::function<std::unique_ptr<SecureLayer>(
        std::unique_ptr<SecureLayer> layer, std::string unread)>;
    void change_layer(const LayerChange& change);

    // Takes the connection off this shard. Output must have been flushed.
    engine::task<Result<DetachedStream>> detach();

    // Flushes, says close_notify where there is TLS, and shuts the sending side.
    engine::task<void> close(MonotonicTime deadline);

 private:
    struct State;
    std::unique_ptr<State> state_;
};

// `duration` from now, on this shard's clock.
MonotonicTime deadline_in(Duration duration);

}  // namespace postern::net
