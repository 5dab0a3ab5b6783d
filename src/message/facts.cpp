// The durable form of facts, spelled out in facts.hpp.
#include "message/facts.hpp"

#include <algorithm>
#include <cassert>

#include "base/checksum.hpp"
#include "message/limits.hpp"

namespace postern::message {
namespace {

constexpr std::string_view magic = "PMF2";
constexpr std::uint8_t flag_dot_line = 1, flag_clean_crlf = 2, flag_8bit = 4, flag_nul = 8;
constexpr std::uint8_t flags_known = 15;
// The smallest encodings, so that a count can be checked against the bytes that are left.
constexpr std::size_t part_bytes_min = 19, envelope_bytes_min = 11, address_bytes_min = 5;
constexpr std::size_t parameter_bytes_min = 3, string_bytes_min = 1;

class Writer {
 public:
    void byte(std::uint8_t value) { out_ += char(value); }
    void varint(std::uint64_t value) {
        for (; value >= 0x80; value >>= 7) byte(std::uint8_t(value | 0x80));
        byte(std::uint8_t(value));
    }
    void string(std::string_view text) {
        varint(text.size());
        out_ += text;
    }
    void optional(const std::optional<std::string>& text) {
        byte(text ? 1 : 0);
        if (text) string(*text);
    }
    void parameters(const Parameters& list);
    void addresses(const std::vector<Address>& list);
    void part(const Part& part);
    void envelope(const Envelope& envelope);
    std::string finish();

 private:
    std::string out_ = std::string(magic);
};

void Writer::parameters(const Parameters& list) {
    varint(list.size());
    for (const Parameter& parameter : list) {
        string(parameter.name);
        string(parameter.value);
        byte(parameter.extended ? 1 : 0);
    }
}

void Writer::addresses(const std::vector<Address>& list) {
    varint(list.size());
    for (const Address& address : list) {
        byte(std::uint8_t(address.kind));
        string(address.name);
        string(address.route);
        string(address.local_part);
        string(address.domain);
    }
}

void Writer::part(const Part& part) {
    byte(std::uint8_t(part.kind));
    varint(part.depth);
    varint(part.subtree_end);
    varint(part.envelope == no_envelope ? 0 : std::uint64_t(part.envelope) + 1);
    for (std::uint64_t number : {part.header_offset, part.header_size, part.body_offset,
                                 part.body_size, part.body_lines}) {
        varint(number);
    }
    string(part.type);
    string(part.subtype);
    parameters(part.parameters);
    for (const auto* text : {&part.id, &part.description, &part.md5, &part.location}) {
        optional(*text);
    }
    string(part.encoding);
    byte(part.disposition ? 1 : 0);
    if (part.disposition) {
        string(part.disposition->type);
        parameters(part.disposition->parameters);
    }
    varint(part.languages.size());
    for (const std::string& language : part.languages) string(language);
}

void Writer::envelope(const Envelope& e) {
    for (const auto* text : {&e.date, &e.subject, &e.in_reply_to, &e.message_id, &e.references}) {
        optional(*text);
    }
    for (const auto* list : {&e.from, &e.sender, &e.reply_to, &e.to, &e.cc, &e.bcc}) {
        addresses(*list);
    }
}

std::string Writer::finish() {
    std::uint32_t checksum = crc32c(out_);
    for (int shift = 0; shift < 32; shift += 8) byte(std::uint8_t(checksum >> shift));
    return std::move(out_);
}

// Reads what Writer wrote; the first failure sticks and empties the rest.
class Reader {
 public:
    explicit Reader(std::string_view bytes) : rest_(bytes) {}

    bool ok() const { return ok_; }
    bool at_end() const { return rest_.empty(); }
    void fail() {
        ok_ = false;
        rest_ = {};
    }
    void check(bool condition) {
        if (!condition) fail();
    }
    std::uint8_t byte(std::uint8_t max);
    std::uint64_t varint();
    std::uint32_t varint32();
    std::string string();
    std::optional<std::string> optional();
    std::size_t count(std::size_t item_bytes_min, std::size_t max);
    Parameters parameters();
    std::vector<Address> addresses();
    Part part();
    Envelope envelope();

