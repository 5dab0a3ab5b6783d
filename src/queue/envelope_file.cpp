// Writing and reading the lines; the format is in envelope_file.hpp.
#include "queue/envelope_file.hpp"

#include <array>
#include <charconv>
#include <optional>

#include "base/ascii.hpp"
#include "base/checksum.hpp"
#include "base/hex.hpp"
#include "queue/limits.hpp"

namespace postern::queue {
namespace {

constexpr std::string_view first_kind = "postern-queue-1";
constexpr std::size_t crc_digits = 8;
constexpr std::array<std::string_view, 4> state_names = {"deferred", "delivered", "failed",
                                                         "deleted"};

bool is_plain(char c) {
    return static_cast<unsigned char>(c) > 0x20 && c != '%' && c != 0x7f;
}

void put(std::string& out, std::string_view key, std::string_view value) {
    if (value.empty()) return;
    out += ' ';
    out += key;
    out += '=';
    for (char c : value) {
        if (is_plain(c)) {
            out += c;
        } else {
            append_escape(out, '%', c);
        }
    }
}

void put_number(std::string& out, std::string_view key, std::int64_t value) {
    if (value != 0) put(out, key, std::to_string(value));
}

// "%41" to "A"; nothing for what was not written here.
std::optional<std::string> decode(std::string_view value) {
    std::string text;
    for (std::size_t i = 0; i < value.size(); ++i) {
        if (value[i] != '%') {
            if (!is_plain(value[i])) return std::nullopt;
            text += value[i];
            continue;
        }
        const auto byte = parse_hex(to_lower(value.substr(i + 1, 2)));
        if (i + 2 >= value.size() || !byte || is_plain(char(*byte))) return std::nullopt;
        text += char(*byte);
        i += 2;
    }
    return text;
}

// One record in pieces. Damage inside a line whose crc is right is a bug of ours or of a
// successor: the field counts as absent, and what must be there is missed by the reader.
class Record {
 public:
    explicit Record(std::string_view text) : rest_(text) { kind_ = word(); }

    std::string_view kind() const { return kind_; }

    std::string_view raw(std::string_view key) const {
        std::string_view rest = rest_;
        while (!rest.empty()) {
            const auto end = std::min(rest.find(' '), rest.size());
            const std::string_view field = rest.substr(0, end);
            rest.remove_prefix(std::min(end + 1, rest.size()));
            if (field.size() > key.size() && field[key.size()] == '=' && field.starts_with(key)) {
                return field.substr(key.size() + 1);
            }
        }
        return {};
    }
    std::string text(std::string_view key) const { return decode(raw(key)).value_or(""); }
    std::int64_t number(std::string_view key) const {
        const std::string_view digits = raw(key);
        std::int64_t value = 0;
        const auto [end, problem] =
            std::from_chars(digits.data(), digits.data() + digits.size(), value);
        return problem == std::errc() && end == digits.data() + digits.size() ? value : 0;
    }
    bool flag(std::string_view key) const { return raw(key) == "1"; }

 private:
    std::string_view word() {
        const auto end = std::min(rest_.find(' '), rest_.size());
        const std::string_view word = rest_.substr(0, end);
        rest_.remove_prefix(std::min(end + 1, rest_.size()));
        return word;
    }

    std::string_view rest_;
    std::string_view kind_;
};

// Gives the lines whose crc is right, one after the other.
class LineReader {
 public:
    explicit LineReader(std::string_view bytes) : bytes_(bytes) {}

    std::optional<Record> next() {
        const std::string_view rest = bytes_.substr(valid_);
        const auto end = rest.find('\n');
        if (end == rest.npos || end <= crc_digits || rest[crc_digits] != ' ') return std::nullopt;
        const auto crc = parse_hex(rest.substr(0, crc_digits));
        const std::string_view record = rest.substr(crc_digits + 1, end - crc_digits - 1);
        if (!crc || *crc != crc32c(record, chain_)) return std::nullopt;
        chain_ = std::uint32_t(*crc);
        valid_ += end + 1;
        return Record(record);
    }
    std::size_t valid_bytes() const { return valid_; }
    std::uint32_t chain() const { return chain_; }

