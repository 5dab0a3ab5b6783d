// Byte-stuffing; see dot_stuffer.hpp.
#include "pop3/dot_stuffer.hpp"

#include <algorithm>

namespace postern::pop3 {

// How the bytes sent so far end; `piece` is not empty.
void DotStuffer::note(std::string_view piece) {
    const bool cr_before = piece.size() > 1 ? piece[piece.size() - 2] == '\r' : last_ == Last::cr;
    if (piece.back() == '\r') {
        last_ = Last::cr;
    } else {
        last_ = piece.back() == '\n' && cr_before ? Last::line_end : Last::other;
    }
}

void DotStuffer::stuff(std::string_view piece, std::string& out) {
    while (!piece.empty()) {
        if (last_ == Last::line_end && piece.front() == '.') out += '.';
        const std::size_t lf = piece.find('\n');
        const std::string_view line = piece.substr(0, std::min(lf, piece.size() - 1) + 1);
        out += line;
        note(line);
        piece.remove_prefix(line.size());
    }
}

void DotStuffer::finish(std::string& out) const {
    out += last_ == Last::line_end ? ".\r\n" : "\r\n.\r\n";
}

std::size_t TopCut::take(std::string_view piece) {
    std::size_t taken = std::size_t(std::min<std::uint64_t>(header_left_, piece.size()));
    header_left_ -= taken;
    while (lines_left_ > 0 && taken < piece.size()) {
        const std::size_t lf = piece.find('\n', taken);
        if (lf == std::string_view::npos) return piece.size();
        taken = lf + 1;
        --lines_left_;
    }
    return taken;
}

}  // namespace postern::pop3
