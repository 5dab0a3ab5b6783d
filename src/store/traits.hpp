// What POP3 must know of a message before it opens it: how many octets RETR will send, and whether
// its header needs a surrogate. Found in one pass over the bytes as they arrive, kept in the index
// (index_log.hpp); not in the file name, so after the loss of the index each message is read once
// more when POP3 asks (Mailbox::learn_traits). Pure data, no I/O. RFC 1939 §5, RFC 6856 §2.1.
#pragma once

#include <cstdint>
#include <string_view>

namespace postern::store {

namespace trait {
inline constexpr std::uint8_t known = 1;
inline constexpr std::uint8_t unfinished = 2;   // does not end in CRLF: RETR sends one more
inline constexpr std::uint8_t header_8bit = 4;  // bytes beyond ASCII in the header section
inline constexpr std::uint8_t all = 7;
}  // namespace trait

// Takes a message in pieces, cut anywhere.
class TraitScanner {
 public:
    void take(std::string_view piece);
    bool in_header() const { return in_header_; }
    std::uint8_t traits() const;

 private:
    void take_header(std::string_view piece);

    std::uint64_t size_ = 0;
    std::uint64_t line_bytes_ = 0;  // of the header line that is not at its end
    char last_[2] = {0, 0};
    bool in_header_ = true;
    bool header_8bit_ = false;
};

}  // namespace postern::store
