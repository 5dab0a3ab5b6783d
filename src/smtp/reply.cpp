// Replies on the wire; see reply.hpp.
#include "smtp/reply.hpp"

#include <algorithm>

namespace postern::smtp {
namespace {

void append_line(std::string& out, const Reply& reply, std::string_view text, char separator) {
    const std::string code = std::to_string(int(reply.code));
    out += code;
    out += separator;
    if (reply.status != status::absent) {
        out += code.front();
        out += '.' + std::to_string(reply.status.subject);
        out += '.' + std::to_string(reply.status.detail) + ' ';
    }
    out += text;
    out += "\r\n";
}

}  // namespace

std::string format_reply(const Reply& reply) {
    std::string out;
    if (reply.code == Code::none) return out;
    std::string_view rest = reply.text;
    for (;;) {
        const std::size_t end = std::min(rest.find('\n'), rest.size());
        const bool last = end == rest.size();
        append_line(out, reply, rest.substr(0, end), last ? ' ' : '-');
        if (last) return out;
        rest.remove_prefix(end + 1);
    }
}

// RFC 5321 §4.2.3, RFC 3463 §3.4: no space and the like pass, so the client tries again.
Reply reply_to_failure(const Error& error) {
    switch (error.code) {
        case ErrorCode::no_space:
        case ErrorCode::exhausted:
            return {Code::no_storage, status::system_full, "Insufficient system storage"};
        case ErrorCode::over_quota: return {Code::no_storage, Status{2, 2}, "Mailbox full"};
        case ErrorCode::too_big:
            return {Code::too_big, status::too_big, "Message exceeds the size limit"};
        default: return {Code::local_error, status::system, "Local error, try again later"};
    }
}

}  // namespace postern::smtp
