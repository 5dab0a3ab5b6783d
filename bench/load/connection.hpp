// A client's connection to the server under load, for all protocols: connecting, TLS, lines, each
// await within one time limit. Words of the server that were not expected are kept for the report.
// One shard's and one task's. Errors are those of net::Stream, and peer_request for an answer that
// says no.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "load/settings.hpp"
#include "net/stream.hpp"
#include "tls/context.hpp"

namespace postern::bench {

// A server and the way to it. Shared by all shards, never changed.
struct Peer {
    Target target;
    std::shared_ptr<const tls::ClientContext> tls;  // of any certificate
};

class Connection {
 public:
    explicit Connection(const Peer& peer) : peer_(peer) {}

    // TCP, and TLS where it begins with the first byte.
    engine::task<Result<void>> open();
    engine::task<Result<void>> start_tls();
    bool is_open() const { return stream_.has_value(); }
    void drop() { stream_.reset(); }
    // Flushes and closes in order.
    engine::task<void> close();

    net::Stream& stream() { return *stream_; }
    static MonotonicTime deadline();
    // Without its ending; valid until the next read.
    engine::task<Result<std::string_view>> line();
    // Sends what is written once there is much of it.
    engine::task<Result<void>> relieve();

    const Peer& peer() const { return peer_; }
    const std::string& words() const { return words_; }
    // Keeps the words of an answer that `what` should not have got.
    Failure refuse(std::string_view what, std::string_view answer);

 private:
    const Peer& peer_;
    std::optional<net::Stream> stream_;
    std::string words_;
};

}  // namespace postern::bench
