// The scan: byte by byte at the start of a line, by searches inside it; see data_scanner.hpp.
#include "smtp/data_scanner.hpp"

#include <cstring>

namespace postern::smtp {

void DataScanner::add(std::string_view slice, std::vector<std::string_view>& slices) {
    if (slice.empty()) return;
    content_bytes_ += slice.size();
    has_nul_ = has_nul_ || std::memchr(slice.data(), 0, slice.size()) != nullptr;
    slices.push_back(slice);
}

// Inside a line: goes on behind the next LF, or to the end of `bytes`. Gives the bytes passed.
std::size_t DataScanner::scan_line(std::string_view bytes) {
    const std::size_t lf = bytes.find('\n');
    const bool whole = lf != std::string_view::npos;
    std::string_view text = bytes.substr(0, lf);
    const bool cr_before = text.empty() ? state_ == State::line_cr : text.ends_with('\r');
    if (!text.empty()) {
        if (state_ == State::line_cr) has_bare_ = true;
        if (cr_before) text.remove_suffix(1);
        if (text.find('\r') != std::string_view::npos) has_bare_ = true;
    }
    if (!whole) {
        state_ = cr_before ? State::line_cr : State::line;
        return bytes.size();
    }
    if (!cr_before) has_bare_ = true;
    state_ = cr_before ? State::line_start : State::line;
    return lf + 1;
}

std::size_t DataScanner::scan(std::string_view bytes, std::vector<std::string_view>& slices) {
    std::size_t slice_begin = 0;
    std::size_t i = 0;
    while (i < bytes.size() && state_ != State::ended) {
        switch (state_) {
            case State::line_start:
                if (bytes[i] != '.') {
                    state_ = State::line;
                    break;
                }
                add(bytes.substr(slice_begin, i - slice_begin), slices);
                slice_begin = ++i;
                state_ = State::dot;
                break;
            case State::dot:
                state_ = bytes[i] == '\r' ? State::dot_cr : State::line;
                if (state_ == State::dot_cr) ++i;
                break;
            case State::dot_cr:
                slice_begin = i;  // the CR goes, too: alone it spoils the message anyway
                state_ = bytes[i] == '\n' ? State::ended : State::line_cr;
                if (state_ == State::ended) slice_begin = ++i;
                break;
            case State::line:
            case State::line_cr: i += scan_line(bytes.substr(i)); break;
            case State::ended: break;
        }
    }
    const std::size_t slice_end = state_ == State::dot_cr ? i - 1 : i;
    if (slice_end > slice_begin) add(bytes.substr(slice_begin, slice_end - slice_begin), slices);
    return i;
}

}  // namespace postern::smtp
