// DeflateLayer: compression of a connection (RFC 4978), as a layer of the stream, above the TLS
// layer where there is one. Output is deflated with a small window and flushed with every write, so
// that nothing waits; input is inflated piece by piece as it is read, so that a small input that
// would become a large one takes no memory: whoever reads has limits of its own. About 80 KiB a
// connection. Damaged input fails as a damaged stream does.
#pragma once

#include <zlib.h>

#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "net/secure_layer.hpp"

namespace postern::imap {

class DeflateLayer final : public net::SecureLayer {
 public:
    // `inner`: the TLS layer, or null. `unread`: plaintext of it that was not read yet: it is
    // compressed already.
    DeflateLayer(std::unique_ptr<net::SecureLayer> inner, std::string unread);
    ~DeflateLayer() override;
    DeflateLayer(const DeflateLayer&) = delete;
    DeflateLayer& operator=(const DeflateLayer&) = delete;

    // Ends compression.
    std::unique_ptr<net::SecureLayer> release() { return std::move(inner_); }

    void feed(std::string_view ciphertext) override;
    void keep_input() override;
    Result<net::Handshake> handshake() override { return net::Handshake::complete; }
    Result<std::size_t> read(std::span<char> memory) override;
    Result<std::size_t> write(std::string_view plaintext) override;
    void write_close_notify() override;
    std::string_view output() const override;
    void consume_output(std::size_t bytes) override;
    bool is_encrypted() const override { return inner_ != nullptr && inner_->is_encrypted(); }
    std::string_view channel_binding(net::ChannelBinding kind) const override;

 private:
    Result<bool> take_input();
    Result<std::size_t> inflate_into(std::span<char> memory);
    Result<void> pass_on();

    std::unique_ptr<net::SecureLayer> inner_;
    z_stream deflate_{};
    z_stream inflate_{};
    std::string kept_;            // compressed input that is ours
    std::string_view fed_;        // compressed input that lies elsewhere; without inner_
    std::string compressed_;      // output that inner_ has not taken, or all of it
    bool may_hold_more_ = false;  // inflate has output that did not fit
};

}  // namespace postern::imap
