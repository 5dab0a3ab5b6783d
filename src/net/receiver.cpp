// Chunks in arrival order; see receiver.hpp.
#include "net/receiver.hpp"

#include <cassert>
#include <cerrno>

#include "engine/io.hpp"
#include "engine/shard.hpp"
#include "net/limits.hpp"
#include "net/release_memory.hpp"

namespace postern::net {

using engine::Shard;

Receiver::Receiver(int descriptor) {
    code = engine::OpCode::receive;
    fd = descriptor;
    on_complete = [](engine::Operation& operation) { static_cast<Receiver&>(operation).arrived(); };
}

Receiver::~Receiver() {
    assert(!in_flight);
}

std::string_view Receiver::window() const {
    if (early_begin_ < early_.size()) return std::string_view(early_).substr(early_begin_);
    if (first_ == chunks_.size()) return {};
    const Chunk& chunk = chunks_[first_];
    auto bytes = Shard::current().kernel().buffer_bytes(chunk.buffer_id, chunk.end);
    return bytes.substr(chunk.begin);
}

void Receiver::consume(std::size_t bytes) {
    if (early_begin_ < early_.size()) {
        early_begin_ += std::uint32_t(bytes);
        assert(early_begin_ <= early_.size());
        if (early_begin_ == early_.size()) {
            release_memory(early_);
            early_begin_ = 0;
        }
        return;
    }
    if (bytes == 0) return;
    assert(first_ < chunks_.size());
    Chunk& chunk = chunks_[first_];
    chunk.begin += std::uint32_t(bytes);
    assert(chunk.begin <= chunk.end);
    if (chunk.begin < chunk.end) return;
    Shard::current().kernel().recycle(chunk.buffer_id);
    if (++first_ == chunks_.size()) {
        first_ = 0;
        release_memory(chunks_);  // an idle stream holds nothing
    }
}

void Receiver::discard_all() {
    while (!window().empty()) consume(window().size());
}

void Receiver::prepend(std::string bytes) {
    assert(early_.empty());
    early_ = std::move(bytes);
}

std::string Receiver::take_all() {
    std::string all;
    for (auto view = window(); !view.empty(); view = window()) {
        all += view;
        consume(view.size());
    }
    return all;
}

void Receiver::arm() {
    assert(!in_flight && !ended_);
    starved_ = false;
    Shard::current().kernel().submit(*this);
}

void Receiver::pause() {
    if (in_flight) Shard::current().kernel().cancel(*this);
}

void Receiver::arrived() {
    if (has_buffer && (orphaned_ || result <= 0)) Shard::current().kernel().recycle(buffer_id);
    if (orphaned_) {
        if (in_flight) return;
        Shard::current().end_background();
        close_and_destroy();
        return;
    }
    if (result > 0) {
        chunks_.push_back({buffer_id, 0, std::uint32_t(result)});
        if (chunks_.size() - first_ >= stream_buffers_max && in_flight) pause();
    } else if (result == 0) {
        ended_ = true;
        end_error_ = {ErrorKind::gone, ErrorCode::closed, 0, "connection closed by the peer"};
    } else if (result == -ENOBUFS) {
        starved_ = true;
    } else if (result != -ECANCELED) {
        ended_ = true;
        end_error_ = error_from_errno(-result, "receive");
        end_error_.kind = ErrorKind::gone;
    }
    event_.set();
}

void Receiver::abandon() {
    orphaned_ = true;
    discard_all();
    if (in_flight) {
        Shard::current().begin_background();
        pause();
    } else {
        close_and_destroy();
    }
}

int Receiver::release() {
    int descriptor = std::exchange(fd, -1);
    delete this;
    return descriptor;
}

void Receiver::close_and_destroy() {
    engine::File(fd).close_in_background();
    delete this;
}

}  // namespace postern::net
