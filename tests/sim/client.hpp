// sim::Client: a line-based peer for tests, a coroutine on a machine of its own that talks to the
// program under test through the simulated network. It starts to receive at its first read, so one
// that never reads lets its peer's window fill. Fails as the engine's leaves do.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "engine/io.hpp"
#include "engine/task.hpp"

namespace postern::sim {

class Client {
 public:
    Client() = default;
    Client(Client&& other) noexcept : state_(std::exchange(other.state_, nullptr)) {}
    Client& operator=(Client&& other) noexcept;
    ~Client() { close(); }

    static Client adopt(int fd);  // an accepted connection

    bool is_open() const { return state_ != nullptr; }
    engine::task<Result<void>> send(std::string bytes, MonotonicTime deadline);
    // One line without its CRLF.
    engine::task<Result<std::string>> read_line(MonotonicTime deadline);
    void start_reading();  // takes in what comes from now on, also while it sends
    // What has arrived, at least one byte.
    engine::task<Result<std::string>> read_some(MonotonicTime deadline);
    engine::task<Result<std::string>> read_exactly(std::size_t bytes, MonotonicTime deadline);
    // Everything up to and with the mark.
    engine::task<Result<std::string>> read_until(std::string mark, MonotonicTime deadline);
    // The lines up to ".", which is left out, without the dots of dot-stuffing (RFC 1939 §3).
    engine::task<Result<std::string>> read_multiline(MonotonicTime deadline);
    // A line that must begin with `prefix`; ErrorCode::syntax otherwise.
    engine::task<Result<std::string>> expect(std::string prefix, MonotonicTime deadline);
    void close();
    void reset();  // ends the connection without manners

 private:
    friend engine::task<Result<Client>> connect(std::string, std::uint16_t, MonotonicTime);
    struct State;
    engine::task<Result<void>> await_more(MonotonicTime deadline);
    State* state_ = nullptr;  // frees itself when its last operation has ended
};

engine::task<Result<Client>> connect(std::string address, std::uint16_t port,
                                     MonotonicTime deadline);

}  // namespace postern::sim
