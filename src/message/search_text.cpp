// Decoded text and matching across its pieces; see search_text.hpp. RFC 9051 §6.4.4, RFC 5051.
#include "message/search_text.hpp"

#include <string.h>

#include <algorithm>

#include "base/ascii.hpp"
#include "message/charset.hpp"
#include "message/encoded_word.hpp"
#include "message/header.hpp"
#include "message/limits.hpp"
#include "message/transfer_encoding.hpp"

namespace postern::message {
namespace {

std::string_view charset_of(const Part& part) {
    const Parameter* charset = find_parameter(part.parameters, "charset");
    return charset != nullptr ? std::string_view(charset->value) : "us-ascii";
}

bool contains_bytes(std::string_view text, std::string_view needle) {
    return memmem(text.data(), text.size(), needle.data(), needle.size()) != nullptr;
}

}  // namespace

// ---- reading ------------------------------------------------------------------------------------

struct TextReader::Body {
    CharsetDecoder to_text;
    TransferDecoder decoder;
    std::string bytes, text;
    explicit Body(const Part& part)
        : to_text(charset_of(part)), decoder(parse_transfer_encoding(part.encoding)) {}
};

TextReader::TextReader(const Facts& facts, SearchScope scope, TextSink sink)
    : facts_(facts), sink_(std::move(sink)), in_body_(scope == SearchScope::body) {}

TextReader::~TextReader() = default;

// Headers and text bodies, in the order of the message; part_ and in_body_ name the next one.
bool TextReader::open_next() {
    const auto& parts = facts_.structure.parts;
    while (part_ < parts.size()) {
        const Part& part = parts[part_];
        bool has_text = !in_body_ || part.kind == PartKind::text;
        begin_ = in_body_ ? part.body_offset : part.header_offset;
        end_ = begin_ + (in_body_ ? part.body_size : part.header_size);
        if (has_text && end_ > position_ && end_ > begin_) {
            if (in_body_) body_ = std::make_unique<Body>(part);
            is_open_ = true;
            return true;
        }
        part_ += in_body_ ? 1 : 0;
        in_body_ = !in_body_;
    }
    return false;
}

std::optional<std::uint64_t> TextReader::next_offset() {
    if (stopped_ || ended_ || (!is_open_ && !open_next())) return std::nullopt;
    position_ = std::max(position_, begin_);
    return position_;
}

void TextReader::feed(std::string_view bytes) {
    while (!bytes.empty()) {
        std::uint64_t before = position_;
        auto wanted = next_offset();
        if (!wanted || *wanted - before >= bytes.size()) return;
        bytes.remove_prefix(*wanted - before);
        std::string_view piece =
            bytes.substr(0, std::min<std::uint64_t>(end_ - position_, text_chunk_bytes));
        take(piece);
        position_ += piece.size();
        bytes.remove_prefix(piece.size());
        if (position_ == end_) close();
    }
}

void TextReader::finish() {
    if (is_open_) close();
    ended_ = true;
}

void TextReader::take(std::string_view bytes) {
    if (!in_body_) {
        if (header_.size() < header_bytes_max) header_ += bytes;
        return;
    }
    body_->bytes.clear();
    body_->text.clear();
    body_->decoder.feed(bytes, body_->bytes);
    body_->to_text.feed(body_->bytes, body_->text);
    if (!body_->text.empty()) give(body_->text);
}

// Headers are decoded as a whole: an encoded word may stand anywhere in them.
void TextReader::close() {
    if (in_body_) {
        body_->bytes.clear();
        body_->text.clear();
        body_->decoder.finish(body_->bytes);
        body_->to_text.feed(body_->bytes, body_->text);
        body_->to_text.finish(body_->text);
        give(body_->text + '\n');
        body_.reset();
    } else {
        HeaderReader reader(header_);
        for (std::size_t count = 0; count < header_fields_max && !stopped_; ++count) {
            auto field = reader.next();
            if (!field) break;
            std::string line(field->name);
            if (!line.empty()) line += ": ";
            give(line + decode_encoded_words(unfold_value(field->value)) + '\n');
        }
        header_.clear();
    }
    is_open_ = false;
    part_ += in_body_ ? 1 : 0;
    in_body_ = !in_body_;
}

void for_each_text(std::string_view message, const Facts& facts, SearchScope scope,
                   const TextSink& sink) {
    TextReader reader(facts, scope, sink);
    reader.feed(message);
    reader.finish();
}

// ---- matching -----------------------------------------------------------------------------------

namespace {

SearchScope widest(const std::vector<TextNeedle>& needles) {
    bool is_text = std::any_of(needles.begin(), needles.end(), [](const TextNeedle& needle) {
        return needle.scope == SearchScope::text;
    });
    return is_text ? SearchScope::text : SearchScope::body;
}

}  // namespace

TextSearch::TextSearch(const Facts& facts, std::vector<TextNeedle> needles)
    : needles_(std::move(needles)),
      found_(needles_.size()),
      in_message_header_(widest(needles_) == SearchScope::text),
      reader_(facts, widest(needles_), [this](std::string_view utf8) { return add(utf8); }) {
    for (std::size_t i = 0; i < needles_.size(); ++i) {
        found_[i] = needles_[i].folded.empty();
        undecided_ += found_[i] ? 0 : 1;
        needle_bytes_max_ = std::max(needle_bytes_max_, needles_[i].folded.size());
    }
}

bool TextSearch::add(std::string_view utf8) {
    if (undecided_ == 0) return false;
    // What is asked of the body must not be found in the header before it.
    if (in_message_header_ && !reader_.in_message_header()) {
        flush();
        in_message_header_ = false;
    }
    pending_ += utf8;
    if (pending_.size() >= text_chunk_bytes) {
        std::size_t cut = cut_position();
        match(std::string_view(pending_).substr(0, cut));
        pending_.erase(0, cut);
    }
    return undecided_ > 0;
}

void TextSearch::finish() {
    reader_.finish();
    flush();
}

void TextSearch::flush() {
    match(pending_);
    pending_.clear();
    window_.clear();
}

// Folding may join a character to those after it, never to an ASCII character: cut before the last
// of these, or at a whole character where there are none.
std::size_t TextSearch::cut_position() const {
    auto ascii =
        std::find_if(pending_.rbegin(), pending_.rend(), [](char c) { return (c & 0x80) == 0; });
    std::size_t cut = ascii == pending_.rend() ? 0 : std::size_t(pending_.rend() - ascii) - 1;
    if (cut > 0) return cut;
    cut = pending_.size() - 1;
    while (cut > 0 && (pending_[cut] & 0xc0) == 0x80) --cut;
    return cut > 0 ? cut : pending_.size();
}

void TextSearch::match(std::string_view utf8) {
    if (undecided_ == 0 || utf8.empty()) return;
    window_ += fold_for_search(utf8);
    for (std::size_t i = 0; i < needles_.size(); ++i) {
        if (found_[i]) continue;
        if (in_message_header_ && needles_[i].scope == SearchScope::body) continue;
        if (!contains_bytes(window_, needles_[i].folded)) continue;
        found_[i] = true;
        --undecided_;
    }
    if (window_.size() >= needle_bytes_max_) {
        window_.erase(0, window_.size() - needle_bytes_max_ + 1);
    }
}

bool contains_folded(std::string_view message, const Facts& facts, std::string_view needle_folded,
                     SearchScope scope) {
    std::vector<TextNeedle> needles(1, TextNeedle{needle_folded, scope});
    TextSearch search(facts, std::move(needles));
    search.feed(message);
    search.finish();
    return search.found(0);
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
