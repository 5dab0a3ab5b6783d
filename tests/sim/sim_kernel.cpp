// Submitting, taking effect and completing; see sim_kernel.hpp.
#include "sim/sim_kernel.hpp"

#include <fcntl.h>

#include <algorithm>
#include <cassert>
#include <cerrno>
#include <cstring>

#include "sim/machine.hpp"

namespace postern::sim {

using engine::Message;
using engine::OpCode;
using engine::Operation;

namespace {

constexpr std::size_t splice_bytes_max = 64 * 1024;

std::uint64_t id_of(const Operation& operation) {
    return reinterpret_cast<std::uintptr_t>(operation.scratch);
}

bool is_on_socket(OpCode code) {
    return code == OpCode::accept || code == OpCode::connect || code == OpCode::receive ||
           code == OpCode::send || code == OpCode::shutdown || code == OpCode::poll;
}

bool needs_descriptor(OpCode code) {
    switch (code) {
        case OpCode::read:
        case OpCode::write:
        case OpCode::write_vector:
        case OpCode::sync:
        case OpCode::sync_data:
        case OpCode::sync_file_system:
        case OpCode::splice: return true;
        default: return is_on_socket(code);
    }
}

}  // namespace

Kernel::Kernel(Machine& machine, unsigned shard)
    : machine_(machine), world_(machine.world()), shard_(shard) {
    unsigned count = world_.plan().receive_buffers;
    buffers_.resize(count);
    for (unsigned i = count; i-- > 0;) free_buffers_.push_back(std::uint16_t(i));
}

Kernel::~Kernel() {
    assert(pending_.empty() && done_.empty());
}

OperationRef Kernel::ref(std::uint64_t id) const {
    return {&machine_, machine_.boots(), shard_, id};
}

void Kernel::submit(Operation& operation) {
    assert(!operation.in_flight && operation.on_complete != nullptr);
    std::uint64_t id = world_.next_id();
    operation.in_flight = true;
    operation.more = operation.has_buffer = false;
    operation.scratch = reinterpret_cast<void*>(id);
    ++counters_.submissions;
    if (operation.code == OpCode::sync || operation.code == OpCode::sync_data ||
        operation.code == OpCode::sync_file_system || engine::is_chain(operation.code)) {
        ++counters_.syncs;
    }
    if (operation.code == OpCode::offload) ++counters_.offloads;
    Pending& pending = pending_[id];
    pending.operation = &operation;
    if (dead_) {
        push(id, pending, {id, answer_of_the_dead(operation)});
    } else {
        start(id, pending);
    }
}

// Descriptors are looked up here, as a ring does: a close that follows does not hurt.
void Kernel::start(std::uint64_t id, Pending& pending) {
    Operation& operation = *pending.operation;
    world_.note("submit", id, std::uint64_t(operation.code), std::uint64_t(operation.fd));
    if (needs_descriptor(operation.code)) {
        auto* descriptor = machine_.descriptor(operation.fd);
        bool wants_socket = is_on_socket(operation.code);
        if (descriptor == nullptr || (descriptor->socket != 0) != wants_socket) {
            if (descriptor == nullptr) ++world_.bad_descriptors;
            complete_effect(id, descriptor == nullptr ? -EBADF
                                : wants_socket        ? -ENOTSOCK
                                                      : -EINVAL);
            return;
        }
        pending.file = descriptor->file;
        if (wants_socket) {
            pending.socket = descriptor->socket;
            world_.network().add_reference(pending.socket);
            start_on_socket(id, pending);
            return;
        }
    }
    const Plan& plan = world_.plan();
    later(id, world_.draw(operation.code == OpCode::offload ? plan.offload : plan.file),
          &Kernel::take_effect);
}

void Kernel::start_on_socket(std::uint64_t id, Pending& pending) {
    Operation& operation = *pending.operation;
    Network& network = world_.network();
    switch (operation.code) {
        case OpCode::accept: network.accept(pending.socket, ref(id)); break;
        case OpCode::connect: network.connect(pending.socket, ref(id), operation.address); break;
        case OpCode::receive: network.receive(pending.socket, ref(id)); break;
        case OpCode::send:
            network.send(pending.socket, ref(id), {operation.data, operation.length});
            break;
        case OpCode::poll: network.poll(pending.socket, ref(id), operation.flags); break;
        default: post(id, network.shutdown(pending.socket, int(operation.flags))); break;
    }
}

void Kernel::later(std::uint64_t id, Duration delay, void (Kernel::*action)(std::uint64_t)) {
    Pending& pending = pending_.at(id);
    pending.waits_for_event = true;
    OperationRef operation = ref(id);
    pending.event = world_.after(delay, [operation, action] {
        Kernel* kernel = Machine::kernel_of(operation);
        if (kernel == nullptr) return;
        kernel->pending_.at(operation.id).waits_for_event = false;
        (kernel->*action)(operation.id);
    });
}

void Kernel::take_effect(std::uint64_t id) {
    Pending& pending = pending_.at(id);
    if (pending.operation->code == OpCode::splice) {
        splice(id, pending);
        return;
    }
    if (engine::is_chain(pending.operation->code) ||
        pending.operation->code == OpCode::write_file ||
        pending.operation->code == OpCode::displace) {
        take_step(id, pending);
        return;
    }
    complete_effect(id, perform(*pending.operation, pending));
}

// The steps of a chain come one after another, each at its own moment: power may go in between, and
// others see what is half done. The first that fails is the last.
void Kernel::take_step(std::uint64_t id, Pending& pending) {
    std::int32_t result = perform_step(*pending.operation, pending);
    if (result <= 0) {
        complete_effect(id, result);
        return;
    }
    ++pending.steps;
    later(id, world_.draw(world_.plan().file), &Kernel::take_effect);
}

// 1: done, the next one follows. 0: that was the last. Else -errno.
std::int32_t Kernel::perform_step(Operation& operation, Pending& pending) {
    Disk& disk = machine_.disk();
    const bool creates =
        operation.code == OpCode::create_file || operation.code == OpCode::write_file;
    std::int64_t wall_ns = world_.wall_now().ns;
    const bool displaces = operation.code == OpCode::displace;
    const bool links =
        operation.code == OpCode::link_durably || (displaces && operation.path2 != nullptr);
    if (links && pending.steps == 0) {
        int error = disk.link(operation.path, operation.path2);
        return error < 0 ? error : 1;
    }
    if (displaces) return disk.unlink(operation.path);
    if (pending.file == nullptr) {
        pending.file = std::make_shared<OpenFile>();
        int flags = creates ? O_WRONLY | O_CREAT | O_EXCL : O_RDONLY | O_DIRECTORY;
        int error = disk.open(engine::opened_path(operation), flags, *pending.file, wall_ns);
        return error < 0 ? error : 1;
    }
    if (creates && pending.steps == 1) {
        int count = disk.write(*pending.file, *operation.content, 0, wall_ns);
        if (count < 0) return count;
        if (std::size_t(count) < operation.content->size()) return -EAGAIN;
        return operation.code == OpCode::write_file ? 0 : 1;
    }
    return disk.sync(*pending.file);
}

// Half of all completions are seen later than they took effect.
void Kernel::complete_effect(std::uint64_t id, std::int32_t result) {
    if (world_.random().chance(0.5)) {
        post(id, result);
        return;
    }
    OperationRef operation = ref(id);
    world_.after(world_.draw(world_.plan().file), [operation, result] {
        Kernel* kernel = Machine::kernel_of(operation);
        if (kernel != nullptr) kernel->post(operation.id, result);
    });
}

std::int32_t Kernel::perform(Operation& operation, Pending& pending) {
    Disk& disk = machine_.disk();
    std::int64_t wall_ns = world_.wall_now().ns;
    switch (operation.code) {
        case OpCode::close: return perform_close(operation);
        case OpCode::open: return perform_open(operation);
        case OpCode::read:
            return disk.read(*pending.file, operation.memory, operation.length, operation.offset);
        case OpCode::write:
            return disk.write(*pending.file, {operation.data, operation.length}, operation.offset,
                              wall_ns);
        case OpCode::write_vector: return perform_write_vector(operation, *pending.file);
        case OpCode::sync:
        case OpCode::sync_data: return disk.sync(*pending.file);
        case OpCode::sync_file_system:
            return world_.plan().has_syncfs ? disk.sync_all() : -EOPNOTSUPP;
        case OpCode::rename: return disk.rename(operation.path, operation.path2);
        case OpCode::link: return disk.link(operation.path, operation.path2);
        case OpCode::unlink:
        case OpCode::discard: return disk.unlink(operation.path);
        case OpCode::make_directory: return disk.make_directory(operation.path, wall_ns);
        case OpCode::remove_directory: return disk.remove_directory(operation.path);
        case OpCode::stat: return disk.stat(operation.path, *operation.status);
        case OpCode::list_directory: return disk.list(operation.path, *operation.entries);
        case OpCode::get_attribute:
            return disk.get_attribute(operation.path, operation.name, *operation.value);
        case OpCode::set_attribute:
            return disk.set_attribute(operation.path, operation.name, *operation.content);
        case OpCode::offload: operation.job->run(); return 0;
        default: return -EINVAL;
    }
}

std::int32_t Kernel::perform_write_vector(Operation& operation, OpenFile& file) {
    std::string bytes;
    for (unsigned i = 0; i < operation.vector_count; ++i) {
        const iovec& part = operation.vectors[i];
        bytes.append(static_cast<const char*>(part.iov_base), part.iov_len);
    }
    return machine_.disk().write(file, bytes, operation.offset, world_.wall_now().ns);
}

std::int32_t Kernel::perform_open(Operation& operation) {
    auto file = std::make_shared<OpenFile>();
    int error =
        machine_.disk().open(operation.path, int(operation.flags), *file, world_.wall_now().ns);
    return error < 0 ? error : machine_.add_descriptor({std::move(file), 0});
}

std::int32_t Kernel::perform_close(Operation& operation) {
    auto* descriptor = machine_.descriptor(operation.fd);
    if (descriptor == nullptr) {
        ++world_.bad_descriptors;
        return -EBADF;
    }
    if (descriptor->socket != 0) world_.network().release(descriptor->socket);
    *descriptor = {};
    return 0;
}

// Only from a file to a socket: the bytes are read here and sent as any others.
void Kernel::splice(std::uint64_t id, Pending& pending) {
    Operation& operation = *pending.operation;
    auto* target = machine_.descriptor(operation.fd2);
    if (target == nullptr || target->socket == 0) {
        post(id, target == nullptr ? -EBADF : -EINVAL);
        return;
    }
    pending.bytes.resize(std::min(operation.length, splice_bytes_max));
    int count = machine_.disk().read(*pending.file, pending.bytes.data(), pending.bytes.size(),
                                     operation.offset);
    if (count <= 0) {
        post(id, count);
        return;
    }
    pending.bytes.resize(std::size_t(count));
    pending.socket = target->socket;
    world_.network().add_reference(pending.socket);
    world_.network().send(pending.socket, ref(id), pending.bytes);
}

void Kernel::cancel(Operation& operation) {
    if (!operation.in_flight || dead_) return;
    OperationRef target = ref(id_of(operation));
    world_.note("cancel", target.id);
    world_.after(world_.draw(world_.plan().message), [target] {
        Kernel* kernel = Machine::kernel_of(target);
        if (kernel != nullptr) kernel->cancel_now(target.id);
    });
}

void Kernel::cancel_now(std::uint64_t id) {
    auto found = pending_.find(id);
    if (found == pending_.end() || found->second.finished) return;
    Pending& pending = found->second;
    if (pending.socket != 0) {
        world_.network().cancel(pending.socket, id);
    } else if (pending.waits_for_event && pending.operation->code != OpCode::close &&
               pending.operation->code != OpCode::offload && world_.random().chance(0.5)) {
        world_.forget(pending.event);
        pending.waits_for_event = false;
        post(id, -ECANCELED);
    }
}

void Kernel::post(std::uint64_t id, std::int32_t result, More more) {
    auto found = pending_.find(id);
    if (found == pending_.end() || found->second.finished) return;
    push(id, found->second, {id, result, more == More::yes});
}

void Kernel::post_socket(std::uint64_t id, SocketId accepted) {
    post(id, machine_.add_descriptor({nullptr, accepted}), More::yes);
}

bool Kernel::post_received(std::uint64_t id, std::string_view bytes, More more) {
    if (free_buffers_.empty()) return false;
    std::uint16_t buffer_id = free_buffers_.back();
    free_buffers_.pop_back();
    buffers_[buffer_id].assign(bytes);
    push(id, pending_.at(id), {id, std::int32_t(bytes.size()), more == More::yes, true, buffer_id});
    return true;
}

std::size_t Kernel::buffer_size() const {
    return world_.plan().receive_buffer_bytes;
}

void Kernel::push(std::uint64_t id, Pending& pending, Done done) {
    world_.note("post", id, std::uint64_t(std::int64_t(done.result)), done.more);
    done_.push_back(done);
    pending.finished = !done.more;
}

void Kernel::run_once(MonotonicTime deadline) {
    ++counters_.enters;
    if (done_.empty() && !dead_ && deadline > world_.now()) world_.wait_for(*this, deadline);
    for (std::size_t count = done_.size(); count > 0; --count) {
        Done done = done_.front();
        done_.pop_front();
        deliver(done);
    }
}

void Kernel::deliver(const Done& done) {
    if (done.message != nullptr) {
        done.message->deliver(*done.message);
        return;
    }
    auto found = pending_.find(done.id);
    assert(found != pending_.end());
    Operation& operation = *found->second.operation;
    ++counters_.completions;
    if (done.result >= 0) count_use(operation, std::uint64_t(done.result));
    operation.result = done.result;
    operation.more = done.more;
    operation.has_buffer = done.has_buffer;
    operation.buffer_id = done.buffer_id;
    if (!done.more) {
        operation.in_flight = false;
        operation.scratch = nullptr;
        SocketId socket = found->second.socket;
        pending_.erase(found);
        if (socket != 0 && !dead_) world_.network().release(socket);
    }
    operation.on_complete(operation);
}

void Kernel::count_use(const Operation& operation, std::uint64_t result) {
    FileUse& use = machine_.file_use;
    if (operation.code == OpCode::read) {
        ++use.reads;
        use.bytes_read += result;
    } else if (operation.code == OpCode::write) {
        use.bytes_written += result;
    } else if (operation.code == OpCode::list_directory) {
        use.names_listed += operation.entries->size();
    } else if (operation.code == OpCode::open) {
        const std::string_view path = operation.path;
        const bool is_message = path.find("/new/") != path.npos || path.find("/cur/") != path.npos;
        ++use.opened;
        use.messages_opened += is_message ? 1 : 0;
    }
}

// From here on: files fail, connections are cancelled, jobs run, messages arrive, nothing lasts.
void Kernel::die() {
    if (std::exchange(dead_, true)) return;
    for (auto& [id, pending] : pending_) {
        if (pending.finished) continue;
        if (pending.waits_for_event) world_.forget(pending.event);
        push(id, pending, {id, answer_of_the_dead(*pending.operation)});
    }
    for (auto& [from, messages] : transit_) {
        while (!messages.empty()) message_arrives(from);
    }
}

std::int32_t Kernel::answer_of_the_dead(Operation& operation) {
    if (operation.code == OpCode::close) return 0;
    if (operation.code == OpCode::offload) {
        operation.job->run();
        return 0;
    }
    return needs_descriptor(operation.code) && is_on_socket(operation.code) ? -ECANCELED : -EIO;
}

MonotonicTime Kernel::now() {
    return world_.now();
}

WallTime Kernel::wall_now() {
    return world_.wall_now();
}

std::uint64_t Kernel::free_bytes(int) {
    const std::size_t used = machine_.disk().used_bytes();
    const std::size_t all = world_.plan().disk_bytes;
    return all > used ? all - used : 0;
}

void Kernel::random(std::span<char> bytes) {
    for (char& byte : bytes) byte = char(world_.random().next());
}

// Each message has its own delay, and each arrival takes the oldest: order is kept.
void Kernel::send_message(unsigned shard, Message& message) {
    ++counters_.messages;
    Kernel& target = machine_.kernel(shard);
    target.transit_[shard_].push_back(&message);
    ++target.messages_in_transit_;
    if (target.dead_) {
        target.message_arrives(shard_);
        return;
    }
    OperationRef where{&machine_, machine_.boots(), shard, 0};
    world_.after(world_.draw(world_.plan().message), [where, from = shard_] {
        Kernel* kernel = Machine::kernel_of(where);
        if (kernel != nullptr) kernel->message_arrives(from);
    });
}

void Kernel::message_arrives(unsigned from) {
    auto& messages = transit_.at(from);
    assert(!messages.empty());
    Done done;
    done.message = messages.front();
    messages.pop_front();
    --messages_in_transit_;
    world_.note("message", from, shard_);
    done_.push_back(done);
}

std::string_view Kernel::buffer_bytes(std::uint16_t buffer_id, std::size_t length) {
    assert(length <= buffers_.at(buffer_id).size());
    return std::string_view(buffers_[buffer_id]).substr(0, length);
}

// What was in the buffer is overwritten: who reads it after this reads rubbish.
void Kernel::recycle(std::uint16_t buffer_id) {
    assert(std::find(free_buffers_.begin(), free_buffers_.end(), buffer_id) == free_buffers_.end());
    std::fill(buffers_.at(buffer_id).begin(), buffers_[buffer_id].end(), '\xdd');
    free_buffers_.push_back(buffer_id);
}

Result<int> Kernel::listen(const std::string& address, std::uint16_t port) {
    (void)address;  // a machine has one
    if (dead_) return fail_errno(EIO, "listen");
    auto socket = world_.network().listen(machine_, port);
    if (!socket) return Failure(socket.error());
    return machine_.add_descriptor({nullptr, *socket});
}

Result<int> Kernel::open_socket(int family) {
    if (family != AF_INET && family != AF_INET6) return fail_errno(EAFNOSUPPORT, "socket");
    if (dead_) return fail_errno(EIO, "socket");
    return machine_.add_descriptor({nullptr, world_.network().open(machine_)});
}

std::string Kernel::peer_address(int fd) {
    auto* descriptor = machine_.descriptor(fd);
    return descriptor == nullptr ? "" : world_.network().peer_address(descriptor->socket);
}

std::uint16_t Kernel::local_port(int fd) {
    auto* descriptor = machine_.descriptor(fd);
    return descriptor == nullptr ? 0 : world_.network().local_port(descriptor->socket);
}

void Kernel::reset_connection(int fd) {
    auto* descriptor = machine_.descriptor(fd);
    if (descriptor != nullptr && !dead_) world_.network().reset(descriptor->socket);
}

}  // namespace postern::sim
