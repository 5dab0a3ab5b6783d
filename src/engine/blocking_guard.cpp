// The filter; see blocking_guard.hpp.
#include "engine/blocking_guard.hpp"

#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/futex.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstring>
#include <initializer_list>
#include <vector>

namespace postern::engine {
namespace {

// None of these waits for anything but memory.
constexpr long allowed[] = {
    SYS_io_uring_enter, SYS_mmap,        SYS_munmap,      SYS_madvise,     SYS_mprotect,
    SYS_mremap,         SYS_brk,         SYS_getpeername, SYS_getsockname, SYS_getrandom,
    SYS_clock_gettime,  SYS_sched_yield, SYS_gettid,      SYS_getpid,      SYS_tgkill,
    SYS_rt_sigprocmask, SYS_pipe2,       SYS_fcntl,       SYS_socket,      SYS_setsockopt,
    SYS_rt_sigreturn,   SYS_exit,        SYS_exit_group,  SYS_bind,        SYS_shutdown,
    SYS_openat2,        SYS_fstat,       SYS_close,  // of what is cached (at_once.hpp)
    SYS_fstatfs,                                     // of local file systems: counters in memory
};

#if defined(__x86_64__)
constexpr unsigned this_architecture = AUDIT_ARCH_X86_64;
#else
constexpr unsigned this_architecture = AUDIT_ARCH_AARCH64;
#endif

void load(std::vector<sock_filter>& program, std::size_t offset) {
    program.push_back(BPF_STMT(BPF_LD | BPF_W | BPF_ABS, unsigned(offset)));
}
// Answers at once when the loaded word is `value`.
void answer_if(std::vector<sock_filter>& program, unsigned value, unsigned answer) {
    program.push_back(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, 0, 1));
    program.push_back(BPF_STMT(BPF_RET | BPF_K, answer));
}

// A call whose argument is one of these; the loaded word is the call's number.
void allow_with(std::vector<sock_filter>& program, long number, std::size_t argument,
                std::initializer_list<unsigned> values) {
    const auto steps = std::uint8_t(2 * values.size() + 2);
    program.push_back(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, unsigned(number), 0, steps));
    load(program, offsetof(seccomp_data, args) + argument * sizeof(seccomp_data::args[0]));
    for (unsigned value : values) answer_if(program, value, SECCOMP_RET_ALLOW);
    program.push_back(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS));
}

std::vector<sock_filter> make_program() {
    std::vector<sock_filter> program;
    load(program, offsetof(seccomp_data, arch));
    program.push_back(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, this_architecture, 1, 0));
    program.push_back(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS));
    load(program, offsetof(seccomp_data, nr));
    for (long number : allowed) answer_if(program, unsigned(number), SECCOMP_RET_ALLOW);
    // Only waking others, and reading only what is there.
    allow_with(program, SYS_futex, 1, {FUTEX_WAKE | FUTEX_PRIVATE_FLAG, FUTEX_WAKE});
    allow_with(program, SYS_preadv2, 5, {RWF_NOWAIT});
    program.push_back(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS));
    return program;
}

}  // namespace

std::optional<std::string> forbid_blocking_calls() {
    std::vector<sock_filter> filters = make_program();
    sock_fprog program{static_cast<unsigned short>(filters.size()), filters.data()};
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
        prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0) {
        return std::nullopt;
    }
    return std::string("seccomp: ") + std::strerror(errno);
}

}  // namespace postern::engine
