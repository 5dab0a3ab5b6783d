// The ring is made, and what a kernel lacks is said in words; see uring_kernel.hpp.
#include <sys/mman.h>
#include <sys/utsname.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "engine/uring_kernel.hpp"
#include "engine/uring_restrictions.hpp"

namespace postern::engine {
namespace {

std::string explain_setup_failure(int system_errno) {
    utsname name{};
    uname(&name);
    std::string release = name.release;
    if (system_errno == ENOSYS) {
        return "this kernel (" + release + ") has no io_uring; Postern needs Linux 6.1 or newer";
    }
    if (system_errno == EPERM || system_errno == EACCES) {
        return "io_uring is switched off here (sysctl kernel.io_uring_disabled, or a container's "
               "seccomp filter); Postern needs it";
    }
    if (system_errno == EINVAL) {
        return "this kernel (" + release +
               ") is too old: its io_uring lacks DEFER_TASKRUN; Postern needs Linux 6.1 or newer";
    }
    if (system_errno == ENOMEM) {
        return "no memory for the ring: raise the locked-memory limit (ulimit -l)";
    }
    return std::string("io_uring_setup: ") + std::strerror(system_errno);
}

}  // namespace

UringKernel::UringKernel(UringOptions options)
    : pool_(std::clamp(options.offload_threads, 1u, offload_threads_max)) {}

std::expected<std::unique_ptr<UringKernel>, std::string> UringKernel::create(UringOptions options) {
    std::unique_ptr<UringKernel> kernel(new UringKernel(options));
    if (auto ready = kernel->set_up_ring(); !ready) return std::unexpected(ready.error());
    if (auto ready = kernel->set_up_buffers(); !ready) return std::unexpected(ready.error());
    if (auto ready = kernel->set_up_chains(); !ready) return std::unexpected(ready.error());
    kernel->arm(kernel->pool_bell_, kernel->pool_.event_fd());
    kernel->arm(kernel->commits_bell_, kernel->commits_.event_fd());
    kernel->arm(kernel->writes_bell_, kernel->writes_.event_fd());
    return kernel;
}

std::expected<void, std::string> UringKernel::set_up_ring() {
    io_uring_params params{};
    params.flags = IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN |
                   IORING_SETUP_SUBMIT_ALL | IORING_SETUP_CQSIZE | IORING_SETUP_R_DISABLED;
    params.cq_entries = ring_completion_entries;
    int result = io_uring_queue_init_params(ring_entries, &ring_, &params);
    if (result < 0) return std::unexpected(explain_setup_failure(-result));
    ring_ready_ = true;
    io_uring_ring_dontfork(&ring_);
    return {};
}

std::expected<void, std::string> UringKernel::set_up_buffers() {
    const std::size_t ring_bytes = receive_buffers * sizeof(io_uring_buf);
    auto map = [](std::size_t bytes) {
        void* memory =
            mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        return memory == MAP_FAILED ? nullptr : memory;
    };
    buffer_ring_ = static_cast<io_uring_buf_ring*>(map(ring_bytes));
    buffers_ = static_cast<char*>(map(receive_buffers * receive_buffer_bytes));
    if (buffer_ring_ == nullptr || buffers_ == nullptr) {
        return std::unexpected("no memory for receive buffers");
    }
    io_uring_buf_reg registration{};
    registration.ring_addr = reinterpret_cast<std::uint64_t>(buffer_ring_);
    registration.ring_entries = receive_buffers;
    registration.bgid = buffer_group;
    if (int result = io_uring_register_buf_ring(&ring_, &registration, 0); result < 0) {
        return std::unexpected(explain_setup_failure(-result));
    }
    io_uring_buf_ring_init(buffer_ring_);
    spare_buffers_.reserve(receive_buffers);
    for (unsigned i = receive_buffers; i-- > 0;) spare_buffers_.push_back(std::uint16_t(i));
    offer_buffers();
    return {};
}

// The last of setting up: from here on the ring does what Postern does and nothing else.
std::expected<void, std::string> UringKernel::set_up_chains() {
    int result = io_uring_register_files_sparse(&ring_, chain_slots);
    if (result == 0) result = restrict_ring(&ring_);
    if (result == 0) result = enable_ring(&ring_);
    if (result < 0) return std::unexpected(explain_setup_failure(-result));
    for (unsigned slot = chain_slots; slot-- > 0;) free_slots_.push_back(std::int32_t(slot));
    return {};
}

UringKernel::~UringKernel() {
    if (ring_ready_) io_uring_queue_exit(&ring_);
    if (buffer_ring_ != nullptr) munmap(buffer_ring_, receive_buffers * sizeof(io_uring_buf));
    if (buffers_ != nullptr) munmap(buffers_, receive_buffers * receive_buffer_bytes);
}

}  // namespace postern::engine
