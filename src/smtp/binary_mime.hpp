// Binary MIME: a message that came with BODY=BINARYMIME, made one of lines as it passes: parts
// whose Content-Transfer-Encoding is binary become base64, which keeps every octet, and what is
// around parts that changed says 8bit. So no mailbox, no next hop and no IMAP literal meets a NUL
// or a bare CR or LF. What is no part that may be binary passes as it is. Works on pieces cut
// anywhere; holds one header section and the tail of a piece. Pure.
// RFC 3030 §3 (conversion), RFC 2045 §6.2 and §6.8, RFC 2046 §5.1.1 (delimiters).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace postern::smtp {

class BinaryMime {
 public:
    // Appends what `bytes` become to `out`.
    void feed(std::string_view bytes, std::string& out);
    // The end of the message.
    void finish(std::string& out);
    // Nested too deep, or a header section over its limit: nothing more comes out.
    bool failed() const { return failed_; }

 private:
    enum class Mode : std::uint8_t { header, lines, encoded };
    struct Delimiter {
        std::size_t begin = 0;  // in held_, of its CRLF
        std::size_t end = 0;    // behind its line; 0: the line is not whole yet
        std::size_t level = 0;
        bool closes = false;
    };
    bool advance(std::string& out);
    bool advance_line(std::string& out);
    bool advance_encoded(std::string& out);
    void take_line(std::string_view line, std::string& out);
    void end_header(std::string_view empty_line, std::string& out);
    void enter_body(std::string_view header, bool is_binary);
    void apply(const Delimiter& delimiter, std::string_view line, std::string& out);
    std::optional<Delimiter> match(std::string_view line) const;
    std::optional<Delimiter> find_delimiter() const;
    void encode(std::string_view bytes, std::string& out);
    void end_encoding(std::string& out);

    std::string held_;                     // has not been looked at
    std::string header_;                   // the section so far
    std::string unencoded_;                // waits for a whole line of base64
    std::vector<std::string> boundaries_;  // with their "--", outermost first
    Mode mode_ = Mode::header;
    std::size_t virtual_bytes_ = 0;  // of held_, which the message does not have
    bool line_begins_ = true;
    bool failed_ = false;
};

}  // namespace postern::smtp
