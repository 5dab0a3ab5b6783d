// The MIME tree of a message with its byte offsets (RFC 2045, RFC 2046): one pass over the message,
// which comes in pieces cut anywhere; linear in its size whatever it holds. Of the message itself
// no more is kept than one header section (header_bytes_max) and the beginning of a line. Boundary
// lines are matched whole, innermost part first, so a boundary may be the beginning of another; a
// missing end boundary ends with the part around it. Mail that is not MIME is one text/plain part.
// Nothing fails; limits.hpp bounds depth, parts and text.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "message/envelope.hpp"
#include "message/mime.hpp"

namespace postern::message {

enum class PartKind : std::uint8_t {
    leaf,
    text,       // text/*: IMAP gives its lines
    multipart,  // one child or more
    message,    // message/rfc822, message/global: one child, the encapsulated message, which has
                // an envelope
};

inline constexpr std::uint32_t no_envelope = 0xffffffff;

struct Part {
    PartKind kind = PartKind::leaf;
    std::uint32_t depth = 0;        // 0 is the message itself
    std::uint32_t subtree_end = 0;  // index after the last part within this one
    std::uint32_t envelope =
        no_envelope;  // index into Structure::envelopes: a message's own header
    std::uint64_t header_offset = 0, header_size = 0;  // the empty line included
    std::uint64_t body_offset = 0, body_size = 0;      // without the line end before a boundary
    std::uint64_t body_lines = 0;                      // an unfinished last line counts
    std::string type, subtype;
    Parameters parameters;
    std::optional<std::string> id, description, md5, location;
    std::string encoding;  // as written, "7BIT" where there is none
    std::optional<Disposition> disposition;
    std::vector<std::string> languages;
    friend bool operator==(const Part&, const Part&) = default;
};

// Parts in the order of the message, each before the parts within it: the children of part p are
// p+1, then the subtree_end of each child up to p's own.
struct Structure {
    std::vector<Part> parts;          // never empty
    std::vector<Envelope> envelopes;  // [0] is the message's
    friend bool operator==(const Structure&, const Structure&) = default;
};

Structure parse_structure(std::string_view message);

// The same of a message that comes in pieces.
class StructureBuilder {
 public:
    StructureBuilder();
    void take(std::string_view piece);
    Structure finish();

 private:
    enum class HeaderOf : std::uint8_t { part, message };
    struct Frame {
        std::uint32_t part;
        std::string boundary;            // multipart only
        bool open = false;               // its end boundary has not come
        std::uint64_t lines_before = 0;  // line ends before the body
    };
    struct Delimiter {
        std::size_t frame;
        bool close;
    };

    void take_line_piece(std::string_view piece);
    void keep_line_piece(std::string_view content);
    std::string_view shortened_line(std::string_view line_end);
    void handle_line(std::string_view line);
    bool handle_header_line(std::string_view line);
    std::optional<Delimiter> find_delimiter(std::string_view line) const;
    void begin_header(HeaderOf header_of, const ContentType& default_type, std::uint64_t offset);
    void end_header(std::uint64_t header_end, std::uint64_t next, std::uint64_t lines);
    void parse_fields();
    void keep_within_budget();
    bool classify(Frame& frame);
    void handle_delimiter(Delimiter delimiter);
    void close_frames(std::size_t keep, std::uint64_t end);

    std::uint64_t position_ = 0;  // bytes taken
    std::uint64_t lines_ = 0;     // line ends before the line at line_start_
    std::uint64_t line_start_ = 0;
    std::size_t line_end_before_ = 0;   // size of the line end before it
    bool line_before_is_empty_ = true;  // nothing stands before that line end
    bool ends_in_line_end_ = true;      // the bytes taken

    // A line that has come in part: its beginning, and what stands behind that.
    std::string line_;
    bool tail_has_text_ = false, tail_has_space_ = false, tail_ends_in_cr_ = false;

    // The header section that is being read, and the part it begins.
    bool in_header_ = false;
    HeaderOf header_of_ = HeaderOf::message;
    ContentType default_type_;
    std::string header_;
    Part part_;

    std::size_t open_frames_ = 0;
    std::size_t budget_;
    std::vector<Frame> stack_;
    Structure structure_;
};

}  // namespace postern::message
