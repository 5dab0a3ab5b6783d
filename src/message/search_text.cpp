// Decoded text and matching across its pieces; see search_text.hpp. RFC 9051 §6.4.4, RFC 5051.
#include "message/search_text.hpp"

#include <algorithm>

#include "base/ascii.hpp"
#include "message/charset.hpp"
#include "message/encoded_word.hpp"
#include "message/header.hpp"
#include "message/limits.hpp"
#include "message/transfer_encoding.hpp"

namespace postern::message {
namespace {

std::string_view range_of(std::string_view message, std::uint64_t offset, std::uint64_t size) {
    return offset <= message.size() ? message.substr(offset, size) : std::string_view();
}

// False when the sink wants no more.
bool give_header(std::string_view header, const TextSink& sink) {
    HeaderReader reader(header);
    for (std::size_t count = 0; count < header_fields_max; ++count) {
        auto field = reader.next();
        if (!field) break;
        std::string line(field->name);
        if (!line.empty()) line += ": ";
        line += decode_encoded_words(unfold_value(field->value));
        line += '\n';
        if (!sink(line)) return false;
    }
    return true;
}

bool give_body(const Part& part, std::string_view body, const TextSink& sink) {
    const Parameter* charset = find_parameter(part.parameters, "charset");
    CharsetDecoder to_text(charset != nullptr ? std::string_view(charset->value) : "us-ascii");
    TransferDecoder decoder(parse_transfer_encoding(part.encoding));
    std::string bytes, text;
    while (!body.empty()) {
        bytes.clear();
        text.clear();
        std::string_view piece = body.substr(0, text_chunk_bytes);
        decoder.feed(piece, bytes);
        to_text.feed(bytes, text);
        body.remove_prefix(piece.size());
        if (!text.empty() && !sink(text)) return false;
    }
    bytes.clear();
    text.clear();
    decoder.finish(bytes);
    to_text.feed(bytes, text);
    to_text.finish(text);
    text += '\n';
    return sink(text);
}

// Finds a folded needle in text that comes in pieces.
class Matcher {
 public:
    explicit Matcher(std::string_view needle) : needle_(needle), found_(needle.empty()) {}

    bool found() const { return found_; }

    void feed(std::string_view utf8) {
        pending_ += utf8;
        if (pending_.size() < text_chunk_bytes) return;
        std::size_t cut = cut_position();
        match(std::string_view(pending_).substr(0, cut));
        pending_.erase(0, cut);
    }

    void finish() {
        match(pending_);
        pending_.clear();
    }

 private:
    // Folding may join a character to those after it, never to an ASCII character: cut before the
    // last of these, or at a whole character where there are none.
    std::size_t cut_position() const {
        auto ascii = std::find_if(pending_.rbegin(), pending_.rend(),
                                  [](char c) { return (c & 0x80) == 0; });
        std::size_t cut = ascii == pending_.rend() ? 0 : std::size_t(pending_.rend() - ascii) - 1;
        if (cut > 0) return cut;
        cut = pending_.size() - 1;
        while (cut > 0 && (pending_[cut] & 0xc0) == 0x80) --cut;
        return cut > 0 ? cut : pending_.size();
    }

    void match(std::string_view utf8) {
        if (found_) return;
        window_ += fold_for_search(utf8);
        found_ = window_.find(needle_) != std::string::npos;
        if (window_.size() >= needle_.size()) {
            window_.erase(0, window_.size() - needle_.size() + 1);
        }
    }

    std::string_view needle_;
    std::string pending_;  // not folded yet
    std::string window_;   // folded: as much of the end as a match could begin in
    bool found_;
};

}  // namespace

void for_each_text(std::string_view message, const Facts& facts, SearchScope scope,
                   const TextSink& sink) {
    const auto& parts = facts.structure.parts;
    for (std::size_t i = 0; i < parts.size(); ++i) {
        const Part& part = parts[i];
        if (i > 0 || scope == SearchScope::text) {
            auto header = range_of(message, part.header_offset, part.header_size);
            if (!give_header(header, sink)) return;
        }
        if (part.kind != PartKind::text) continue;
        if (!give_body(part, range_of(message, part.body_offset, part.body_size), sink)) return;
    }
}

bool contains_folded(std::string_view message, const Facts& facts, std::string_view needle_folded,
                     SearchScope scope) {
    Matcher matcher(needle_folded);
    for_each_text(message, facts, scope, [&](std::string_view utf8) {
        matcher.feed(utf8);
        return !matcher.found();
    });
    matcher.finish();
    return matcher.found();
}

bool header_contains_folded(std::string_view header, std::string_view name,
                            std::string_view needle_folded) {
    HeaderReader reader(header);
    while (auto field = find_next_field(reader, name)) {
        if (needle_folded.empty()) return true;
        std::string folded = fold_for_search(decode_encoded_words(unfold_value(field->value)));
        if (folded.find(needle_folded) != std::string::npos) return true;
    }
    return false;
}

}  // namespace postern::message
