// What a stream needs of a TLS session: a machine over memory. tls::Session implements it; the
// stream moves the bytes. All calls are on the shard that owns the stream.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <span>
#include <string_view>

#include "base/error.hpp"

namespace postern::net {

enum class Handshake : unsigned char { wants_input, complete };

// What ties an authentication to this very TLS session (RFC 5056 §2.1).
enum class ChannelBinding : unsigned char {
    tls_exporter,          // RFC 9266
    tls_server_end_point,  // RFC 5929 §4
};

class SecureLayer {
 public:
    virtual ~SecureLayer() = default;

    // Hands over received bytes, which are read where they lie: they must stay until a call has
    // said that it wants input, or keep_input() has been called. One view at a time.
    virtual void feed(std::string_view ciphertext) = 0;
    // Copies what is left of the view, so that its buffer can go.
    virtual void keep_input() = 0;
    // Goes on with the handshake as far as the input allows.
    virtual Result<Handshake> handshake() = 0;
    // Plaintext into `memory`: its size, or 0 when more input is wanted. A close_notify from the
    // peer fails with ErrorCode::closed, a truncated or damaged stream with ErrorCode::tls.
    virtual Result<std::size_t> read(std::span<char> memory) = 0;
    // Encrypts as much of `plaintext` as the output may hold and says how much that was; 0: the
    // output must be sent first.
    virtual Result<std::size_t> write(std::string_view plaintext) = 0;
    virtual void write_close_notify() = 0;

    // Ciphertext that waits to be sent; valid until the next call.
    virtual std::string_view output() const = 0;
    virtual void consume_output(std::size_t bytes) = 0;
    // Whether nobody waits for any of it, so that it may go with the next data.
    virtual bool output_can_wait() const { return false; }

    // Whether what goes over the wire is secret; a layer that only compresses says what is below.
    virtual bool is_encrypted() const { return true; }

    // Its data, once the handshake is done; empty: this session has no such binding. Lives as long
    // as the layer.
    virtual std::string_view channel_binding(ChannelBinding) const { return {}; }
};

// Makes the TLS side of a new connection; null when TLS cannot be had just now. No function: TLS is
// not offered.
using MakeSecure = std::function<std::unique_ptr<SecureLayer>()>;

}  // namespace postern::net
