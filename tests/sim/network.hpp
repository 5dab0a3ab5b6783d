// The network between simulated machines: connections as two queues of segments with delays, cut at
// arbitrary bytes, a bounded window in each direction, resets, partitions, and machines that are
// gone without a word. A socket lives until its descriptor and every operation on it have ended, as
// in the real kernel: closing a descriptor under an armed receive does not end the connection.
#pragma once

#include <sys/socket.h>

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.hpp"
#include "base/time.hpp"

namespace postern::sim {

class Machine;
class World;
using SocketId = std::uint64_t;  // 0: none

// An operation in flight, wherever it is; harmless once its machine has stopped.
struct OperationRef {
    Machine* machine = nullptr;
    std::uint32_t boot = 0;
    unsigned shard = 0;
    std::uint64_t id = 0;
};

class Network {
 public:
    explicit Network(World& world);
    ~Network();

    SocketId open(Machine& machine);  // one reference
    // Port 0 takes a free one. Several listeners of a port share its connections.
    Result<SocketId> listen(Machine& machine, std::uint16_t port);
    void add_reference(SocketId id);
    void release(SocketId id);

    void accept(SocketId id, OperationRef operation);
    void connect(SocketId id, OperationRef operation, const sockaddr* address);
    void receive(SocketId id, OperationRef operation);
    void send(SocketId id, OperationRef operation, std::string_view bytes);
    void poll(SocketId id, OperationRef operation, std::uint32_t events);
    int shutdown(SocketId id, int how);
    void cancel(SocketId id, std::uint64_t operation);
    void reset(SocketId id);  // both ends learn of it, each in its time

    std::string peer_address(SocketId id) const;
    std::uint16_t local_port(SocketId id) const;

    void vanish(const Machine& machine);     // the power went: nobody is told
    void close_all(const Machine& machine);  // the process ended: peers are told
    // Nothing passes between the two until heal().
    void partition(const Machine& a, const Machine& b);
    void heal();

 private:
    struct Socket;
    struct Segment;
    Socket* find(SocketId id) const;
    SocketId add(Machine& machine);
    void pump_accept(Socket& socket);
    void pump_receive(Socket& socket);
    void pump_send(Socket& socket);
    void pump_poll(Socket& socket);
    void transmit(Socket& socket, Segment segment);
    void arrive(SocketId id);
    void take_in(Socket& socket, Segment segment);
    void connect_arrives(SocketId id, OperationRef operation, std::string address,
                         std::uint16_t port);
    void fail(Socket& socket, int error);
    void erase(Socket& socket);
    bool parted(const Machine* a, const Machine* b) const;

    World& world_;
    std::map<SocketId, std::unique_ptr<Socket>> sockets_;
    std::map<std::pair<const Machine*, std::uint16_t>, std::vector<SocketId>> listeners_;
    std::vector<std::pair<const Machine*, const Machine*>> partitions_;
    std::vector<SocketId> held_;  // sockets with an arrival held by a partition, in order
    std::uint16_t next_port_ = 40000;
};

}  // namespace postern::sim
