// Connections, segments and windows; see network.hpp.
#include "sim/network.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>

#include <algorithm>
#include <cassert>
#include <cerrno>

#include "sim/machine.hpp"

namespace postern::sim {
namespace {
constexpr Duration connect_timeout = seconds(60);
constexpr std::size_t segment_bytes_max = 32 * 1024;
enum class SegmentKind : std::uint8_t { data, end, reset };

void post(const OperationRef& operation, std::int32_t result, More more = More::no) {
    Kernel* kernel = Machine::kernel_of(operation);
    if (kernel != nullptr) kernel->post(operation.id, result, more);
}

std::pair<std::string, std::uint16_t> parse(const sockaddr* address) {
    char text[INET6_ADDRSTRLEN] = "";
    if (address != nullptr && address->sa_family == AF_INET) {
        const auto* v4 = reinterpret_cast<const sockaddr_in*>(address);
        inet_ntop(AF_INET, &v4->sin_addr, text, sizeof text);
        return {text, ntohs(v4->sin_port)};
    }
    if (address != nullptr && address->sa_family == AF_INET6) {
        const auto* v6 = reinterpret_cast<const sockaddr_in6*>(address);
        inet_ntop(AF_INET6, &v6->sin6_addr, text, sizeof text);
        return {text, ntohs(v6->sin6_port)};
    }
    return {};
}
}  // namespace

struct Network::Segment {
    SegmentKind kind = SegmentKind::data;
    std::string bytes;
};

struct Network::Socket {
    struct Sender {
        OperationRef operation;
        std::string_view bytes;
        std::size_t sent = 0;
    };
    struct Poller {
        OperationRef operation;
        std::uint32_t events = 0;
    };

