// Receiver: the receiving half of a stream. A multishot receive into the shard's provided buffers;
// what has arrived waits here as chunks until it is consumed. Lives on the heap because it outlives
// its stream: an orphaned receiver stays until the kernel interface has let go of it, then closes
// the descriptor.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "engine/event.hpp"
#include "engine/operation.hpp"

namespace postern::net {

class Receiver final : private engine::Operation {
 public:
    explicit Receiver(int descriptor);
    Receiver(const Receiver&) = delete;
    Receiver& operator=(const Receiver&) = delete;

    int descriptor() const { return fd; }
    engine::Event& event() { return event_; }

    // The bytes that come next, contiguous; empty when none are here.
    std::string_view window() const;
    void consume(std::size_t bytes);
    void discard_all();
    // Puts bytes in front of all others (from another shard).
    void prepend(std::string bytes);
    // Everything here, copied; nothing is left.
    std::string take_all();

    bool ended() const { return ended_; }
    const Error& end_error() const { return end_error_; }
    bool armed() const { return in_flight; }
    // The last attempt found no free buffer: try again in a moment.
    bool starved() const { return starved_; }

    void arm();
    void pause();  // asks the operation to end; event() is set when it has
    // Closes the descriptor and destroys this, now or when the operation has ended.
    void abandon();
    // Gives the descriptor away and destroys this. Must not be armed.
    int release();

 private:
    struct Chunk {
        std::uint16_t buffer_id;
        std::uint32_t begin;
        std::uint32_t end;
    };
    ~Receiver();
    void arrived();
    void close_and_destroy();

    engine::Event event_;
    std::string early_;  // prepended bytes, before all chunks
    std::uint32_t early_begin_ = 0;
    std::uint32_t first_ = 0;  // index of the first unread chunk
    std::vector<Chunk> chunks_;
    Error end_error_;
    bool ended_ = false;
    bool starved_ = false;
    bool orphaned_ = false;
};

}  // namespace postern::net