 private:
    std::string_view rest_;
    bool ok_ = true;
};

std::uint8_t Reader::byte(std::uint8_t max) {
    if (rest_.empty()) {
        fail();
        return 0;
    }
    auto value = static_cast<std::uint8_t>(rest_.front());
    rest_.remove_prefix(1);
    check(value <= max);
    return value <= max ? value : 0;
}

std::uint64_t Reader::varint() {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
        std::uint8_t next = byte(0xff);
        if (!ok_) return 0;
        bool overflow = shift == 63 && next > 1;
        bool not_shortest = next == 0 && shift > 0;
        if (overflow || not_shortest) break;
        value |= std::uint64_t(next & 0x7f) << shift;
        if (next < 0x80) return value;
    }
    fail();
    return 0;
}

std::uint32_t Reader::varint32() {
    std::uint64_t value = varint();
    check(value <= 0xffffffff);
    return std::uint32_t(value);
}

std::string Reader::string() {
    std::uint64_t size = varint();
    if (size > rest_.size()) {
        fail();
        return {};
    }
    std::string text(rest_.substr(0, size));
    rest_.remove_prefix(size);
    return text;
}

std::optional<std::string> Reader::optional() {
    if (byte(1) == 0) return std::nullopt;
    return string();
}

std::size_t Reader::count(std::size_t item_bytes_min, std::size_t max) {
    std::uint64_t value = varint();
    if (value > max || value > rest_.size() / item_bytes_min) {
        fail();
        return 0;
    }
    return std::size_t(value);
}

Parameters Reader::parameters() {
    Parameters list(count(parameter_bytes_min, mime_parameters_max));
    for (Parameter& parameter : list) {
        parameter.name = string();
        parameter.value = string();
        parameter.extended = byte(1) != 0;
    }
    return list;
}

std::vector<Address> Reader::addresses() {
    std::vector<Address> list(count(address_bytes_min, addresses_max));
    for (Address& address : list) {
        address.kind = AddressKind(byte(std::uint8_t(AddressKind::group_end)));
        address.name = string();
        address.route = string();
        address.local_part = string();
        address.domain = string();
    }
    return list;
}

Part Reader::part() {
    Part part;
    part.kind = PartKind(byte(std::uint8_t(PartKind::message)));
    part.depth = varint32();
    part.subtree_end = varint32();
    part.envelope = varint32() - 1;  // 0 wraps to no_envelope
    for (auto* number : {&part.header_offset, &part.header_size, &part.body_offset, &part.body_size,
                         &part.body_lines}) {
        *number = varint();
    }
    part.type = string();
    part.subtype = string();
    part.parameters = parameters();
    for (auto* text : {&part.id, &part.description, &part.md5, &part.location}) {
        *text = optional();
    }
    part.encoding = string();
    if (byte(1) != 0) {
        part.disposition.emplace();
        part.disposition->type = string();
        part.disposition->parameters = parameters();
    }
    part.languages.resize(count(string_bytes_min, mime_languages_max));
    for (std::string& language : part.languages) language = string();
    return part;
}

Envelope Reader::envelope() {
    Envelope e;
    for (auto* text : {&e.date, &e.subject, &e.in_reply_to, &e.message_id, &e.references}) {
        *text = optional();
    }
    for (auto* list : {&e.from, &e.sender, &e.reply_to, &e.to, &e.cc, &e.bcc}) {
        *list = addresses();
    }
    return e;
}

bool is_range_within(std::uint64_t offset, std::uint64_t size, std::uint64_t whole) {
    return offset <= whole && size <= whole - offset;
}

// The children of part `index`: their subtrees must follow each other and end where its own does.
// Gives their number, or nothing when they do not.
std::optional<std::size_t> count_children(const std::vector<Part>& parts, std::size_t index) {
    std::size_t count = 0, child = index + 1;
    for (; child < parts[index].subtree_end; ++count) {
        if (parts[child].depth != parts[index].depth + 1) return std::nullopt;
        if (parts[child].subtree_end <= child) return std::nullopt;
        child = parts[child].subtree_end;
    }
    if (child != parts[index].subtree_end) return std::nullopt;
    return count;
}

// What formatters and find_section rely on.
bool is_sound_part(const Facts& facts, std::size_t index) {
    const auto& parts = facts.structure.parts;
    const Part& part = parts[index];
    if (part.depth > mime_depth_max || part.subtree_end <= index ||
        part.subtree_end > parts.size()) {
        return false;
    }
    bool within = is_range_within(part.header_offset, part.header_size, facts.size) &&
                  is_range_within(part.body_offset, part.body_size, facts.size);
    auto children = count_children(parts, index);
    if (!within || !children) return false;
    if (part.kind == PartKind::multipart) return *children >= 1;
    if (part.kind == PartKind::message) {
        return *children == 1 && parts[index + 1].envelope != no_envelope;
    }
    return *children == 0;
}

// Every envelope belongs to one part, in order, the first to the message itself.
bool is_sound(const Facts& facts) {
    const auto& [parts, envelopes] = facts.structure;
    if (parts.empty() || parts[0].depth != 0 || parts[0].subtree_end != parts.size()) return false;
    std::uint32_t next_envelope = 0;
    for (std::size_t i = 0; i < parts.size(); ++i) {
        if (!is_sound_part(facts, i)) return false;
        if (parts[i].envelope != no_envelope && parts[i].envelope != next_envelope++) return false;
    }
    return parts[0].envelope == 0 && next_envelope == envelopes.size() &&
           facts.header_size <= facts.size;
}

Failure corrupt() {
    return fail_internal(ErrorCode::corrupt, "message facts");
}

void read_head(Reader& in, Facts& facts) {
    facts.size = in.varint();
    facts.header_size = in.varint();
    facts.lines = in.varint();
    std::uint8_t flags = in.byte(flags_known);
    facts.has_dot_line = (flags & flag_dot_line) != 0;
    facts.clean_crlf = (flags & flag_clean_crlf) != 0;
    facts.has_8bit = (flags & flag_8bit) != 0;
    facts.has_nul = (flags & flag_nul) != 0;
}

void read_structure(Reader& in, Facts& facts) {
    std::size_t parts = in.count(part_bytes_min, mime_parts_max);
    for (std::size_t i = 0; i < parts && in.ok(); ++i) facts.structure.parts.push_back(in.part());
    std::size_t envelopes = in.count(envelope_bytes_min, mime_parts_max);
    for (std::size_t i = 0; i < envelopes && in.ok(); ++i) {
        facts.structure.envelopes.push_back(in.envelope());
    }
}

}  // namespace

