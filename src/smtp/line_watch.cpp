// By searches, from one CR or LF to the next; see line_watch.hpp.
#include "smtp/line_watch.hpp"

#include <cstring>

namespace postern::smtp {

void LineWatch::feed(std::string_view bytes) {
    if (bytes.empty()) return;
    bytes_ += bytes.size();
    has_nul_ = has_nul_ || std::memchr(bytes.data(), 0, bytes.size()) != nullptr;
    if (after_cr_ && bytes.front() != '\n') has_bare_ = true;
    bool after_cr = after_cr_;
    for (std::size_t lf = bytes.find('\n'); lf != bytes.npos; lf = bytes.find('\n', lf + 1)) {
        if (lf > 0) after_cr = bytes[lf - 1] == '\r';
        if (!after_cr) has_bare_ = true;
    }
    for (std::size_t cr = bytes.find('\r'); cr != bytes.npos; cr = bytes.find('\r', cr + 1)) {
        if (cr + 1 < bytes.size() && bytes[cr + 1] != '\n') has_bare_ = true;
    }
    const bool one_lf_after_cr = bytes == "\n" && after_cr_;
    at_line_start_ = bytes.ends_with("\r\n") || one_lf_after_cr;
    after_cr_ = bytes.back() == '\r';
}

}  // namespace postern::smtp
