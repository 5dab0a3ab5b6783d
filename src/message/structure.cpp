// The MIME scanner; see structure.hpp. Line by line with a stack of open entities: a multipart on
// the stack watches for its boundary; when a line is one, everything above it on the stack ends.
// RFC 2045 §5.2; RFC 2046 §5.1, §5.2.1.
#include "message/structure.hpp"

#include <algorithm>

#include "base/ascii.hpp"
#include "message/limits.hpp"
#include "message/transfer_encoding.hpp"

namespace postern::message {
namespace {

// What an address or a part costs of structure_text_bytes_max beside its text.
constexpr std::size_t item_cost_bytes = 64;

std::size_t cost_of(const std::vector<Address>& list) {
    std::size_t cost = 0;
    for (const Address& address : list) {
        cost += item_cost_bytes + address.name.size() + address.route.size() +
                address.local_part.size() + address.domain.size();
    }
    return cost;
}

std::size_t cost_of(const std::optional<std::string>& text) {
    return text ? text->size() : 0;
}

std::size_t cost_of(const Envelope& e) {
    return cost_of(e.date) + cost_of(e.subject) + cost_of(e.in_reply_to) + cost_of(e.message_id) +
           cost_of(e.references) + cost_of(e.from) + cost_of(e.sender) + cost_of(e.reply_to) +
           cost_of(e.to) + cost_of(e.cc) + cost_of(e.bcc);
}

std::size_t cost_of(const Parameters& parameters) {
    std::size_t cost = 0;
    for (const Parameter& parameter : parameters) {
        cost += item_cost_bytes + parameter.name.size() + parameter.value.size();
    }
    return cost;
}

std::size_t cost_of(const Part& part) {
    std::size_t cost = item_cost_bytes + part.type.size() + part.subtype.size() +
                       part.encoding.size() + cost_of(part.parameters) + cost_of(part.id) +
                       cost_of(part.description) + cost_of(part.md5) + cost_of(part.location);
    if (part.disposition) {
        cost += part.disposition->type.size() + cost_of(part.disposition->parameters);
    }
    for (const std::string& language : part.languages) cost += language.size() + item_cost_bytes;
    return cost;
}

void set_type(Part& part, ContentType type) {
    part.type = std::move(type.type);
    part.subtype = std::move(type.subtype);
    part.parameters = std::move(type.parameters);
}

const ContentType opaque_type{"application", "octet-stream", {}};
const ContentType digest_type{"message", "rfc822", {}};  // RFC 2046 §5.1.5

PartKind kind_of(const Part& part) {
    if (iequals(part.type, "text")) return PartKind::text;
    if (iequals(part.type, "multipart")) return PartKind::multipart;
    if (!iequals(part.type, "message")) return PartKind::leaf;
    if (iequals(part.subtype, "rfc822")) return PartKind::message;
    // RFC 6532 §3.7: unlike message/rfc822 it may be encoded, and then its parts cannot be seen.
    bool plain = parse_transfer_encoding(part.encoding) == TransferEncoding::identity;
    return iequals(part.subtype, "global") && plain ? PartKind::message : PartKind::leaf;
}

// RFC 2046 §5.1.1: a boundary does not end with white space.
std::string boundary_of(const Part& part) {
    const Parameter* parameter = find_parameter(part.parameters, "boundary");
    if (parameter == nullptr || parameter->value.size() > boundary_bytes_max) return {};
    std::string boundary = parameter->extended ? decode_parameter(*parameter) : parameter->value;
    while (!boundary.empty() && is_wsp(boundary.back())) boundary.pop_back();
    return boundary;
}

enum class HeaderOf : std::uint8_t { part, message };

class Scanner {
 public:
    explicit Scanner(std::string_view message) : text_(message) {}
    Structure run();

 private:
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

    std::string_view next_line();
    std::optional<Delimiter> find_delimiter(std::string_view line) const;
    void begin_entity(HeaderOf header_of, const ContentType& default_type);
    void read_header(Part& part);
    void parse_fields(Part& part, HeaderOf header_of, const ContentType& default_type);
    void keep_within_budget(Part& part);
    bool classify(Part& part, Frame& frame);
    void handle_delimiter(Delimiter delimiter);
    void close_frames(std::size_t keep, std::size_t end, std::uint64_t lines);
    std::size_t line_end_size_before(std::size_t offset) const;
    void skip_to_end();

