// Replies on the wire; see reply.hpp.
#include "pop3/reply.hpp"

namespace postern::pop3 {
namespace {

std::string_view text_of(ResponseCode code) {
    switch (code) {
        case ResponseCode::in_use: return "[IN-USE] ";
        case ResponseCode::login_delay: return "[LOGIN-DELAY] ";
        case ResponseCode::system_temporary: return "[SYS/TEMP] ";
        case ResponseCode::authentication: return "[AUTH] ";
        case ResponseCode::none: break;
    }
    return "";
}

}  // namespace

std::string format_reply(const Reply& reply, Language language) {
    if (reply.indicator == Indicator::none) return {};
    std::string out = reply.indicator == Indicator::ok ? "+OK " : "-ERR ";
    out += text_of(reply.code);
    if (!reply.prefix.empty()) out += std::string(reply.prefix) + ' ';
    const std::string_view text = translate(reply.text, language);
    const std::size_t mark = reply.argument.empty() ? text.npos : text.find('#');
    out += text.substr(0, mark);
    if (mark != text.npos) {
        out += reply.argument;
        out += text.substr(mark + 1);
    }
    out += "\r\n";
    return out;
}

// RFC 2449 §8.1.2 (IN-USE), RFC 3206 §4 (SYS/TEMP: not the user's credentials).
Reply reply_to_failure(const Error& error) {
    switch (error.code) {
        case ErrorCode::in_use:
            return refusal("Another session has this maildrop", ResponseCode::in_use);
        case ErrorCode::not_found: return refusal("This message is gone");
        default: return refusal("Local error, try again later", ResponseCode::system_temporary);
    }
}

}  // namespace postern::pop3
