// What a server answers, line by line. Pure. A reply whose lines disagree about the code, or beyond
// the limits, is no reply: what the server meant is unknown, and the connection is of no use.
// RFC 5321 §4.2 (replies), §4.2.1 (several lines), RFC 2034 §4 (enhanced status codes).
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace postern::smtp::client {

struct RemoteReply {
    int code = 0;                    // 200 to 599
    std::vector<std::string> lines;  // without code and separator; at least one

    bool is_positive() const { return code / 100 == 2; }
    bool is_intermediate() const { return code / 100 == 3; }
    bool is_transient_error() const { return code / 100 == 4; }
    bool is_permanent_error() const { return code / 100 == 5; }
    // RFC 5321 §3.8: the server is closing.
    bool closes() const { return code == 421; }

    // "5.1.1" when the first line has one that fits the code, otherwise "".
    std::string status() const;
    // All lines with the code, separated by LF, control characters made visible, at most
    // queue::reply_text_bytes_max bytes.
    std::string text() const;
};

class ReplyParser {
 public:
    enum class Step : unsigned char { more, done, bad };
    // One line without its ending. After `done` or `bad`: take_reply() or nothing.
    Step take(std::string_view line);
    RemoteReply take_reply();

 private:
    RemoteReply reply_;
    std::size_t bytes_ = 0;
};

// Whether an unfinished line at the end of a connection can only have become the last line of a
// positive reply: "250 2.0.0 Queue".
bool begins_positive_end(std::string_view piece);

}  // namespace postern::smtp::client
