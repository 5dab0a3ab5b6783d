// Connecting and reading; see connection.hpp.
#include "load/connection.hpp"

#include "base/ascii.hpp"
#include "net/connect.hpp"
#include "tls/stream_layer.hpp"

namespace postern::bench {

using engine::task;
using engine::try_;

MonotonicTime Connection::deadline() {
    return net::deadline_in(operation_timeout);
}

task<Result<void>> Connection::open() {
    words_.clear();
    auto stream = co_await try_(
        net::connect_to(peer_.target.address, peer_.target.port, std::string(), deadline()));
    stream_.emplace(std::move(stream));
    if (peer_.target.tls == TlsMode::implicit) co_await try_(start_tls());
    co_return {};
}

task<Result<void>> Connection::start_tls() {
    auto session = tls::Session::client(peer_.tls, tls::ClientPeer{});
    if (!session) co_return Failure(session.error());
    std::unique_ptr<net::SecureLayer> layer =
        std::make_unique<tls::StreamLayer>(std::move(*session));
    co_return co_await stream_->start_tls(std::move(layer), "", deadline());
}

task<void> Connection::close() {
    if (stream_) co_await stream_->close(deadline());
    stream_.reset();
}

task<Result<std::string_view>> Connection::line() {
    auto line = co_await try_(stream_->read_line(reply_line_bytes_max, deadline()));
    co_return line.text;
}

task<Result<void>> Connection::relieve() {
    co_return co_await stream_->flush_if_full(deadline());
}

Failure Connection::refuse(std::string_view what, std::string_view answer) {
    words_ = std::string(what) + ": " + escape_for_log(answer, server_words_bytes_max);
    return fail_request(ErrorCode::refused, "an answer that was not expected");
}

}  // namespace postern::bench
