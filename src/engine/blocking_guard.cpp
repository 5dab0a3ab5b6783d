// The filter; see blocking_guard.hpp.
#include "engine/blocking_guard.hpp"

#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/futex.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstring>
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

std::vector<sock_filter> make_program() {
    std::vector<sock_filter> program;
    load(program, offsetof(seccomp_data, arch));
    program.push_back(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, this_architecture, 1, 0));
    program.push_back(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS));
    load(program, offsetof(seccomp_data, nr));
    for (long number : allowed) answer_if(program, unsigned(number), SECCOMP_RET_ALLOW);
    // Of futex, only waking others.
    program.push_back(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_futex, 1, 0));
    program.push_back(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS));
    load(program, offsetof(seccomp_data, args[1]));
    answer_if(program, FUTEX_WAKE | FUTEX_PRIVATE_FLAG, SECCOMP_RET_ALLOW);
    answer_if(program, FUTEX_WAKE, SECCOMP_RET_ALLOW);
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
