// Records to bytes and back; see event.hpp.
#include "timeline/event.hpp"

#include <algorithm>
#include <array>

#include "base/checksum.hpp"
#include "store/little_endian.hpp"
#include "timeline/limits.hpp"

namespace postern::timeline {
namespace {

using store::get_little;
using store::put_little;

constexpr std::string_view magic = "PTL1";
constexpr std::size_t fixed_bytes = 1 + 8 + 8 + 8;
constexpr std::size_t field_head_bytes = 3;

constexpr std::array<std::string_view, kind_last + 1> kind_names = {
    "",       "accepted", "refused",  "filed", "queued",   "delivered", "deferred",
    "failed", "delayed",  "reported", "held",  "released", "deleted",   "read"};
constexpr std::array<std::string_view, tag_last + 1> tag_names = {
    "",        "from",  "to",      "user",    "message_id", "peer",  "helo", "protocol",
    "tls",     "size",  "checks",  "command", "status",     "reply", "text", "host",
    "address", "route", "mailbox", "uid",     "recipients", "report"};

void put_at(std::string& bytes, std::size_t at, std::uint32_t value) {
    std::string little;
    put_little<std::uint32_t>(little, value);
    bytes.replace(at, little.size(), little);
}

std::uint32_t checksum_of(std::string_view length, std::string_view payload) {
    return crc32c(payload, crc32c(length));
}

}  // namespace

std::string_view name_of(Kind kind) {
    return kind_names[std::size_t(kind)];
}

std::string_view name_of(Tag tag) {
    return tag_names[std::size_t(tag)];
}

void append_record(std::string& to, Kind kind, Ids ids, WallTime time,
                   std::span<const Field> fields) {
    const std::size_t start = to.size();
    to += magic;
    to.append(8, '\0');
    to += char(kind);
    put_little(to, std::uint64_t(time.ns));
    put_little(to, ids.message);
    put_little(to, ids.entry);
    for (const Field& field : fields) {
        if (field.value.empty() && field.tag != Tag::sender) continue;
        const std::string_view value = field.value.substr(0, value_bytes_max);
        const std::size_t used = to.size() - start - record_header_bytes;
        if (used + field_head_bytes + value.size() > record_bytes_max) break;
        to += char(field.tag);
        put_little(to, std::uint16_t(value.size()));
        to += value;
    }
    const std::size_t length = to.size() - start - record_header_bytes;
    put_at(to, start + 4, std::uint32_t(length));
    const std::string_view written(to);
    put_at(to, start + 8,
           checksum_of(written.substr(start + 4, 4), written.substr(start + record_header_bytes)));
}

std::string_view Event::value(Tag tag) const {
    for (const auto& [name, text] : fields) {
        if (name == tag) return text;
    }
    return {};
}

std::optional<Event> parse_payload(std::string_view payload) {
    if (payload.size() < fixed_bytes) return std::nullopt;
    const auto kind = std::uint8_t(payload[0]);
    if (kind == 0 || kind > kind_last) return std::nullopt;
    Event event;
    event.kind = Kind(kind);
    event.time.ns = std::int64_t(get_little<std::uint64_t>(payload, 1));
    event.ids.message = get_little<std::uint64_t>(payload, 9);
    event.ids.entry = get_little<std::uint64_t>(payload, 17);
    payload.remove_prefix(fixed_bytes);
    while (payload.size() >= field_head_bytes) {
        const auto tag = std::uint8_t(payload[0]);
        const std::size_t length = get_little<std::uint16_t>(payload, 1);
        payload.remove_prefix(field_head_bytes);
        if (length > payload.size()) break;
        if (tag > 0 && tag <= tag_last) {
            event.fields.emplace_back(Tag(tag), payload.substr(0, length));
        }
        payload.remove_prefix(length);
    }
    return event;
}

std::optional<std::string_view> take_record(std::string_view bytes) {
    if (bytes.size() < record_header_bytes || !bytes.starts_with(magic)) return std::nullopt;
    const std::size_t length = get_little<std::uint32_t>(bytes, 4);
    if (length < fixed_bytes || length > record_bytes_max ||
        length > bytes.size() - record_header_bytes) {
        return std::nullopt;
    }
    const std::string_view payload = bytes.substr(record_header_bytes, length);
    if (get_little<std::uint32_t>(bytes, 8) != checksum_of(bytes.substr(4, 4), payload)) {
        return std::nullopt;
    }
    return payload;
}

std::optional<RecordReader::Record> RecordReader::next() {
    std::size_t at = end_;
    while (at < bytes_.size()) {
        if (const auto payload = take_record(bytes_.substr(at))) {
            if (at != end_) ++damaged_;
            end_ = at + record_header_bytes + payload->size();
            return Record{at, *payload};
        }
        at = std::min(bytes_.find(magic, at + 1), bytes_.size());
    }
    return std::nullopt;
}

}  // namespace postern::timeline
