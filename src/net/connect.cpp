// A socket, perhaps bound, connected; see connect.hpp.
#include "net/connect.hpp"

#include "engine/io.hpp"
#include "engine/shard.hpp"
#include "engine/socket_address.hpp"

namespace postern::net {

using engine::task;
using engine::try_;

task<Result<Stream>> connect_to(std::string address, std::uint16_t port, std::string source,
                                MonotonicTime deadline) {
    auto to = engine::parse_socket_address(address, port);
    if (!to) co_return Failure(to.error());
    auto descriptor = engine::Shard::current().kernel().open_socket(to->family());
    if (!descriptor) co_return Failure(descriptor.error());
    engine::File socket(*descriptor);
    if (!source.empty()) {
        auto bound = engine::bind_source(socket.fd(), source);
        if (!bound) co_return Failure(bound.error());
    }
    engine::Submit op(engine::OpCode::connect, "connect", deadline);
    op.fd = socket.fd();
    op.address = to->data();
    op.address_bytes = to->bytes();
    co_await try_(std::move(op));
    co_return Stream(socket.release(), std::move(address), port);
}

}  // namespace postern::net
