// The answer to EHLO; see capabilities.hpp.
#include "smtp/client/capabilities.hpp"

#include <algorithm>
#include <array>
#include <string_view>

#include "base/ascii.hpp"
#include "smtp/client/limits.hpp"

namespace postern::smtp::client {
namespace {

std::string_view take_word(std::string_view& text) {
    text = trim_wsp(text);
    const std::size_t end = std::min(text.find_first_of(" \t"), text.size());
    const std::string_view word = text.substr(0, end);
    text.remove_prefix(end);
    return word;
}

struct Flag {
    std::string_view keyword;
    bool Capabilities::* member;
};
constexpr std::array<Flag, 11> flags = {{
    {"PIPELINING", &Capabilities::pipelining},
    {"SIZE", &Capabilities::size},
    {"8BITMIME", &Capabilities::eight_bit_mime},
    {"BINARYMIME", &Capabilities::binary_mime},
    {"CHUNKING", &Capabilities::chunking},
    {"SMTPUTF8", &Capabilities::smtputf8},
    {"DSN", &Capabilities::dsn},
    {"STARTTLS", &Capabilities::starttls},
    {"REQUIRETLS", &Capabilities::require_tls},
    {"DELIVERBY", &Capabilities::deliver_by},
    {"MT-PRIORITY", &Capabilities::mt_priority},
}};

// RFC 9422 §3: LIMITS RCPTMAX=100 MAILMAX=5
void read_limits(std::string_view rest, Capabilities& out) {
    for (std::string_view word = take_word(rest); !word.empty(); word = take_word(rest)) {
        const std::size_t equals = std::min(word.find('='), word.size());
        const auto value = parse_decimal32(word.substr(std::min(equals + 1, word.size())));
        if (!value || *value == 0) continue;
        if (iequals(word.substr(0, equals), "RCPTMAX")) out.recipients_max = *value;
        if (iequals(word.substr(0, equals), "MAILMAX")) out.messages_max = *value;
    }
}

void read_line(std::string_view line, Capabilities& out) {
    const std::string_view keyword = take_word(line);
    for (const Flag& flag : flags) {
        if (iequals(keyword, flag.keyword)) out.*flag.member = true;
    }
    if (iequals(keyword, "SIZE")) {
        out.message_bytes_max = parse_decimal(take_word(line)).value_or(0);
    } else if (iequals(keyword, "DELIVERBY")) {
        out.deliver_by_s_min = parse_decimal32(take_word(line)).value_or(0);
    } else if (iequals(keyword, "LIMITS")) {
        read_limits(line, out);
    } else if (iequals(keyword, "AUTH") || istarts_with(keyword, "AUTH=")) {
        // "AUTH=LOGIN" is what very old servers say.
        if (keyword.size() > 5) out.auth.push_back(to_upper(keyword.substr(5)));
        for (auto word = take_word(line); !word.empty(); word = take_word(line)) {
            if (out.auth.size() < auth_mechanisms_max) out.auth.push_back(to_upper(word));
        }
    }
}

}  // namespace

bool Capabilities::offers_auth(std::string_view mechanism) const {
    return std::ranges::find(auth, mechanism) != auth.end();
}

Capabilities parse_capabilities(const RemoteReply& reply) {
    Capabilities out;
    out.is_esmtp = true;
    for (std::size_t i = 1; i < reply.lines.size(); ++i) read_line(reply.lines[i], out);
    return out;
}

}  // namespace postern::smtp::client
