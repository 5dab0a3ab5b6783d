// The test peer; see client.hpp.
#include "sim/client.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <cerrno>
#include <memory>

#include "engine/event.hpp"
#include "engine/shard.hpp"
#include "sim/sim_kernel.hpp"

namespace postern::sim {

using engine::File;
using engine::OpCode;
using engine::Operation;
using engine::Submit;
using engine::task;
using engine::try_;

struct Client::State : Operation {
    File file;
    std::string inbox;
    engine::Event arrived;
    int end = -1;  // errno, 0 for an orderly end, -1 while it lasts
    bool orphan = false;

    void arm() {
        if (in_flight || end >= 0) return;
        code = OpCode::receive;
        fd = file.fd();
        on_complete = &received;
        engine::Shard::current().kernel().submit(*this);
    }

    static void received(Operation& operation) {
        auto& self = static_cast<State&>(operation);
        engine::Kernel& kernel = engine::Shard::current().kernel();
        if (self.has_buffer) {
            self.inbox += kernel.buffer_bytes(self.buffer_id, std::size_t(self.result));
            kernel.recycle(self.buffer_id);
        } else if (self.result != -ENOBUFS) {
            self.end = -self.result;
        }
        if (self.orphan) {
            if (!self.more) delete &self;
            return;
        }
        if (!self.more) self.arm();  // ended for want of buffers: there are some again
        self.arrived.set();
    }
};

Client& Client::operator=(Client&& other) noexcept {
    if (this != &other) {
        close();
        state_ = std::exchange(other.state_, nullptr);
    }
    return *this;
}

void Client::close() {
    if (state_ == nullptr) return;
    State* state = std::exchange(state_, nullptr);
    state->file.close_in_background();
    if (!state->in_flight) {
        delete state;
        return;
    }
    state->orphan = true;
    engine::Shard::current().kernel().cancel(*state);
}

void Client::reset() {
    if (state_ == nullptr) return;
    auto& kernel = static_cast<Kernel&>(engine::Shard::current().kernel());
    kernel.reset_connection(state_->file.fd());
    close();
}

task<Result<void>> Client::send(std::string bytes, MonotonicTime deadline) {
    Submit op(OpCode::send, "client send", deadline);
    op.fd = state_->file.fd();
    op.data = bytes.data();
    op.length = bytes.size();
    auto sent = std::size_t(co_await try_(std::move(op)));
    if (sent < bytes.size()) co_return fail_gone(ErrorCode::reset, "client send was cut short");
    co_return {};
}

Client Client::adopt(int fd) {
    Client client;
    client.state_ = new State;
    client.state_->file = File(fd);
    return client;
}

void Client::start_reading() {
    state_->arm();
}

task<Result<void>> Client::await_more(MonotonicTime deadline) {
    if (state_->end == 0) co_return fail_gone(ErrorCode::closed, "end of stream");
    if (state_->end > 0) co_return fail_errno(state_->end, "client receive");
    state_->arm();
    co_return co_await state_->arrived.wait(deadline);
}

task<Result<std::string>> Client::read_some(MonotonicTime deadline) {
    while (state_->inbox.empty()) co_await try_(await_more(deadline));
    co_return std::exchange(state_->inbox, {});
}

task<Result<std::string>> Client::read_exactly(std::size_t bytes, MonotonicTime deadline) {
    while (state_->inbox.size() < bytes) co_await try_(await_more(deadline));
    std::string taken = state_->inbox.substr(0, bytes);
    state_->inbox.erase(0, bytes);
    co_return taken;
}

task<Result<std::string>> Client::read_until(std::string mark, MonotonicTime deadline) {
    std::size_t searched = 0;
    for (;;) {
        std::size_t found = state_->inbox.find(mark, searched);
        if (found != std::string::npos) {
            std::string bytes = state_->inbox.substr(0, found + mark.size());
            state_->inbox.erase(0, bytes.size());
            co_return bytes;
        }
        searched = state_->inbox.size() - std::min(state_->inbox.size(), mark.size() - 1);
        co_await try_(await_more(deadline));
    }
}

task<Result<std::string>> Client::read_line(MonotonicTime deadline) {
    std::string line = co_await try_(read_until("\r\n", deadline));
    line.resize(line.size() - 2);
    co_return line;
}

namespace {
std::string remove_dots(std::string_view stuffed) {
    std::string text;
    while (!stuffed.empty()) {
        if (stuffed[0] == '.') stuffed.remove_prefix(1);
        std::size_t line = stuffed.find("\r\n") + 2;
        text += stuffed.substr(0, line);
        stuffed.remove_prefix(line);
    }
    return text;
}
}  // namespace

task<Result<std::string>> Client::read_multiline(MonotonicTime deadline) {
    while (state_->inbox.size() < 3) co_await try_(await_more(deadline));
    if (state_->inbox.starts_with(".\r\n")) {
        state_->inbox.erase(0, 3);
        co_return std::string();
    }
    std::string bytes = co_await try_(read_until("\r\n.\r\n", deadline));
    co_return remove_dots(std::string_view(bytes).substr(0, bytes.size() - 3));
}

task<Result<std::string>> Client::expect(std::string prefix, MonotonicTime deadline) {
    std::string line = co_await try_(read_line(deadline));
    if (!line.starts_with(prefix)) co_return fail_syntax("not the expected line");
    co_return line;
}

task<Result<Client>> connect(std::string address, std::uint16_t port, MonotonicTime deadline) {
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(port);
    if (inet_pton(AF_INET, address.c_str(), &to.sin_addr) != 1)
        co_return fail_errno(EINVAL, "address");
    Result<int> socket = engine::Shard::current().kernel().open_socket(AF_INET);
    if (!socket) co_return Failure(socket.error());
    Client client = Client::adopt(*socket);
    Submit op(OpCode::connect, "connect", deadline);
    op.fd = *socket;
    op.address = reinterpret_cast<const sockaddr*>(&to);
    op.address_bytes = sizeof to;
    co_await try_(std::move(op));
    co_return client;
}

}  // namespace postern::sim