    std::string_view text_;
    std::size_t position_ = 0;
    std::uint64_t lines_ = 0;  // line ends before position_
    std::size_t open_frames_ = 0;
    std::size_t budget_ = structure_text_bytes_max;
    std::vector<Frame> stack_;
    Structure structure_;
};

std::string_view Scanner::next_line() {
    std::string_view rest = text_.substr(position_);
    std::string_view line = rest.substr(0, line_size(rest));
    position_ += line.size();
    if (line.ends_with('\n')) ++lines_;
    return line;
}

// RFC 2046 §5.1.1: "--" boundary [ "--" ], white space, end of line; nothing else on the line.
std::optional<Scanner::Delimiter> Scanner::find_delimiter(std::string_view line) const {
    if (open_frames_ == 0 || !line.starts_with("--")) return std::nullopt;
    line = strip_line_ending(line);
    line.remove_prefix(2);
    while (!line.empty() && is_wsp(line.back())) line.remove_suffix(1);
    if (line.size() > boundary_bytes_max + 2) return std::nullopt;
    for (std::size_t i = stack_.size(); i-- > 0;) {
        const Frame& frame = stack_[i];
        if (!frame.open || !line.starts_with(frame.boundary)) continue;
        std::string_view after = line.substr(frame.boundary.size());
        if (after.empty() || after == "--") return Delimiter{i, !after.empty()};
    }
    return std::nullopt;
}

std::size_t Scanner::line_end_size_before(std::size_t offset) const {
    if (offset == 0 || text_[offset - 1] != '\n') return 0;
    return offset >= 2 && text_[offset - 2] == '\r' ? 2 : 1;
}

// Reads up to the empty line; there is no body when a boundary or the end comes first.
void Scanner::read_header(Part& part) {
    part.header_offset = position_;
    while (position_ < text_.size()) {
        std::size_t line_start = position_;
        std::string_view line = next_line();
        if (line == "\r\n" || line == "\n") {
            part.header_size = position_ - part.header_offset;
            part.body_offset = position_;
            return;
        }
        if (find_delimiter(line)) {
            position_ = line_start;
            if (line.ends_with('\n')) --lines_;
            std::size_t end = line_start - line_end_size_before(line_start);
            part.header_size = std::max<std::size_t>(end, part.header_offset) - part.header_offset;
            part.body_offset = part.header_offset + part.header_size;
            return;
        }
    }
    part.header_size = position_ - part.header_offset;
    part.body_offset = position_;
}

void Scanner::parse_fields(Part& part, HeaderOf header_of, const ContentType& default_type) {
    EnvelopeBuilder envelope;
    std::optional<ContentType> type;
    std::string_view header = text_.substr(part.header_offset, part.header_size);
    HeaderReader reader(header.substr(0, header_bytes_max));
    auto keep_first = [](std::optional<std::string>& text, const HeaderField& field) {
        if (!text) text = unfold_value(field.value);
    };
    for (std::size_t count = 0; count < header_fields_max; ++count) {
        auto field = reader.next();
        if (!field) break;
        if (header_of == HeaderOf::message) envelope.add(*field);
        if (!istarts_with(field->name, "Content-")) continue;
        std::string_view name = field->name.substr(8);
        if (iequals(name, "Type") && !type) type = parse_content_type(field->value);
        if (iequals(name, "Transfer-Encoding") && part.encoding.empty()) {
            part.encoding = parse_encoding_token(field->value);
        }
        if (iequals(name, "Disposition") && !part.disposition) {
            part.disposition = parse_disposition(field->value);
        }
        if (iequals(name, "Language") && part.languages.empty())
            part.languages = parse_languages(field->value);
        if (iequals(name, "ID")) keep_first(part.id, *field);
        if (iequals(name, "Description")) keep_first(part.description, *field);
        if (iequals(name, "MD5")) keep_first(part.md5, *field);
        if (iequals(name, "Location")) keep_first(part.location, *field);
    }
    set_type(part, type ? *std::move(type) : ContentType(default_type));
    if (part.encoding.empty()) part.encoding = "7BIT";
    if (header_of == HeaderOf::message) {
        part.envelope = std::uint32_t(structure_.envelopes.size());
        structure_.envelopes.push_back(envelope.finish());
    }
}

// Over the budget a part keeps its offsets alone; the message's own header is always kept.
void Scanner::keep_within_budget(Part& part) {
    std::size_t cost = cost_of(part);
    if (part.envelope != no_envelope) cost += cost_of(structure_.envelopes[part.envelope]);
    bool affordable = cost <= budget_;
    budget_ -= std::min(cost, budget_);
    if (affordable || part.depth == 0) return;
    if (part.envelope != no_envelope) structure_.envelopes[part.envelope] = {};
    Part bare{.depth = part.depth, .envelope = part.envelope};
    bare.header_offset = part.header_offset;
    bare.header_size = part.header_size;
    bare.body_offset = part.body_offset;
    bare.encoding = "7BIT";
    part = std::move(bare);
    set_type(part, opaque_type);
}

// Decides what the entity is; a container must have room beneath it. RFC 2045 §5.2: a multipart
// without a boundary is text. True when it is a message whose child begins here.
bool Scanner::classify(Part& part, Frame& frame) {
    part.kind = kind_of(part);
    bool container = part.kind == PartKind::multipart || part.kind == PartKind::message;
    bool room = part.depth < mime_depth_max && structure_.parts.size() + 1 < mime_parts_max;
    if (container && !room) {
        set_type(part, opaque_type);
        part.kind = PartKind::leaf;
    }
    if (part.kind == PartKind::multipart) {
        frame.boundary = boundary_of(part);
        frame.open = !frame.boundary.empty();
        open_frames_ += frame.open ? 1 : 0;
    }
    return part.kind == PartKind::message;
}

// One entity and, as long as each is a message/rfc822, the message within it.
void Scanner::begin_entity(HeaderOf header_of, const ContentType& default_type) {
    const ContentType* type = &default_type;
    const ContentType plain;
    for (;;) {
        Part part;
        part.depth = std::uint32_t(stack_.size());
        read_header(part);
        parse_fields(part, header_of, *type);
        keep_within_budget(part);
        Frame frame{.part = std::uint32_t(structure_.parts.size()), .lines_before = lines_};
        bool message = classify(part, frame);
        structure_.parts.push_back(std::move(part));
        stack_.push_back(std::move(frame));
        if (!message) return;
        header_of = HeaderOf::message;
        type = &plain;
    }
}

// Ends the entities above the first `keep` on the stack; `end` is where a boundary line begins, or
// the end of the message, and `lines` the line ends before it. RFC 2046 §5.1.1: the line end before
// a boundary is the boundary's own.
void Scanner::close_frames(std::size_t keep, std::size_t end, std::uint64_t lines) {
    std::size_t line_end = keep > 0 ? line_end_size_before(end) : 0;
    while (stack_.size() > keep) {
        Frame& frame = stack_.back();
        Part& part = structure_.parts[frame.part];
        bool has_body = end > part.body_offset + line_end;
        if (has_body) {
            part.body_size = end - line_end - part.body_offset;
            part.body_lines = lines - frame.lines_before - (line_end > 0 ? 1 : 0);
            if (text_[end - line_end - 1] != '\n') ++part.body_lines;
        }
        part.subtree_end = std::uint32_t(structure_.parts.size());
        if (part.kind == PartKind::multipart && part.subtree_end == frame.part + 1) {
            set_type(part, ContentType{});
            part.kind = PartKind::text;
        }
        open_frames_ -= frame.open ? 1 : 0;
        stack_.pop_back();
    }
}

void Scanner::handle_delimiter(Delimiter delimiter) {
    Frame& frame = stack_.back();
    if (delimiter.close) {
        frame.open = false;
        --open_frames_;
        return;
    }
    if (structure_.parts.size() >= mime_parts_max) return;
    bool digest = iequals(structure_.parts[frame.part].subtype, "digest");
    begin_entity(HeaderOf::part, digest ? digest_type : ContentType{});
}

// Nothing is watched for any more: only the lines count.
void Scanner::skip_to_end() {
    lines_ +=
        std::uint64_t(std::count(text_.begin() + std::ptrdiff_t(position_), text_.end(), '\n'));
    position_ = text_.size();
}

Structure Scanner::run() {
    begin_entity(HeaderOf::message, ContentType{});
    while (position_ < text_.size()) {
        if (open_frames_ == 0) {
            skip_to_end();
            break;
        }
        std::size_t line_start = position_;
        std::uint64_t lines_before = lines_;
        std::string_view line = next_line();
        auto delimiter = find_delimiter(line);
        if (!delimiter) continue;
        close_frames(delimiter->frame + 1, line_start, lines_before);
        handle_delimiter(*delimiter);
    }
    close_frames(0, text_.size(), lines_);
    return std::move(structure_);
}

}  // namespace

Structure parse_structure(std::string_view message) {
    return Scanner(message).run();
}

}  // namespace postern::message