std::string encode_facts(const Facts& facts) {
    assert(is_sound(facts));
    Writer out;
    out.varint(facts.size);
    out.varint(facts.header_size);
    out.varint(facts.lines);
    out.byte(std::uint8_t((facts.has_dot_line ? flag_dot_line : 0) |
                          (facts.clean_crlf ? flag_clean_crlf : 0) |
                          (facts.has_8bit ? flag_8bit : 0) | (facts.has_nul ? flag_nul : 0)));
    out.varint(facts.structure.parts.size());
    for (const Part& part : facts.structure.parts) out.part(part);
    out.varint(facts.structure.envelopes.size());
    for (const Envelope& envelope : facts.structure.envelopes) out.envelope(envelope);
    return out.finish();
}

Result<Facts> decode_facts(std::string_view bytes) {
    if (!bytes.starts_with(magic) || bytes.size() < magic.size() + 4) return corrupt();
    std::string_view body = bytes.substr(0, bytes.size() - 4);
    std::uint32_t checksum = 0;
    for (int i = 3; i >= 0; --i) {
        checksum = checksum << 8 | static_cast<unsigned char>(bytes[body.size() + std::size_t(i)]);
    }
    if (checksum != crc32c(body)) return corrupt();
    Reader in(body.substr(magic.size()));
    Facts facts;
    read_head(in, facts);
    read_structure(in, facts);
    if (!in.ok() || !in.at_end() || !is_sound(facts)) return corrupt();
    return facts;
}

Result<Facts> decode_facts_head(std::string_view bytes) {
    if (!bytes.starts_with(magic)) return corrupt();
    Reader in(bytes.substr(magic.size()));
    Facts facts;
    read_head(in, facts);
    if (!in.ok() || facts.header_size > facts.size) return corrupt();
    return facts;
}

}  // namespace postern::message
