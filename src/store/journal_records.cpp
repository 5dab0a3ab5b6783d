// The format of the journal; see journal_records.hpp.
#include "store/journal_records.hpp"

#include "base/checksum.hpp"
#include "store/little_endian.hpp"

namespace postern::store {
namespace {

constexpr std::uint32_t journal_magic = 0x314a5050;  // "PPJ1"
constexpr std::size_t kind_at = 4, length_at = 8, crc_at = 12, epoch_at = 16, sequence_at = 24;

std::string format_kind_and_length(JournalKind kind, std::size_t payload_bytes) {
    std::string text;
    put_little(text, std::uint32_t(kind));
    put_little(text, std::uint32_t(payload_bytes));
    return text;
}

// Takes a string that its length announces, an integer of that type.
template <class Length>
std::optional<std::string_view> take_string(std::string_view& bytes) {
    if (bytes.size() < sizeof(Length)) return std::nullopt;
    const std::size_t length = get_little<Length>(bytes, 0);
    if (bytes.size() - sizeof(Length) < length) return std::nullopt;
    const std::string_view text = bytes.substr(sizeof(Length), length);
    bytes.remove_prefix(sizeof(Length) + length);
    return text;
}

template <class Length>
void put_string(std::string& to, std::string_view text) {
    put_little(to, Length(text.size()));
    to += text;
}

bool take_pair(std::string_view payload, JournalRecord& record) {
    const auto beside_path = take_string<std::uint16_t>(payload);
    const auto beside = take_string<std::uint32_t>(payload);
    const auto path = take_string<std::uint16_t>(payload);
    if (!beside_path || !beside || !path) return false;
    record.beside_path = *beside_path;
    record.beside = *beside;
    record.path = *path;
    record.content = payload;
    return true;
}

bool take_payload(std::string_view payload, JournalRecord& record) {
    if (record.kind == JournalKind::cancel) {
        if (payload.size() % 8 != 0) return false;
        for (std::size_t at = 0; at < payload.size(); at += 8) {
            record.cancelled.push_back(get_little<std::uint64_t>(payload, at));
        }
        return true;
    }
    if (record.kind == JournalKind::pair) return take_pair(payload, record);
    const auto directory = take_string<std::uint16_t>(payload);
    const auto name = take_string<std::uint16_t>(payload);
    if (record.kind != JournalKind::message || !directory || !name) return false;
    record.directory = *directory;
    record.name = *name;
    record.content = payload;
    return true;
}

}  // namespace

std::string format_journal_message(std::string_view directory, std::string_view name) {
    std::string text;
    put_string<std::uint16_t>(text, directory);
    put_string<std::uint16_t>(text, name);
    return text;
}

std::string format_journal_pair(std::string_view beside_path, std::string_view beside,
                                std::string_view path) {
    std::string text;
    put_string<std::uint16_t>(text, beside_path);
    put_string<std::uint32_t>(text, beside);
    put_string<std::uint16_t>(text, path);
    return text;
}

std::string format_journal_header(JournalKind kind, std::uint64_t epoch, std::uint64_t sequence,
                                  std::string_view head, std::string_view content) {
    const std::string front = format_kind_and_length(kind, head.size() + content.size());
    std::string place;
    put_little(place, epoch);
    put_little(place, sequence);
    std::uint32_t crc = crc32c(head, crc32c(place));
    crc = crc32c(front, crc32c(content, crc));
    std::string text;
    put_little(text, journal_magic);
    text += front;
    put_little(text, crc);
    return text + place;
}

std::vector<JournalRecord> parse_journal(std::string_view bytes) {
    std::vector<JournalRecord> records;
    std::uint64_t epoch = 0;
    while (bytes.size() >= journal_header_bytes &&
           get_little<std::uint32_t>(bytes, 0) == journal_magic) {
        const std::size_t length = get_little<std::uint32_t>(bytes, length_at);
        if (length > bytes.size() - journal_header_bytes) break;
        const std::string_view payload = bytes.substr(journal_header_bytes, length);
        const std::uint32_t crc = crc32c(bytes.substr(kind_at, crc_at - kind_at),
                                         crc32c(payload, crc32c(bytes.substr(epoch_at, 16))));
        if (crc != get_little<std::uint32_t>(bytes, crc_at)) break;
        JournalRecord record;
        record.sequence = get_little<std::uint64_t>(bytes, sequence_at);
        const auto own_epoch = get_little<std::uint64_t>(bytes, epoch_at);
        if (records.empty()) epoch = own_epoch;
        if (own_epoch != epoch) break;
        if (!records.empty() && record.sequence != records.back().sequence + 1) break;
        record.kind = JournalKind(get_little<std::uint32_t>(bytes, kind_at));
        if (!take_payload(payload, record)) break;
        records.push_back(std::move(record));
        bytes.remove_prefix(std::min(bytes.size(), journal_record_bytes(length)));
    }
    return records;
}

}  // namespace postern::store
