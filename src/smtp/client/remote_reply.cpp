// Replies; see remote_reply.hpp.
#include "smtp/client/remote_reply.hpp"

#include <utility>

#include "base/ascii.hpp"
#include "base/utf8.hpp"
#include "queue/limits.hpp"
#include "smtp/client/limits.hpp"

namespace postern::smtp::client {
namespace {

// RFC 5321 §4.2 (Reply-code), leniently in its second digit. 0: it is none.
int parse_code(std::string_view line) {
    if (line.size() < 3 || line[0] < '2' || line[0] > '5') return 0;
    if (!is_ascii_digit(line[1]) || !is_ascii_digit(line[2])) return 0;
    return (line[0] - '0') * 100 + (line[1] - '0') * 10 + (line[2] - '0');
}

// RFC 3463 §2: class "." subject "." detail, up to three digits each.
std::string_view leading_status(std::string_view text) {
    const std::string_view word = text.substr(0, text.find(' '));
    std::size_t part = 0, digits = 0;
    for (char c : word) {
        if (c == '.') {
            if (digits == 0 || ++part > 2) return {};
            digits = 0;
        } else if (!is_ascii_digit(c) || ++digits > (part == 0 ? 1 : 3)) {
            return {};
        }
    }
    return part == 2 && digits > 0 ? word : std::string_view();
}

}  // namespace

std::string RemoteReply::status() const {
    const std::string_view found = lines.empty() ? std::string_view() : leading_status(lines[0]);
    if (found.empty() || found.front() - '0' != code / 100) return {};
    return std::string(found);
}

std::string RemoteReply::text() const {
    std::string out;
    for (const std::string& line : lines) {
        if (!out.empty()) out += '\n';
        out += std::to_string(code) + ' ';
        for (char c : line) {
            const auto byte = static_cast<unsigned char>(c);
            out += byte < ' ' || byte == 0x7f ? '?' : c;
        }
        if (out.size() >= queue::reply_text_bytes_max) break;
    }
    cut_utf8(out, queue::reply_text_bytes_max);
    return out;
}

ReplyParser::Step ReplyParser::take(std::string_view line) {
    const int code = parse_code(line);
    const char separator = line.size() > 3 ? line[3] : ' ';
    bytes_ += line.size();
    if (code == 0 || (separator != ' ' && separator != '-')) return Step::bad;
    if (bytes_ > reply_bytes_max || reply_.lines.size() >= reply_lines_max) return Step::bad;
    if (reply_.code != 0 && reply_.code != code) return Step::bad;
    reply_.code = code;
    reply_.lines.emplace_back(line.size() > 4 ? line.substr(4) : std::string_view());
    return separator == ' ' ? Step::done : Step::more;
}

RemoteReply ReplyParser::take_reply() {
    bytes_ = 0;
    return std::exchange(reply_, {});
}

bool begins_positive_end(std::string_view piece) {
    return piece.size() >= 4 && parse_code(piece) / 100 == 2 && piece[3] == ' ';
}

}  // namespace postern::smtp::client
