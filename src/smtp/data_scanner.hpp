// DATA scanner: finds the end of the mail data and takes out dot-stuffing, in place, on views that
// may be cut anywhere. Pure: no I/O, no copy. The message comes out as slices of the input.
//
// Only CRLF "." CRLF ends the data (RFC 5321 §4.1.1.4, §2.3.8). A bare CR or LF is noted and
// changes nothing about where lines begin, so that no other sequence ends a message and no dot is
// removed after one: what servers disagree about is how messages are smuggled. The CRLF before the
// mark belongs to the message. RFC 5321 §4.5.2 (transparency).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace postern::smtp {

class DataScanner {
 public:
    // Appends the content in `bytes` to `slices` and gives how many bytes were taken: all of them,
    // or those up to and including the end mark.
    std::size_t scan(std::string_view bytes, std::vector<std::string_view>& slices);

    bool ended() const { return state_ == State::ended; }
    bool has_bare_cr_or_lf() const { return has_bare_; }
    bool has_nul() const { return has_nul_; }
    std::uint64_t content_bytes() const { return content_bytes_; }

 private:
    enum class State : std::uint8_t {
        line_start,  // after CRLF, or at the very beginning
        dot,         // "." at the start of a line, which is not content
        dot_cr,      // ".CR", of which neither is content
        line,        // inside a line
        line_cr,     // inside a line, the byte before is CR
        ended,
    };
    std::size_t scan_line(std::string_view bytes);
    void add(std::string_view slice, std::vector<std::string_view>& slices);

    State state_ = State::line_start;
    bool has_bare_ = false;
    bool has_nul_ = false;
    std::uint64_t content_bytes_ = 0;
};

}  // namespace postern::smtp