    SocketId id = 0;
    Machine* machine = nullptr;
    const Machine* peer_machine = nullptr;
    SocketId peer = 0;  // 0: not connected
    std::uint16_t port = 0;
    unsigned references = 1;
    int error = 0;  // the connection is over
    bool listens = false;
    bool end_sent = false;
    bool end_received = false;
    std::string inbox;             // arrived, not taken
    std::deque<Segment> wire;      // on their way to this socket
    std::size_t outstanding = 0;   // sent by this socket, not taken by its peer
    std::deque<SocketId> backlog;  // of a listener
    std::deque<Sender> senders;
    OperationRef receiver, acceptor, connector;
    std::vector<Poller> pollers;
};

Network::Network(World& world) : world_(world) {}
Network::~Network() = default;

Network::Socket* Network::find(SocketId id) const {
    auto found = sockets_.find(id);
    return found == sockets_.end() ? nullptr : found->second.get();
}

SocketId Network::add(Machine& machine) {
    SocketId id = world_.next_id();
    auto socket = std::make_unique<Socket>();
    socket->id = id;
    socket->machine = &machine;
    sockets_.emplace(id, std::move(socket));
    return id;
}

SocketId Network::open(Machine& machine) {
    return add(machine);
}

Result<SocketId> Network::listen(Machine& machine, std::uint16_t port) {
    if (port == 0) port = next_port_++;
    SocketId id = add(machine);
    Socket& socket = *find(id);
    socket.port = port;
    socket.listens = true;
    listeners_[{&machine, port}].push_back(id);
    return id;
}

void Network::add_reference(SocketId id) {
    if (Socket* socket = find(id)) ++socket->references;
}

// The last one out: unread bytes make it a reset, as in TCP.
void Network::release(SocketId id) {
    Socket* socket = find(id);
    if (socket == nullptr || --socket->references > 0) return;
    if (socket->peer != 0 && socket->error == 0) {
        if (!socket->inbox.empty()) {
            transmit(*socket, {SegmentKind::reset, {}});
        } else if (!socket->end_sent) {
            transmit(*socket, {SegmentKind::end, {}});
        }
    }
    erase(*socket);
}

void Network::erase(Socket& socket) {
    if (socket.listens) {
        auto& listeners = listeners_[{socket.machine, socket.port}];
        std::erase(listeners, socket.id);
        for (SocketId waiting : socket.backlog) release(waiting);
    }
    sockets_.erase(socket.id);
}

bool Network::parted(const Machine* a, const Machine* b) const {
    for (const auto& [x, y] : partitions_) {
        if ((x == a && y == b) || (x == b && y == a)) return true;
    }
    return false;
}

void Network::partition(const Machine& a, const Machine& b) {
    world_.note("partition", 0);
    partitions_.emplace_back(&a, &b);
}

void Network::heal() {
    partitions_.clear();
    for (SocketId id : std::exchange(held_, {})) {
        world_.after(world_.draw(world_.plan().network), [this, id] { arrive(id); });
    }
}

void Network::accept(SocketId id, OperationRef operation) {
    Socket& socket = *find(id);
    if (!socket.listens) {
        post(operation, -EINVAL);
        return;
    }
    assert(socket.acceptor.machine == nullptr && "two accepts on one listener");
    socket.acceptor = operation;
    pump_accept(socket);
}

void Network::pump_accept(Socket& socket) {
    while (socket.acceptor.machine != nullptr && !socket.backlog.empty()) {
        if (world_.random().chance(world_.plan().faults.accept_fails)) {
            int error = world_.random().chance(0.5) ? -ECONNABORTED : -EMFILE;
            post(std::exchange(socket.acceptor, {}), error);
            return;
        }
        SocketId accepted = socket.backlog.front();
        socket.backlog.pop_front();
        Kernel* kernel = Machine::kernel_of(socket.acceptor);
        if (kernel != nullptr) kernel->post_socket(socket.acceptor.id, accepted);
    }
}

void Network::connect(SocketId id, OperationRef operation, const sockaddr* address) {
    Socket& socket = *find(id);
    auto [text, port] = parse(address);
    if (text == "127.0.0.1" || text == "::1") text = socket.machine->address();
    if (socket.peer != 0 || text.empty()) {
        post(operation, socket.peer != 0 ? -EISCONN : -EAFNOSUPPORT);
        return;
    }
    socket.connector = operation;
    world_.after(world_.draw(world_.plan().network),
                 [this, id, operation, text, port] { connect_arrives(id, operation, text, port); });
}

void Network::connect_arrives(SocketId id, OperationRef operation, std::string address,
                              std::uint16_t port) {
    Socket* socket = find(id);
    if (socket == nullptr || socket->connector.id != operation.id) return;
    auto answer = [this, id, operation](Duration delay, int result) {
        world_.after(delay, [this, id, operation, result] {
            Socket* waiting = find(id);
            if (waiting == nullptr || waiting->connector.id != operation.id) return;
            post(std::exchange(waiting->connector, {}), result);
        });
    };
    Machine* machine = world_.machine_at(address);
    if (machine == nullptr || !machine->is_running() || parted(machine, socket->machine)) {
        answer(connect_timeout, -ETIMEDOUT);
        return;
    }
    auto listeners = listeners_.find({machine, port});
    if (listeners == listeners_.end() || listeners->second.empty()) {
        answer(world_.draw(world_.plan().network), -ECONNREFUSED);
        return;
    }
    const auto& candidates = listeners->second;
    Socket& listener = *find(candidates[world_.random().below(candidates.size())]);
    SocketId accepted = add(*machine);
    Socket& far = *find(accepted);
    far.port = port;
    far.peer = id;
    far.peer_machine = socket->machine;
    socket->peer = accepted;
    socket->peer_machine = machine;
    socket->port = next_port_++;
    listener.backlog.push_back(accepted);
    pump_accept(listener);
    answer(world_.draw(world_.plan().network), 0);
}

void Network::receive(SocketId id, OperationRef operation) {
    Socket& socket = *find(id);
    assert(socket.receiver.machine == nullptr && "two receives on one connection");
    if (socket.peer == 0) {
        post(operation, -ENOTCONN);
        return;
    }
    socket.receiver = operation;
    pump_receive(socket);
}

void Network::pump_receive(Socket& socket) {
    const Faults& faults = world_.plan().faults;
    while (socket.receiver.machine != nullptr && !socket.inbox.empty()) {
        Kernel* kernel = Machine::kernel_of(socket.receiver);
        if (kernel == nullptr) return;
        std::size_t most = std::min(socket.inbox.size(), kernel->buffer_size());
        std::size_t count = world_.random().chance(0.7) ? most : world_.random().between(1, most);
        bool ends = world_.random().chance(faults.multishot_ends);
        if (!kernel->post_received(socket.receiver.id, socket.inbox.substr(0, count),
                                   ends ? More::no : More::yes)) {
            post(std::exchange(socket.receiver, {}), -ENOBUFS);
            return;
        }
        socket.inbox.erase(0, count);
        if (ends) socket.receiver = {};
        if (Socket* peer = find(socket.peer)) {
            peer->outstanding -= count;
            pump_send(*peer);
        }
    }
    if (socket.receiver.machine == nullptr || (socket.error == 0 && !socket.end_received)) return;
    if (!socket.inbox.empty()) return;
    post(std::exchange(socket.receiver, {}), -socket.error);
}

void Network::send(SocketId id, OperationRef operation, std::string_view bytes) {
    Socket& socket = *find(id);
    if (socket.peer == 0 || socket.error != 0 || socket.end_sent) {
        post(operation, socket.peer == 0 ? -ENOTCONN : -EPIPE);
        return;
    }
    socket.senders.push_back({operation, bytes, 0});
    pump_send(socket);
}

void Network::pump_send(Socket& socket) {
    std::size_t window = world_.plan().send_window_bytes;
    while (!socket.senders.empty()) {
        Socket::Sender& sender = socket.senders.front();
        while (sender.sent < sender.bytes.size() && socket.outstanding < window) {
            std::size_t most = std::min({sender.bytes.size() - sender.sent,
                                         window - socket.outstanding, segment_bytes_max});
            if (world_.random().chance(0.2)) most = world_.random().between(1, most);
            socket.outstanding += most;
            transmit(socket,
                     {SegmentKind::data, std::string(sender.bytes.substr(sender.sent, most))});
            sender.sent += most;
        }
        if (sender.sent < sender.bytes.size()) return;
        OperationRef operation = sender.operation;
        auto length = std::int32_t(sender.bytes.size());
        socket.senders.pop_front();
        post(operation, length);
    }
}

void Network::poll(SocketId id, OperationRef operation, std::uint32_t events) {
    Socket& socket = *find(id);
    socket.pollers.push_back({operation, events});
    pump_poll(socket);
}

void Network::pump_poll(Socket& socket) {
    std::uint32_t ready = 0;
    if (!socket.inbox.empty() || socket.end_received || !socket.backlog.empty()) ready |= POLLIN;
    if (socket.peer != 0 && socket.outstanding < world_.plan().send_window_bytes) ready |= POLLOUT;
    if (socket.error != 0) ready |= POLLERR | POLLHUP;
    for (std::size_t i = 0; i < socket.pollers.size();) {
        std::uint32_t events = ready & (socket.pollers[i].events | POLLERR | POLLHUP);
        if (events == 0) {
            ++i;
            continue;
        }
        OperationRef operation = socket.pollers[i].operation;
        socket.pollers.erase(socket.pollers.begin() + std::ptrdiff_t(i));
        post(operation, std::int32_t(events));
    }
}

int Network::shutdown(SocketId id, int how) {
    Socket& socket = *find(id);
    if (socket.peer == 0 || socket.error != 0) return -ENOTCONN;
    if (how != SHUT_RD && !socket.end_sent) {
        transmit(socket, {SegmentKind::end, {}});
        socket.end_sent = true;
    }
    if (how != SHUT_WR) {
        socket.end_received = true;
        pump_receive(socket);
    }
    return 0;
}

void Network::cancel(SocketId id, std::uint64_t operation) {
    Socket* socket = find(id);
    if (socket == nullptr) return;
    for (OperationRef* waiting : {&socket->receiver, &socket->acceptor, &socket->connector}) {
        if (waiting->id == operation) post(std::exchange(*waiting, {}), -ECANCELED);
    }
    for (std::size_t i = 0; i < socket->senders.size(); ++i) {
        Socket::Sender sender = socket->senders[i];
        if (sender.operation.id != operation) continue;
        socket->senders.erase(socket->senders.begin() + std::ptrdiff_t(i));
        post(sender.operation, sender.sent > 0 ? std::int32_t(sender.sent) : -ECANCELED);
        return;
    }
    for (std::size_t i = 0; i < socket->pollers.size(); ++i) {
        OperationRef poller = socket->pollers[i].operation;
        if (poller.id != operation) continue;
        socket->pollers.erase(socket->pollers.begin() + std::ptrdiff_t(i));
        post(poller, -ECANCELED);
        return;
    }
}

// Puts a segment on the wire to the peer. Each has its own delay, and each arrival takes the
// oldest: bytes never overtake each other.
void Network::transmit(Socket& socket, Segment segment) {
    if (segment.kind == SegmentKind::end) socket.end_sent = true;
    bool resets =
        segment.kind == SegmentKind::data && world_.random().chance(world_.plan().faults.reset);
    Socket* peer = find(socket.peer);
    if (peer == nullptr) {  // gone: it answers with a reset, if its machine is there at all
        const Machine* machine = socket.peer_machine;
        if (segment.kind != SegmentKind::data || machine == nullptr || !machine->is_running())
            return;
        SocketId id = socket.id;
        world_.after(world_.draw(world_.plan().network), [this, id] {
            if (Socket* alive = find(id)) fail(*alive, ECONNRESET);
        });
        return;
    }
    SocketId target = peer->id;
    peer->wire.push_back(std::move(segment));
    world_.after(world_.draw(world_.plan().network), [this, target] { arrive(target); });
    if (resets) {
        SocketId id = socket.id;
        world_.after(world_.draw(world_.plan().network), [this, id] { reset(id); });
    }
}

void Network::arrive(SocketId id) {
    Socket* socket = find(id);
    if (socket == nullptr || socket->wire.empty()) return;
    if (parted(socket->machine, socket->peer_machine)) {
        held_.push_back(id);
        return;
    }
    Segment segment = std::move(socket->wire.front());
    socket->wire.pop_front();
    take_in(*socket, std::move(segment));
}

void Network::take_in(Socket& socket, Segment segment) {
    if (socket.error != 0) return;
    world_.note("arrive", socket.id, std::uint64_t(segment.kind), segment.bytes.size());
    switch (segment.kind) {
        case SegmentKind::data: socket.inbox += segment.bytes; break;
        case SegmentKind::end: socket.end_received = true; break;
        case SegmentKind::reset: fail(socket, ECONNRESET); return;
    }
    pump_receive(socket);
    pump_poll(socket);
}

void Network::reset(SocketId id) {
    Socket* socket = find(id);
    if (socket == nullptr || socket->error != 0 || socket->peer == 0) return;
    transmit(*socket, {SegmentKind::reset, {}});
    fail(*socket, ECONNRESET);
}

// Whatever waits on the connection ends. Bytes that arrived and were not taken are lost.
void Network::fail(Socket& socket, int error) {
    world_.note("reset", socket.id);
    socket.error = error;
    socket.inbox.clear();
    socket.wire.clear();
    for (const Socket::Sender& sender : std::exchange(socket.senders, {})) {
        post(sender.operation, sender.sent > 0 ? std::int32_t(sender.sent) : -error);
    }
    pump_receive(socket);
    pump_poll(socket);
}

std::string Network::peer_address(SocketId id) const {
    Socket* socket = find(id);
    if (socket == nullptr || socket->peer_machine == nullptr) return "";
    return socket->peer_machine->address();
}

std::uint16_t Network::local_port(SocketId id) const {
    Socket* socket = find(id);
    return socket == nullptr ? 0 : socket->port;
}

void Network::vanish(const Machine& machine) {
    std::erase_if(sockets_, [&](const auto& entry) { return entry.second->machine == &machine; });
    std::erase_if(listeners_, [&](const auto& entry) { return entry.first.first == &machine; });
}

void Network::close_all(const Machine& machine) {
    for (auto& [id, socket] : sockets_) {
        if (socket->machine != &machine || socket->peer == 0 || socket->error != 0) continue;
        bool unread = !socket->inbox.empty() || !socket->senders.empty();
        if (unread || !socket->end_sent) {
            transmit(*socket, {unread ? SegmentKind::reset : SegmentKind::end, {}});
        }
    }
    vanish(machine);
}

}  // namespace postern::sim
