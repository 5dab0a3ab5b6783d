// StreamLayer: a tls::Session as the stream layer wants it (net/secure_layer.hpp). Owned by the
// stream, on the stream's shard.
#pragma once

#include <memory>
#include <utility>

#include "net/secure_layer.hpp"
#include "tls/session.hpp"

namespace postern::tls {

class StreamLayer final : public net::SecureLayer {
 public:
    explicit StreamLayer(Session session) : session_(std::move(session)) {}

    const Session& session() const { return session_; }

    void feed(std::string_view ciphertext) override { session_.feed(ciphertext); }
    void keep_input() override { session_.keep_input(); }
    Result<net::Handshake> handshake() override;
    Result<std::size_t> read(std::span<char> memory) override;
    Result<std::size_t> write(std::string_view plaintext) override {
        return session_.write(plaintext);
    }
    void write_close_notify() override { (void)session_.close_notify(); }
    std::string_view output() const override { return session_.output(); }
    void consume_output(std::size_t bytes) override { session_.consume_output(bytes); }
    bool output_can_wait() const override { return session_.only_tickets_in_output(); }
    std::string_view channel_binding(net::ChannelBinding binding) const override {
        return binding == net::ChannelBinding::tls_exporter ? session_.tls_exporter()
                                                            : session_.tls_server_end_point();
    }

 private:
    Session session_;
};

// The server's side of a new connection.
std::unique_ptr<net::SecureLayer> make_server_layer(std::shared_ptr<const ServerContext> context);

}  // namespace postern::tls
