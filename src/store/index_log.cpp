// The index log's bytes; see index_log.hpp.
#include "store/index_log.hpp"

#include <algorithm>
#include <cassert>
#include <utility>

#include "base/checksum.hpp"
#include "store/little_endian.hpp"

namespace postern::store {
namespace {

constexpr std::string_view index_magic = "POSTERNI";
constexpr std::uint32_t index_version = 2;
constexpr std::size_t header_bytes = 24;
constexpr std::size_t record_head_bytes = 8;

constexpr std::uint8_t type_message = 1;
constexpr std::uint8_t type_flags = 2;
constexpr std::uint8_t type_expunge = 3;
constexpr std::uint8_t type_facts = 4;
constexpr std::uint8_t type_vanished = 5;
constexpr std::uint8_t type_memory = 6;
constexpr std::size_t message_bytes = 55;
constexpr std::size_t flags_bytes = 30;
constexpr std::size_t upper_flags_bytes = 4;  // the last of both; not in old logs
constexpr std::size_t expunge_bytes = 12;
constexpr std::size_t facts_bytes = 8;
constexpr std::size_t vanished_bytes = 16;
constexpr std::size_t memory_bytes = 20;
constexpr std::uint8_t type_directories = 7;
constexpr std::size_t directories_bytes = 16;
constexpr std::uint8_t type_traits = 8;
constexpr std::size_t traits_bytes = 5;

void note_modseq(IndexMemory& memory, std::uint64_t modseq) {
    memory.highest_modseq = std::max(memory.highest_modseq, modseq);
}

bool is_sane(std::uint8_t system, std::uint8_t place) {
    return (system & ~flag::all) == 0 && place <= 1;
}

bool are_sane_traits(std::uint8_t traits) {
    return traits == 0 || ((traits & trait::known) != 0 && (traits & ~trait::all) == 0);
}

// Of a payload that is `bytes` long with its upper half.
std::uint64_t get_name_flags(std::string_view p, std::size_t at, std::size_t bytes) {
    std::uint64_t packed = get_little<std::uint32_t>(p, at);
    if (p.size() < bytes) return packed;
    return packed | std::uint64_t{get_little<std::uint32_t>(p, bytes - upper_flags_bytes)} << 32;
}

void put_upper_flags(std::string& payload, std::uint64_t packed) {
    put_little(payload, static_cast<std::uint32_t>(packed >> 32));
}

// Old logs know keywords that have no character.
std::uint64_t get_keywords(std::string_view p, std::size_t at) {
    return flags_of_name(name_flags({0, get_little<std::uint64_t>(p, at)})).keywords;
}

bool replay_message(std::string_view p, IndexContents& contents) {
    Record record;
    record.uid = get_little<std::uint32_t>(p, 0);
    record.size_bytes = get_little<std::uint32_t>(p, 4);
    record.date_s = get_little<std::uint32_t>(p, 8);
    record.saved_s = get_little<std::uint32_t>(p, 12);
    record.disk_flags = get_name_flags(p, 16, message_bytes);
    record.facts = get_little<std::uint32_t>(p, 20);
    record.unique = get_little<std::uint64_t>(p, 24);
    record.modseq = get_little<std::uint64_t>(p, 32);
    record.keywords = get_keywords(p, 40);
    record.system = get_little<std::uint8_t>(p, 48);
    auto place = get_little<std::uint8_t>(p, 49);
    record.traits = get_little<std::uint8_t>(p, 50);
    if (!is_sane(record.system, place) || !are_sane_traits(record.traits)) return false;
    if (record.uid <= contents.table.last_uid()) return false;
    record.place = static_cast<Place>(place);
    contents.table.push_back(record);
    note_modseq(contents.memory, record.modseq);
    contents.memory.uid_next = std::max(contents.memory.uid_next, record.uid + 1);
    return true;
}

bool replay_flags(std::string_view p, IndexContents& contents) {
    Record* record = contents.table.find(get_little<std::uint32_t>(p, 0));
    auto system = get_little<std::uint8_t>(p, 24);
    auto place = get_little<std::uint8_t>(p, 25);
    if (record == nullptr || !is_sane(system, place)) return false;
    record->disk_flags = get_name_flags(p, 4, flags_bytes);
    record->modseq = get_little<std::uint64_t>(p, 8);
    record->keywords = get_keywords(p, 16);
    record->system = system;
    record->place = static_cast<Place>(place);
    note_modseq(contents.memory, record->modseq);
    return true;
}

// Expunged records stay in the table, marked, until the log has been read: taking them out one by
// one would be quadratic.
bool replay_expunge(std::string_view p, IndexContents& contents) {
    Record* record = contents.table.find(get_little<std::uint32_t>(p, 0));
    if (record == nullptr || record->rename_queued) return false;
    record->rename_queued = true;
    auto modseq = get_little<std::uint64_t>(p, 4);
    note_modseq(contents.memory, modseq);
    contents.memory.vanished.add(UidRange{record->uid, record->uid}, modseq);
    return true;
}

bool replay_vanished(std::string_view p, IndexContents& contents) {
    UidRange uids{get_little<std::uint32_t>(p, 0), get_little<std::uint32_t>(p, 4)};
    auto modseq = get_little<std::uint64_t>(p, 8);
    auto known = contents.memory.vanished.entries();
    if (uids.first == 0 || uids.first > uids.last) return false;
    if (!known.empty() && known.back().modseq > modseq) return false;
    note_modseq(contents.memory, modseq);
    contents.memory.vanished.add(uids, modseq);
    return true;
}

bool replay_memory(std::string_view p, IndexContents& contents) {
    contents.memory.vanished.forget_until(get_little<std::uint64_t>(p, 0));
    note_modseq(contents.memory, get_little<std::uint64_t>(p, 8));
    auto uid_next = get_little<std::uint32_t>(p, 16);
    contents.memory.uid_next = std::max(contents.memory.uid_next, uid_next);
    return true;
}

bool replay_facts(std::string_view p, IndexContents& contents) {
    Record* record = contents.table.find(get_little<std::uint32_t>(p, 0));
    if (record == nullptr) return false;
    record->facts = get_little<std::uint32_t>(p, 4);
    return true;
}

bool replay_traits(std::string_view p, IndexContents& contents) {
    Record* record = contents.table.find(get_little<std::uint32_t>(p, 0));
    auto traits = get_little<std::uint8_t>(p, 4);
    if (record == nullptr || !are_sane_traits(traits)) return false;
    record->traits = traits;
    return true;
}

bool replay_directories(std::string_view p, IndexContents& contents) {
    DirectoryTimes times;
    times.fresh_ns = static_cast<std::int64_t>(get_little<std::uint64_t>(p, 0));
    times.cur_ns = static_cast<std::int64_t>(get_little<std::uint64_t>(p, 8));
    contents.directories = times;
    return true;
}

// With the upper half of the name flags or without.
bool has_size(std::string_view payload, std::size_t bytes) {
    return payload.size() == bytes || payload.size() == bytes - upper_flags_bytes;
}

bool replay(std::uint8_t type, std::string_view payload, IndexContents& contents) {
    contents.directories.reset();
    switch (type) {
        case type_message:
            return has_size(payload, message_bytes) && replay_message(payload, contents);
        case type_flags: return has_size(payload, flags_bytes) && replay_flags(payload, contents);
        case type_expunge:
            return payload.size() == expunge_bytes && replay_expunge(payload, contents);
        case type_facts: return payload.size() == facts_bytes && replay_facts(payload, contents);
        case type_vanished:
            return payload.size() == vanished_bytes && replay_vanished(payload, contents);
        case type_memory: return payload.size() == memory_bytes && replay_memory(payload, contents);
        case type_directories:
            return payload.size() == directories_bytes && replay_directories(payload, contents);
        case type_traits: return payload.size() == traits_bytes && replay_traits(payload, contents);
        default: return false;
    }
}

void drop_expunged(MessageTable& table) {
    std::vector<std::uint32_t> gone;
    for (const Record& record : table.records()) {
        if (record.rename_queued) gone.push_back(record.uid);
    }
    table.erase(gone);
}

}  // namespace

void IndexEncoder::header(const IndexHeader& header) {
    std::string head(index_magic);
    put_little(head, index_version);
    put_little(head, header.uid_validity);
    put_little(head, header.tag);
    chain_ = crc32c(head);
    put_little(head, chain_);
    assert(head.size() == header_bytes);
    bytes_ += head;
}

void IndexEncoder::record(std::uint8_t type, std::string_view payload) {
    std::string head;
    put_little(head, type);
    put_little(head, std::uint8_t{0});
    put_little(head, static_cast<std::uint16_t>(payload.size()));
    chain_ = crc32c(payload, crc32c(head, chain_));
    put_little(head, chain_);
    bytes_ += head;
    bytes_ += payload;
}

void IndexEncoder::message(const Record& r) {
    std::string p;
    auto lower_flags = static_cast<std::uint32_t>(r.disk_flags);
    for (auto value : {r.uid, r.size_bytes, r.date_s, r.saved_s, lower_flags, r.facts}) {
        put_little(p, value);
    }
    for (auto value : {r.unique, r.modseq, r.keywords}) put_little(p, value);
    put_little(p, r.system);
    put_little(p, static_cast<std::uint8_t>(r.place));
    put_little(p, r.traits);
    put_upper_flags(p, r.disk_flags);
    assert(p.size() == message_bytes);
    record(type_message, p);
}

void IndexEncoder::flags(const Record& r) {
    std::string p;
    put_little(p, r.uid);
    put_little(p, static_cast<std::uint32_t>(r.disk_flags));
    put_little(p, r.modseq);
    put_little(p, r.keywords);
    put_little(p, r.system);
    put_little(p, static_cast<std::uint8_t>(r.place));
    put_upper_flags(p, r.disk_flags);
    assert(p.size() == flags_bytes);
    record(type_flags, p);
}

void IndexEncoder::expunge(std::uint32_t uid, std::uint64_t modseq) {
    std::string p;
    put_little(p, uid);
    put_little(p, modseq);
    record(type_expunge, p);
}

void IndexEncoder::facts(std::uint32_t uid, std::uint32_t facts) {
    std::string p;
    put_little(p, uid);
    put_little(p, facts);
    record(type_facts, p);
}

void IndexEncoder::traits(std::uint32_t uid, std::uint8_t traits) {
    std::string p;
    put_little(p, uid);
    put_little(p, traits);
    record(type_traits, p);
}

void IndexEncoder::vanished(UidRange uids, std::uint64_t modseq) {
    std::string p;
    put_little(p, uids.first);
    put_little(p, uids.last);
    put_little(p, modseq);
    record(type_vanished, p);
}

void IndexEncoder::memory(const IndexMemory& memory) {
    std::string p;
    put_little(p, memory.vanished.floor());
    put_little(p, memory.highest_modseq);
    put_little(p, memory.uid_next);
    record(type_memory, p);
}

void IndexEncoder::directories(const DirectoryTimes& times) {
    std::string p;
    put_little(p, static_cast<std::uint64_t>(times.fresh_ns));
    put_little(p, static_cast<std::uint64_t>(times.cur_ns));
    record(type_directories, p);
}

IndexReader::IndexReader(std::uint64_t log_bytes) {
    // At most so many; what is too much is given back.
    contents_.table.reserve(log_bytes / (record_head_bytes + message_bytes - upper_flags_bytes));
}

// False: it is none.
bool IndexReader::take_header() {
    std::string_view bytes = buffer_;
    if (!bytes.starts_with(index_magic)) return false;
    if (get_little<std::uint32_t>(bytes, 8) != index_version) return false;
    contents_.header = {get_little<std::uint32_t>(bytes, 12), get_little<std::uint32_t>(bytes, 16)};
    contents_.chain = crc32c(bytes.substr(0, header_bytes - 4));
    return contents_.chain == get_little<std::uint32_t>(bytes, header_bytes - 4);
}

// Its size; 0: there is no whole one, or ended_.
std::size_t IndexReader::take_record(std::string_view bytes) {
    if (bytes.size() < record_head_bytes) return 0;
    auto head = bytes.substr(0, 4);
    std::size_t size = record_head_bytes + get_little<std::uint16_t>(head, 2);
    ended_ = head[1] != 0;
    if (ended_ || bytes.size() < size) return 0;
    auto payload = bytes.substr(record_head_bytes, size - record_head_bytes);
    auto chain = crc32c(payload, crc32c(head, contents_.chain));
    ended_ = chain != get_little<std::uint32_t>(bytes, 4) ||
             !replay(static_cast<std::uint8_t>(head[0]), payload, contents_);
    if (ended_) return 0;
    contents_.chain = chain;
    return size;
}

void IndexReader::take(std::string_view piece) {
    if (ended_) return;
    buffer_ += piece;
    std::size_t at = 0;
    if (!has_header_) {
        if (buffer_.size() < header_bytes) return;
        has_header_ = take_header();
        ended_ = !has_header_;
        at = header_bytes;
    }
    while (!ended_) {
        std::size_t size = take_record(std::string_view(buffer_).substr(at));
        if (size == 0) break;
        at += size;
    }
    contents_.valid_bytes += at;
    buffer_.erase(0, at);
}

Result<IndexContents> IndexReader::finish() {
    if (!has_header_) return fail_internal(ErrorCode::corrupt, "index header");
    drop_expunged(contents_.table);
    contents_.table.shrink();
    return std::move(contents_);
}

Result<IndexContents> decode_index(std::string_view bytes) {
    IndexReader reader(bytes.size());
    reader.take(bytes);
    return reader.finish();
}

std::string encode_checkpoint(const IndexHeader& header, const MessageTable& table,
                              const IndexMemory& memory, std::uint32_t* chain) {
    IndexEncoder encoder;
    encoder.header(header);
    encoder.memory(memory);
    for (const auto& entry : memory.vanished.entries()) encoder.vanished(entry.uids, entry.modseq);
    for (const Record& record : table.records()) encoder.message(record);
    std::string bytes = encoder.take();
    *chain = encoder.chain();
    return bytes;
}

}  // namespace postern::store
