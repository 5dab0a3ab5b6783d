// Dot-stuffing and line ends; see data_encoder.hpp.
#include "smtp/client/data_encoder.hpp"

#include <algorithm>

namespace postern::smtp::client {

void DataEncoder::end_line(std::string& out) {
    out += "\r\n";
    at_line_start_ = true;
    after_cr_ = false;
}

void DataEncoder::feed(std::string_view piece, std::string& out) {
    std::size_t i = 0;
    std::size_t line_feed = 0;  // the first at or after i, once it is looked for
    while (i < piece.size()) {
        if (after_cr_) {  // CR LF, or a CR alone, which ends its line too
            if (piece[i] == '\n') ++i;
            end_line(out);
            continue;
        }
        if (at_line_start_ && piece[i] == '.') out += '.';
        if (line_feed < i || line_feed == 0)
            line_feed = std::min(piece.find('\n', i), piece.size());
        const std::size_t end = std::min(piece.substr(0, line_feed).find('\r', i), line_feed);
        out += piece.substr(i, end - i);
        if (end > i) at_line_start_ = false;
        if (end == piece.size()) return;
        after_cr_ = piece[end] == '\r';
        i = end + 1;
        if (!after_cr_) end_line(out);
    }
}

void DataEncoder::finish(std::string& out) {
    if (after_cr_ || !at_line_start_) end_line(out);
    out += ".\r\n";
}

}  // namespace postern::smtp::client
