// The words of a message for SEARCH (RFC 9051 §6.4.4): headers with their encoded words decoded,
// text parts with transfer encoding and charset decoded, all as UTF-8 in pieces. The message comes
// in pieces as well and parts that hold no text are not asked for, so that a large message takes
// neither memory nor reading. Comparison is by fold_for_search(). Nothing fails; a message that
// changed under its facts gives less text.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "message/facts.hpp"

namespace postern::message {

enum class SearchScope : std::uint8_t {
    body,  // parts and the headers within the body (SEARCH BODY)
    text,  // the message's own header too (SEARCH TEXT)
};

// Called with pieces of UTF-8 in order, a line break between fields and parts; false stops.
using TextSink = std::function<bool(std::string_view utf8)>;
void for_each_text(std::string_view message, const Facts& facts, SearchScope scope,
                   const TextSink& sink);

// The same for a message that is read in pieces:
//     while (auto offset = reader.next_offset()) { read there; reader.feed(bytes) }
//     reader.finish();
class TextReader {
 public:
    // `facts` must outlive it.
    TextReader(const Facts& facts, SearchScope scope, TextSink sink);
    TextReader(const TextReader&) = delete;
    TextReader& operator=(const TextReader&) = delete;
    ~TextReader();

    // Where the next bytes are that matter; nothing when no more do.
    std::optional<std::uint64_t> next_offset();
    // Any number of bytes from there on.
    void feed(std::string_view bytes);
    // No more bytes come: gives what was held back.
    void finish();
    // Whether what the sink is given belongs to the message's own header.
    bool in_message_header() const { return part_ == 0 && !in_body_; }

 private:
    struct Body;  // the decoders of one part
    bool open_next();
    void take(std::string_view bytes);
    void close();
    void give(std::string_view utf8) { stopped_ = stopped_ || !sink_(utf8); }

    const Facts& facts_;
    TextSink sink_;
    std::size_t part_ = 0;
    bool in_body_ = false;
    bool is_open_ = false;
    bool stopped_ = false;
    bool ended_ = false;
    std::uint64_t position_ = 0;  // of the next byte in the message
    std::uint64_t begin_ = 0;     // of the section that is open
    std::uint64_t end_ = 0;
    std::string header_;
    std::unique_ptr<Body> body_;
};

struct TextNeedle {
    std::string_view folded;  // has been through fold_for_search(); empty: in everything
    SearchScope scope = SearchScope::text;
};

// Looks for several texts in one pass over a message; use as TextReader.
class TextSearch {
 public:
    TextSearch(const Facts& facts, std::vector<TextNeedle> needles);

    std::optional<std::uint64_t> next_offset() {
        return undecided_ > 0 ? reader_.next_offset() : std::nullopt;
    }
    void feed(std::string_view bytes) { reader_.feed(bytes); }
    void finish();
    bool found(std::size_t needle) const { return found_[needle]; }

 private:
    bool add(std::string_view utf8);
    void match(std::string_view utf8);
    void flush();
    std::size_t cut_position() const;

    std::vector<TextNeedle> needles_;
    std::vector<bool> found_;
    std::size_t undecided_ = 0;
    std::size_t needle_bytes_max_ = 0;
    bool in_message_header_ = true;
    std::string pending_;  // not folded yet
    std::string window_;   // folded: as much of the end as a match could begin in
    TextReader reader_;
};

// `needle_folded` has been through fold_for_search(); an empty one is in everything.
bool contains_folded(std::string_view message, const Facts& facts, std::string_view needle_folded,
                     SearchScope scope);

// SEARCH HEADER, SUBJECT, FROM and their kin: whether a field of that name holds the text. An empty
// needle asks for the field alone.
bool header_contains_folded(std::string_view header, std::string_view name,
                            std::string_view needle_folded);

}  // namespace postern::message
