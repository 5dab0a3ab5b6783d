// Computing facts; see facts_builder.hpp.
#include "message/facts_builder.hpp"

#include <algorithm>

#include "base/ascii.hpp"

namespace postern::message {

// Line by line, as the lines are what dots and line ends are about.
void FactsBuilder::scan_lines(std::string_view piece) {
    while (!piece.empty()) {
        const std::size_t end = std::min(piece.find('\n'), piece.size());
        const std::string_view part = piece.substr(0, end);
        if (!part.empty()) {
            if (at_line_start_ && part.front() == '.') facts_.has_dot_line = true;
            const std::size_t cr = part.find('\r');
            const bool lone_cr = ends_in_cr_ || cr < part.size() - 1;
            if (lone_cr) facts_.clean_crlf = false;
            ends_in_cr_ = cr != std::string_view::npos && part.back() == '\r';
            at_line_start_ = false;
        }
        if (end == piece.size()) return;
        ++facts_.lines;
        if (!ends_in_cr_) facts_.clean_crlf = false;
        at_line_start_ = true;
        ends_in_cr_ = false;
        piece.remove_prefix(end + 1);
    }
}

void FactsBuilder::take(std::string_view piece) {
    facts_.size += piece.size();
    scan_lines(piece);
    facts_.has_8bit = facts_.has_8bit || has_8bit(piece);
    facts_.has_nul = facts_.has_nul || piece.find('\0') != std::string_view::npos;
    structure_.take(piece);
}

Facts FactsBuilder::finish() {
    if (!at_line_start_) {
        ++facts_.lines;
        facts_.clean_crlf = false;
    }
    facts_.structure = structure_.finish();
    facts_.header_size = facts_.structure.parts[0].header_size;
    return std::move(facts_);
}

Facts compute_facts(std::string_view message) {
    FactsBuilder builder;
    builder.take(message);
    return builder.finish();
}

}  // namespace postern::message
