// The MIME scanner; see structure.hpp. Line by line with a stack of open entities: a multipart on
// the stack watches for its boundary; when a line is one, everything above it on the stack ends. A
// line that comes in pieces is looked at as a shorter one that means the same: no boundary is
// longer than line_beginning_bytes. RFC 2045 §5.2; RFC 2046 §5.1, §5.2.1.
#include "message/structure.hpp"

#include <algorithm>
#include <utility>

#include "base/ascii.hpp"
#include "message/limits.hpp"
#include "message/transfer_encoding.hpp"

namespace postern::message {
namespace {

// What an address or a part costs of structure_text_bytes_max beside its text.
constexpr std::size_t item_cost_bytes = 64;
// Of a line in pieces: "--", a boundary, "--", and its CR.
constexpr std::size_t line_beginning_bytes = 2 + boundary_bytes_max + 2 + 1;

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

bool is_empty(std::string_view line) {
    return line == "\r\n" || line == "\n";
}

std::size_t line_end_size(std::string_view line) {
    return line.size() - strip_line_ending(line).size();
}

}  // namespace

StructureBuilder::StructureBuilder() : budget_(structure_text_bytes_max) {
    begin_header(HeaderOf::message, ContentType{}, 0);
}

void StructureBuilder::take(std::string_view piece) {
    while (!piece.empty()) {
        ends_in_line_end_ = piece.back() == '\n';
        if (!in_header_ && open_frames_ == 0) {  // nothing is watched for any more
            lines_ += std::uint64_t(std::count(piece.begin(), piece.end(), '\n'));
            position_ += piece.size();
            return;
        }
        const std::size_t size = line_size(piece);
        take_line_piece(piece.substr(0, size));
        piece.remove_prefix(size);
    }
}

void StructureBuilder::take_line_piece(std::string_view piece) {
    const bool is_whole = position_ == line_start_;
    const bool has_end = piece.ends_with('\n');
    position_ += piece.size();
    if (in_header_) header_ += piece.substr(0, header_bytes_max - header_.size());
    if (is_whole && has_end) return handle_line(piece);
    keep_line_piece(has_end ? piece.substr(0, piece.size() - 1) : piece);
    if (has_end) handle_line(shortened_line("\n"));
}

void StructureBuilder::keep_line_piece(std::string_view content) {
    const std::string_view beginning = content.substr(0, line_beginning_bytes - line_.size());
    line_ += beginning;
    content.remove_prefix(beginning.size());
    if (content.empty()) return;
    tail_has_text_ = tail_has_text_ || tail_ends_in_cr_;
    tail_ends_in_cr_ = content.back() == '\r';
    if (tail_ends_in_cr_) content.remove_suffix(1);
    if (tail_has_text_ || content.empty()) return;
    tail_has_text_ = !std::all_of(content.begin(), content.end(), is_wsp);
    tail_has_space_ = true;
}

// Until the next piece of a line is kept.
std::string_view StructureBuilder::shortened_line(std::string_view line_end) {
    if (tail_has_text_) {
        line_ += 'x';
    } else if (tail_has_space_) {
        line_ += ' ';
    }
    if (tail_ends_in_cr_) line_ += '\r';
    tail_has_text_ = tail_has_space_ = tail_ends_in_cr_ = false;
    return line_ += line_end;
}

// The line at line_start_, which ends at position_.
void StructureBuilder::handle_line(std::string_view line) {
    if (!handle_header_line(line)) {
        if (const auto delimiter = find_delimiter(line)) {
            close_frames(delimiter->frame + 1, line_start_);
            handle_delimiter(*delimiter);
        }
    }
    line_end_before_ = line_end_size(line);
    line_before_is_empty_ = line.size() == line_end_before_;
    if (line_end_before_ > 0) ++lines_;
    line_start_ = position_;
    line_.clear();
}

// A header goes up to the empty line; there is no body when a boundary comes first: false, and the
// line belongs to what is around the header.
bool StructureBuilder::handle_header_line(std::string_view line) {
    while (in_header_) {
        if (is_empty(line)) {
            end_header(position_, position_, lines_ + 1);
            return true;
        }
        if (!find_delimiter(line)) return true;
        end_header(std::max(line_start_ - line_end_before_, part_.header_offset), line_start_,
                   lines_);
    }
    return false;
}

// RFC 2046 §5.1.1: "--" boundary [ "--" ], white space, end of line; nothing else on the line.
std::optional<StructureBuilder::Delimiter> StructureBuilder::find_delimiter(
    std::string_view line) const {
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

void StructureBuilder::begin_header(HeaderOf header_of, const ContentType& default_type,
                                    std::uint64_t offset) {
    in_header_ = true;
    header_of_ = header_of;
    default_type_ = default_type;
    header_.clear();
    part_ = Part{};
    part_.depth = std::uint32_t(stack_.size());
    part_.header_offset = offset;
}

// What comes next begins at `next`, with `lines` line ends before it: the body, or the header of
// the message within it.
void StructureBuilder::end_header(std::uint64_t header_end, std::uint64_t next,
                                  std::uint64_t lines) {
    part_.header_size = header_end - part_.header_offset;
    part_.body_offset = header_end;
    if (header_.size() > part_.header_size) header_.resize(part_.header_size);
    parse_fields();
    keep_within_budget();
    Frame frame{.part = std::uint32_t(structure_.parts.size()), .lines_before = lines};
    in_header_ = false;
    const bool is_message = classify(frame);
    structure_.parts.push_back(std::move(part_));
    stack_.push_back(std::move(frame));
    if (is_message) begin_header(HeaderOf::message, ContentType{}, next);
}

void StructureBuilder::parse_fields() {
    Part& part = part_;
    EnvelopeBuilder envelope;
    std::optional<ContentType> type;
    HeaderReader reader(header_);
    auto keep_first = [](std::optional<std::string>& text, const HeaderField& field) {
        if (!text) text = unfold_value(field.value);
    };
    for (std::size_t count = 0; count < header_fields_max; ++count) {
        auto field = reader.next();
        if (!field) break;
        if (header_of_ == HeaderOf::message) envelope.add(*field);
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
    set_type(part, type ? *std::move(type) : std::move(default_type_));
    if (part.encoding.empty()) part.encoding = "7BIT";
    if (header_of_ == HeaderOf::message) {
        part.envelope = std::uint32_t(structure_.envelopes.size());
        structure_.envelopes.push_back(envelope.finish());
    }
}

// Over the budget a part keeps its offsets alone; the message's own header is always kept.
void StructureBuilder::keep_within_budget() {
    Part& part = part_;
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
bool StructureBuilder::classify(Frame& frame) {
    Part& part = part_;
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

// Ends the entities above the first `keep` on the stack; `end` is where a boundary line begins, or
// the end of the message. RFC 2046 §5.1.1: the line end before a boundary is the boundary's own.
void StructureBuilder::close_frames(std::size_t keep, std::uint64_t end) {
    const std::size_t line_end = keep > 0 ? line_end_before_ : 0;
    const bool is_unfinished = keep > 0 ? !line_before_is_empty_ : !ends_in_line_end_;
    while (stack_.size() > keep) {
        Frame& frame = stack_.back();
        Part& part = structure_.parts[frame.part];
        if (end > part.body_offset + line_end) {
            part.body_size = end - line_end - part.body_offset;
            part.body_lines = lines_ - frame.lines_before - (line_end > 0 ? 1 : 0);
            if (is_unfinished) ++part.body_lines;
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

void StructureBuilder::handle_delimiter(Delimiter delimiter) {
    Frame& frame = stack_.back();
    if (delimiter.close) {
        frame.open = false;
        --open_frames_;
        return;
    }
    if (structure_.parts.size() >= mime_parts_max) return;
    const bool digest = iequals(structure_.parts[frame.part].subtype, "digest");
    begin_header(HeaderOf::part, digest ? digest_type : ContentType{}, position_);
}

Structure StructureBuilder::finish() {
    const bool is_within_line = !line_.empty();
    if (is_within_line) handle_line(shortened_line({}));
    while (in_header_) end_header(position_, position_, lines_);
    close_frames(0, position_);
    return std::move(structure_);
}

Structure parse_structure(std::string_view message) {
    StructureBuilder builder;
    builder.take(message);
    return builder.finish();
}

}  // namespace postern::message