 private:
    std::string_view bytes_;
    std::size_t valid_ = 0;
    std::uint32_t chain_ = 0;
};

std::string format_ranges(const std::vector<std::uint32_t>& indices) {
    std::string out;
    for (std::size_t i = 0; i < indices.size();) {
        std::size_t last = i;
        while (last + 1 < indices.size() && indices[last + 1] == indices[last] + 1) ++last;
        if (!out.empty()) out += ',';
        out += std::to_string(indices[i]);
        if (last > i) out += '-' + std::to_string(indices[last]);
        i = last + 1;
    }
    return out;
}

// Calls `use` for each index below `count`; what is no range is passed over.
template <class Use>
void for_each_index(std::string_view ranges, std::size_t count, Use use) {
    while (!ranges.empty()) {
        const auto comma = std::min(ranges.find(','), ranges.size());
        const std::string_view range = ranges.substr(0, comma);
        ranges.remove_prefix(std::min(comma + 1, ranges.size()));
        const auto dash = std::min(range.find('-'), range.size());
        const auto first = parse_decimal32(range.substr(0, dash));
        const auto last = dash == range.size() ? first : parse_decimal32(range.substr(dash + 1));
        if (!first || !last) continue;
        for (std::size_t i = *first; i <= *last && i < count; ++i) use(i);
    }
}

std::string_view name_of(ReturnKind kind) {
    if (kind == ReturnKind::full) return "full";
    return kind == ReturnKind::headers ? "headers" : "";
}
std::string_view name_of(BodyKind kind) {
    if (kind == BodyKind::eight_bit) return "8bit";
    return kind == BodyKind::binary ? "binary" : "";
}
std::string_view name_of(DeliverByMode mode) {
    if (mode == DeliverByMode::notify_sender) return "notify";
    return mode == DeliverByMode::give_up ? "return" : "";
}

std::string format_facts(const MessageFacts& facts) {
    std::string has;
    if (facts.has_8bit) has += '8';
    if (facts.has_utf8_header) has += 'u';
    if (facts.is_binary) has += 'b';
    return has;
}

std::string format_first(const Envelope& envelope, const Route& route) {
    std::string out(first_kind);
    put(out, "id", envelope.id);
    put(out, "route", route.key());
    put_number(out, "recipients", std::int64_t(envelope.recipients.size()));
    put_number(out, "arrived", envelope.arrived_s);
    put_number(out, "size", std::int64_t(envelope.facts.size_bytes));
    put_number(out, "offset", std::int64_t(envelope.facts.content_offset));
    put(out, "from", envelope.sender);
    put(out, "envid", envelope.envelope_id);
    put(out, "account", envelope.account);
    put(out, "ret", name_of(envelope.ret));
    put(out, "body", name_of(envelope.body));
    put_number(out, "utf8", envelope.is_smtputf8);
    put_number(out, "tls", envelope.requires_tls);
    put_number(out, "tls-optional", envelope.tls_is_optional);
    put_number(out, "priority", envelope.priority);
    put_number(out, "by", envelope.deliver_by_s);
    put(out, "by-mode", name_of(envelope.deliver_by_mode));
    put_number(out, "by-trace", envelope.deliver_by_trace);
    put_number(out, "hold-until", envelope.hold_until_s);
    put(out, "hold-request", envelope.hold_request);
    put(out, "has", format_facts(envelope.facts));
    return out;
}

template <class Enum>
Enum enum_of(std::string_view name, std::initializer_list<Enum> values) {
    for (Enum value : values) {
        if (name_of(value) == name) return value;
    }
    return Enum{};
}

Envelope read_first(const Record& record) {
    Envelope envelope;
    envelope.id = record.text("id");
    envelope.sender = record.text("from");
    envelope.envelope_id = record.text("envid");
    envelope.account = record.text("account");
    envelope.ret = enum_of(record.raw("ret"), {ReturnKind::full, ReturnKind::headers});
    envelope.body = enum_of(record.raw("body"), {BodyKind::eight_bit, BodyKind::binary});
    envelope.is_smtputf8 = record.flag("utf8");
    envelope.requires_tls = record.flag("tls");
    envelope.tls_is_optional = record.flag("tls-optional");
    const std::int64_t priority = record.number("priority");
    if (priority >= -9 && priority <= 9) envelope.priority = std::int8_t(priority);
    envelope.deliver_by_mode =
        enum_of(record.raw("by-mode"), {DeliverByMode::notify_sender, DeliverByMode::give_up});
    envelope.deliver_by_trace = record.flag("by-trace");
    envelope.deliver_by_s = record.number("by");
    envelope.hold_until_s = record.number("hold-until");
    envelope.hold_request = record.text("hold-request");
    envelope.arrived_s = record.number("arrived");
    envelope.facts.size_bytes = std::uint64_t(std::max<std::int64_t>(0, record.number("size")));
    envelope.facts.content_offset =
        std::uint64_t(std::max<std::int64_t>(0, record.number("offset")));
    const std::string_view has = record.raw("has");
    envelope.facts.has_8bit = has.find('8') != has.npos;
    envelope.facts.has_utf8_header = has.find('u') != has.npos;
    envelope.facts.is_binary = has.find('b') != has.npos;
    return envelope;
}

Recipient read_recipient(const Record& record) {
    Recipient recipient;
    recipient.address = record.text("addr");
    recipient.original_recipient = record.text("orcpt");
    recipient.notify = std::uint8_t(record.number("notify") & notify::all);
    return recipient;
}

void apply_outcome(const Record& record, StoredEntry& entry) {
    std::size_t state = 0;
    while (state < state_names.size() && state_names[state] != record.raw("state")) ++state;
    if (state == state_names.size()) return;
    LastWords words{record.number("at"), record.text("status"), record.text("reply"),
                    record.text("text"), record.text("host"),   record.text("address")};
    const std::string_view ranges = record.raw("rcpt");
    for_each_index(ranges, entry.last_words.size(), [&](std::size_t i) {
        entry.envelope.recipients[i].state = RecipientState(state);
        entry.last_words[i] = words;
    });
}

void apply(const Record& record, StoredEntry& entry) {
    if (record.kind() == "attempt") {
        ++entry.attempts;
        entry.last_attempt_s = record.number("at");
        entry.next_attempt_s = record.number("next");
    } else if (record.kind() == "outcome") {
        apply_outcome(record, entry);
    } else if (record.kind() == "hold") {
        entry.is_held = true;
        entry.hold_reason = record.text("reason");
    } else if (record.kind() == "release") {
        entry.is_held = false;
        entry.hold_reason.clear();
        entry.next_attempt_s = 0;
    } else if (record.kind() == "notice") {
        entry.is_notified = true;
    }
}

}  // namespace

void RecordWriter::line(std::string_view record) {
    chain_ = crc32c(record, chain_);
    text_ += format_hex(chain_, int(crc_digits));
    text_ += ' ';
    text_ += record;
    text_ += '\n';
}

void RecordWriter::envelope(const Envelope& envelope, const Route& route) {
    line(format_first(envelope, route));
    for (const Recipient& recipient : envelope.recipients) {
        std::string out = "to";
        put(out, "addr", recipient.address);
        put(out, "orcpt", recipient.original_recipient);
        put_number(out, "notify", recipient.notify);
        line(out);
    }
}

void RecordWriter::attempt(std::int64_t at_s, std::int64_t next_s) {
    std::string out = "attempt";
    put_number(out, "at", at_s);
    put_number(out, "next", next_s);
    line(out);
}

void RecordWriter::outcome(RecipientState state, const std::vector<std::uint32_t>& recipients,
                           const LastWords& words) {
    std::string out = "outcome";
    put_number(out, "at", words.at_s);
    put(out, "state", state_names[std::size_t(state)]);
    put(out, "rcpt", format_ranges(recipients));
    put(out, "status", words.status);
    put(out, "reply", words.reply);
    put(out, "text", words.explanation);
    put(out, "host", words.remote_host);
    put(out, "address", words.remote_address);
    line(out);
}

void RecordWriter::hold(std::int64_t at_s, std::string_view reason) {
    std::string out = "hold";
    put_number(out, "at", at_s);
    put(out, "reason", reason);
    line(out);
}

void RecordWriter::release(std::int64_t at_s) {
    std::string out = "release";
    put_number(out, "at", at_s);
    line(out);
}

void RecordWriter::notice(std::int64_t at_s) {
    std::string out = "notice";
    put_number(out, "at", at_s);
    line(out);
}

Result<StoredEntry> parse_envelope_file(std::string_view bytes) {
    LineReader lines(bytes);
    const auto first = lines.next();
    if (!first || first->kind() != first_kind) {
        return fail_internal(ErrorCode::corrupt, "no envelope of this version");
    }
    StoredEntry entry;
    entry.envelope = read_first(*first);
    const auto route = parse_route_key(first->text("route"));
    const auto count = first->number("recipients");
    if (!route || count <= 0 || std::size_t(count) > recipients_max) {
        return fail_internal(ErrorCode::corrupt, "envelope without route or recipients");
    }
    entry.route = *route;
    for (std::int64_t i = 0; i < count; ++i) {
        const auto line = lines.next();
        if (!line || line->kind() != "to" || line->text("addr").empty()) {
            return fail_internal(ErrorCode::corrupt, "envelope cut off");
        }
        entry.envelope.recipients.push_back(read_recipient(*line));
    }
    entry.last_words.resize(entry.envelope.recipients.size());
    while (const auto line = lines.next()) apply(*line, entry);
    entry.valid_bytes = lines.valid_bytes();
    entry.chain = lines.chain();
    return entry;
}

}  // namespace postern::queue
