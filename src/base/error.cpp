// Names of error kinds and codes, and the one mapping from errno.
#include "base/error.hpp"

#include <cerrno>

namespace postern {

Error error_from_errno(int system_errno, const char* what) {
    auto make = [&](ErrorKind kind, ErrorCode code) {
        return Error{kind, code, system_errno, what};
    };
    switch (system_errno) {
        case ENOSPC:
        case EDQUOT: return make(ErrorKind::internal, ErrorCode::no_space);
        case ENOENT: return make(ErrorKind::peer_request, ErrorCode::not_found);
        case EEXIST: return make(ErrorKind::peer_request, ErrorCode::exists);
        case ECONNRESET:
        case EPIPE: return make(ErrorKind::gone, ErrorCode::reset);
        case ECANCELED: return make(ErrorKind::gone, ErrorCode::cancelled);
        case ETIMEDOUT: return make(ErrorKind::gone, ErrorCode::timed_out);
        case EMFILE:
        case ENFILE:
        case ENOMEM:
        case ENOBUFS: return make(ErrorKind::internal, ErrorCode::exhausted);
        default: return make(ErrorKind::internal, ErrorCode::io);
    }
}

std::string_view name_of(ErrorKind kind) {
    switch (kind) {
        case ErrorKind::peer_syntax: return "peer_syntax";
        case ErrorKind::peer_request: return "peer_request";
        case ErrorKind::internal: return "internal";
        case ErrorKind::gone: return "gone";
    }
    return "?";
}

std::string_view name_of(ErrorCode code) {
    switch (code) {
        case ErrorCode::syntax: return "syntax";
        case ErrorCode::line_too_long: return "line_too_long";
        case ErrorCode::not_utf8: return "not_utf8";
        case ErrorCode::forbidden_byte: return "forbidden_byte";
        case ErrorCode::limit: return "limit";
        case ErrorCode::too_big: return "too_big";
        case ErrorCode::refused: return "refused";
        case ErrorCode::wrong_state: return "wrong_state";
        case ErrorCode::authentication: return "authentication";
        case ErrorCode::not_found: return "not_found";
        case ErrorCode::exists: return "exists";
        case ErrorCode::in_use: return "in_use";
        case ErrorCode::over_quota: return "over_quota";
        case ErrorCode::unsupported: return "unsupported";
        case ErrorCode::io: return "io";
        case ErrorCode::no_space: return "no_space";
        case ErrorCode::corrupt: return "corrupt";
        case ErrorCode::exhausted: return "exhausted";
        case ErrorCode::closed: return "closed";
        case ErrorCode::reset: return "reset";
        case ErrorCode::timed_out: return "timed_out";
        case ErrorCode::cancelled: return "cancelled";
        case ErrorCode::tls: return "tls";
    }
    return "?";
}

}  // namespace postern
