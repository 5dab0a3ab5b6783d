// Session results in the stream layer's terms; see stream_layer.hpp.
#include "tls/stream_layer.hpp"

namespace postern::tls {

Result<net::Handshake> StreamLayer::handshake() {
    auto progress = session_.handshake();
    if (!progress) return Failure(progress.error());
    return *progress == Progress::done ? net::Handshake::complete : net::Handshake::wants_input;
}

Result<std::size_t> StreamLayer::read(std::span<char> memory) {
    auto got = session_.read(memory);
    if (!got) return Failure(got.error());
    if (got->progress == Progress::closed) {
        return fail_gone(ErrorCode::closed, "TLS connection closed by the peer");
    }
    return got->progress == Progress::done ? got->bytes : 0;
}

std::unique_ptr<net::SecureLayer> make_server_layer(std::shared_ptr<const ServerContext> context) {
    return std::make_unique<StreamLayer>(Session::server(std::move(context)));
}

}  // namespace postern::tls
