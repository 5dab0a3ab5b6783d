// Replies as typed values: a status indicator, a response code (RFC 2449 §8, RFC 3206) and one line
// of text. The lines of a multi-line response are written by the handlers. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "pop3/texts.hpp"

namespace postern::pop3 {

enum class Indicator : std::uint8_t {
    none,  // nothing is sent: the handler has answered already
    ok,
    error,
};

enum class ResponseCode : std::uint8_t {
    none,
    in_use,            // RFC 2449 §8.1.2
    login_delay,       // RFC 2449 §8.1.1
    system_temporary,  // RFC 3206 §4
    authentication,    // RFC 3206 §5
};

enum class Afterwards : std::uint8_t { go_on, close };

struct Reply {
    Indicator indicator = Indicator::none;
    std::string text;  // English, which is translated where the catalogue of texts.hpp knows it
    ResponseCode code = ResponseCode::none;
    Afterwards afterwards = Afterwards::go_on;
    std::string argument;     // for the '#' of the text
    std::string_view prefix;  // a word before the text that is not translated
};

inline Reply ok(std::string text) {
    return {Indicator::ok, std::move(text)};
}
inline Reply ok(std::string text, std::uint64_t number) {
    Reply reply{Indicator::ok, std::move(text)};
    reply.argument = std::to_string(number);
    return reply;
}
inline Reply refusal(std::string text, ResponseCode code = ResponseCode::none) {
    return {Indicator::error, std::move(text), code};
}

// RFC 1939 §3: "+OK text" or "-ERR [CODE] text", with CRLF.
std::string format_reply(const Reply& reply, Language language = Language::english);

// How an error of the store or the authenticator is answered.
Reply reply_to_failure(const Error& error);

}  // namespace postern::pop3
