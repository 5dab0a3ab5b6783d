// Finding and normalising message IDs; see message_id.hpp. One pass, each byte looked at once.
#include "message/message_id.hpp"

#include "base/ascii.hpp"
#include "message/limits.hpp"

namespace postern::message {
namespace {

// RFC 5322 §3.6.4: msg-id = "<" id-left "@" id-right ">", id-left perhaps a quoted-string. Takes
// what stands behind "<", up to and with ">"; empty when it is no msg-id.
std::string take_id(std::string_view text, std::size_t& at) {
    std::string id;
    bool is_quoted = false;
    std::size_t at_sign = std::string::npos;
    for (; at < text.size(); ++at) {
        char c = text[at];
        if (c == '\\' && is_quoted && at + 1 < text.size()) {
            id += text[++at];
        } else if (c == '"') {
            is_quoted = !is_quoted;
        } else if (is_quoted) {
            id += c;
        } else if (c == '>') {
            ++at;
            bool is_whole = at_sign != std::string::npos && at_sign > 0 && at_sign + 1 < id.size();
            return is_whole ? id : std::string();
        } else if (c == '<') {
            return {};  // another one begins: this was none
        } else if (!is_wsp(c) && c != '\r' && c != '\n') {
            if (c == '@') at_sign = id.size();
            id += c;
        }
    }
    return {};
}

// From `at` on; empty when there is none.
std::string next_id(std::string_view value, std::size_t& at) {
    while (at < value.size()) {
        if (value[at++] != '<') continue;
        std::string id = take_id(value, at);
        if (!id.empty()) return id;
    }
    return {};
}

}  // namespace

std::string first_message_id(std::string_view value) {
    std::size_t at = 0;
    return next_id(value, at);
}

std::vector<std::string> parse_message_ids(std::string_view value) {
    std::vector<std::string> ids;
    std::size_t at = 0;
    for (std::string id = next_id(value, at); !id.empty(); id = next_id(value, at)) {
        ids.push_back(std::move(id));
    }
    if (ids.size() > references_max) {
        ids.erase(ids.begin(), ids.end() - std::ptrdiff_t(references_max));
    }
    return ids;
}

}  // namespace postern::message
