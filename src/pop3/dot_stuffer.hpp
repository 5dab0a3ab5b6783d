// Byte-stuffing of multi-line responses (RFC 1939 §3), and the cut that TOP makes, over messages in
// pieces cut anywhere. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace postern::pop3 {

class DotStuffer {
 public:
    // Appends `piece` to `out`, with one more '.' where a line begins with one.
    void stuff(std::string_view piece, std::string& out);
    // The line end that the message lacks, and the "." line.
    void finish(std::string& out) const;

 private:
    enum class Last : std::uint8_t { line_end, cr, other };
    void note(std::string_view piece);

    Last last_ = Last::line_end;
};

// RFC 1939 §7 (TOP): the header section and so many lines of the body.
class TopCut {
 public:
    TopCut(std::uint64_t header_bytes, std::uint32_t lines)
        : header_left_(header_bytes), lines_left_(lines) {}

    // How much of `piece` belongs to the answer.
    std::size_t take(std::string_view piece);
    bool is_complete() const { return header_left_ == 0 && lines_left_ == 0; }

 private:
    std::uint64_t header_left_;
    std::uint32_t lines_left_;
};

}  // namespace postern::pop3
