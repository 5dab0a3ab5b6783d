// Connections in, sessions on; see server.hpp.
#include "imap/server.hpp"

#include "imap/session.hpp"

namespace postern::imap {

using engine::task;

Server::Server(ServerOptions options, Parts parts)
    : options_(std::move(options)), parts_(std::move(parts)) {}

task<void> Server::serve(net::Stream stream, Security security) {
    ++counters_.connections;
    Session session(*this, std::move(stream));
    co_await session.run(security);
}

// The session's frame lives as long as the connection; what was handed over does not.
task<void> Server::serve_moved(std::unique_ptr<Handover> handover) {
    ++counters_.moved_here;
    Session session(*this, std::move(*handover));
    handover.reset();
    co_await session.run_moved();
}

void Server::adopt(Handover handover) {
    parts_.sessions->spawn(serve_moved(std::make_unique<Handover>(std::move(handover))));
}

// RFC 3501 §7.1.5: a BYE greeting. RFC 5530 §3: UNAVAILABLE.
task<void> Server::refuse(net::Stream stream) {
    ++counters_.refused;
    stream.write("* BYE [UNAVAILABLE] Too many connections, try again later\r\n");
    co_await stream.close(net::deadline_in(goodbye_timeout));
}

}  // namespace postern::imap
