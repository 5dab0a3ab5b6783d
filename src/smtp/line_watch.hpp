// Line watch: looks at message bytes as they pass, in pieces cut anywhere, for what no message may
// hold: CR and LF other than as CRLF, and NUL. Pure. RFC 5321 §2.3.8, RFC 5322 §2.2.
#pragma once

#include <cstdint>
#include <string_view>

namespace postern::smtp {

class LineWatch {
 public:
    void feed(std::string_view bytes);

    bool has_bare_cr_or_lf() const { return has_bare_; }
    bool has_nul() const { return has_nul_; }
    // Nothing was fed, or CRLF last.
    bool at_line_start() const { return at_line_start_; }
    std::uint64_t bytes() const { return bytes_; }

 private:
    std::uint64_t bytes_ = 0;
    bool has_bare_ = false;
    bool has_nul_ = false;
    bool after_cr_ = false;
    bool at_line_start_ = true;
};

}  // namespace postern::smtp
