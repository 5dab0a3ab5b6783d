// Errors as values. Every fallible function of Postern returns Result<T>; an Error says who is at
// fault (its kind decides the protocol's answer), what went wrong (its code) and, for a failed
// system call, the errno. It is 16 bytes, trivially copyable and allocates nothing, so that
// running out of memory or disk can be reported. Text for people that must carry data (a line of
// the configuration, a file name) travels in a type of its own, not here.
#pragma once

#include <cstdint>
#include <expected>
#include <string_view>

namespace postern {

// Who is at fault. One function a protocol turns a kind into a reply.
enum class ErrorKind : std::uint8_t {
    peer_syntax,   // the peer's bytes do not follow the grammar
    peer_request,  // well formed, but refused: state, limit, permission, no such thing
    internal,      // our failure: disk, memory, a damaged file
    gone,          // the connection ended, timed out or was cancelled: there is nobody to answer
};

enum class ErrorCode : std::uint8_t {
    syntax,          // peer_syntax
    line_too_long,   // peer_syntax: a line over its named limit
    not_utf8,        // peer_syntax
    forbidden_byte,  // peer_syntax: NUL, bare CR or LF, 8-bit where 7-bit is required
    limit,           // peer_request: a named limit reached
    too_big,         // peer_request: message or literal over its limit
    refused,         // peer_request: policy
    wrong_state,     // peer_request: not in this state
    authentication,  // peer_request: wrong user name or password
    not_found,       // peer_request: no such mailbox, account, file
    exists,          // peer_request: already there
    in_use,          // peer_request: held by another session
    over_quota,      // peer_request
    unsupported,     // peer_request: known, but not offered
    io,              // internal: a system call failed, see system_errno
    no_space,        // internal: ENOSPC, EDQUOT
    corrupt,         // internal: a durable record fails its checksum or its rules
    exhausted,       // internal: memory, descriptors, buffers
    closed,          // gone: orderly end of stream
    reset,           // gone: ECONNRESET, EPIPE
    timed_out,       // gone: a deadline passed
    cancelled,       // gone: the scope is being cancelled
    tls,             // gone: handshake or record failure
};

struct Error {
    ErrorKind kind = ErrorKind::internal;
    ErrorCode code = ErrorCode::io;
    std::int32_t system_errno = 0;  // 0 when no system call was involved
    const char* what = "";          // static text for the log, never shown to a peer

    friend bool operator==(const Error& a, const Error& b) {
        return a.kind == b.kind && a.code == b.code && a.system_errno == b.system_errno;
    }
};
static_assert(sizeof(Error) == 16);

template <class T>
using Result = std::expected<T, Error>;
using Failure = std::unexpected<Error>;

// `return fail_syntax("quoted-string not closed");` and its siblings, one a kind.
// `what` must be a string literal.
inline Failure fail_syntax(const char* what, ErrorCode code = ErrorCode::syntax) {
    return Failure(Error{ErrorKind::peer_syntax, code, 0, what});
}
inline Failure fail_request(ErrorCode code, const char* what) {
    return Failure(Error{ErrorKind::peer_request, code, 0, what});
}
inline Failure fail_internal(ErrorCode code, const char* what) {
    return Failure(Error{ErrorKind::internal, code, 0, what});
}
inline Failure fail_gone(ErrorCode code, const char* what) {
    return Failure(Error{ErrorKind::gone, code, 0, what});
}

// Turns an errno (positive) into an Error: ENOSPC and EDQUOT are no_space, ENOENT not_found, EEXIST
// exists, ECONNRESET and EPIPE reset, ECANCELED cancelled, ETIMEDOUT timed_out, EMFILE, ENFILE,
// ENOMEM and ENOBUFS exhausted, everything else io.
Error error_from_errno(int system_errno, const char* what);
inline Failure fail_errno(int system_errno, const char* what) {
    return Failure(error_from_errno(system_errno, what));
}

// The enumerator's own name, for logs and test output.
std::string_view name_of(ErrorKind kind);
std::string_view name_of(ErrorCode code);

}  // namespace postern
