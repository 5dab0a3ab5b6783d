// Sort keys and the sorting; see sort_keys.hpp. RFC 5256 §2.2, §3; RFC 5957 §3.
#include "imap/sort_keys.hpp"

#include <algorithm>

#include "engine/io.hpp"
#include "imap/limits.hpp"
#include "imap/search_scan.hpp"
#include "message/base_subject.hpp"
#include "message/charset.hpp"
#include "message/date.hpp"
#include "message/encoded_word.hpp"

namespace postern::imap {
namespace {

using engine::task;
using engine::try_;

// Big endian, negative ones first.
std::string number_key(std::int64_t number) {
    std::uint64_t value = std::uint64_t(number) ^ (std::uint64_t{1} << 63);
    std::string key;
    for (int shift = 56; shift >= 0; shift -= 8) key += char(value >> shift & 0xff);
    return key;
}

// A NUL ends it, so that a text stands before those it begins. RFC 5255 §4.6: what could not be
// decoded comes after all that could; UTF-8 has no byte as high as its mark.
std::string text_key(std::string_view text) {
    constexpr std::string_view not_decoded = "\xef\xbf\xbd";
    std::string key = message::collation_key(text);
    if (key.find(not_decoded) != std::string::npos) key.insert(key.begin(), '\xff');
    key.resize(std::min(key.size(), sort_text_bytes_max));
    std::replace(key.begin(), key.end(), '\0', ' ');
    key += '\0';
    return key;
}

// RFC 5256 §3: addr-mailbox of the first address; for a group that is its name (RFC 3501 §7.4.2).
std::string mailbox_key(const std::vector<message::Address>& addresses) {
    if (addresses.empty()) return text_key("");
    const message::Address& first = addresses.front();
    bool is_group = first.kind != message::AddressKind::mailbox;
    return text_key(message::decode_encoded_words(is_group ? first.name : first.local_part));
}

// RFC 5957 §3: the name as it is shown, else the address.
std::string display_key(const std::vector<message::Address>& addresses) {
    if (addresses.empty()) return text_key("");
    const message::Address& first = addresses.front();
    std::string name = message::decode_encoded_words(first.name);
    if (!name.empty()) return text_key(name);
    if (first.domain.empty()) return text_key(first.local_part);
    return text_key(first.local_part + "@" + first.domain);
}

std::string criterion_key(SortKey key, const store::Metadata& metadata,
                          const message::Facts* facts) {
    if (key == SortKey::arrival) return number_key(metadata.internal_date_s);
    if (key == SortKey::size) return number_key(std::int64_t(metadata.size_bytes));
    const message::Envelope& envelope = facts->structure.envelopes.front();
    switch (key) {
        case SortKey::cc: return mailbox_key(envelope.cc);
        case SortKey::from: return mailbox_key(envelope.from);
        case SortKey::to: return mailbox_key(envelope.to);
        case SortKey::display_from: return display_key(envelope.from);
        case SortKey::display_to: return display_key(envelope.to);
        case SortKey::subject:
            return text_key(message::base_subject(envelope.subject.value_or("")).text);
        default: return number_key(sent_time(*facts, metadata));
    }
}

// One message among those to be sorted: most comparisons are decided by `head`.
struct SortEntry {
    std::uint64_t head = 0;  // the first bytes of the key, big endian
    std::uint32_t offset = 0;
    std::uint32_t size = 0;
    std::uint32_t uid = 0;
};

class SortTable {
 public:
    bool add(std::uint32_t uid, const std::string& key) {
        if (bytes_.size() + key.size() > sort_keys_bytes_max) return false;
        SortEntry entry;
        for (std::size_t i = 0; i < 8; ++i) {
            entry.head = entry.head << 8 | (i < key.size() ? std::uint8_t(key[i]) : 0);
        }
        entry.offset = std::uint32_t(bytes_.size());
        entry.size = std::uint32_t(key.size());
        entry.uid = uid;
        bytes_ += key;
        entries_.push_back(entry);
        return true;
    }

    void sort() {
        std::sort(entries_.begin(), entries_.end(), [this](const auto& a, const auto& b) {
            if (a.head != b.head) return a.head < b.head;
            int order = key(a).compare(key(b));
            return order != 0 ? order < 0 : a.uid < b.uid;
        });
    }

    std::vector<std::uint32_t> uids() const {
        std::vector<std::uint32_t> uids;
        uids.reserve(entries_.size());
        for (const SortEntry& entry : entries_) uids.push_back(entry.uid);
        return uids;
    }

 private:
    std::string_view key(const SortEntry& entry) const {
        return std::string_view(bytes_).substr(entry.offset, entry.size);
    }

    std::string bytes_;
    std::vector<SortEntry> entries_;
};

}  // namespace

SortKeys::SortKeys(std::vector<SortCriterion> criteria) : criteria_(std::move(criteria)) {
    for (const SortCriterion& criterion : criteria_) {
        bool in_metadata = criterion.key == SortKey::arrival || criterion.key == SortKey::size;
        if (!in_metadata) needs_facts_ = true;
    }
}

task<Result<std::string>> SortKeys::key_of(store::Mailbox* mailbox, std::uint32_t uid) {
    std::shared_ptr<const message::Facts> facts;
    if (needs_facts_) facts = co_await try_(mailbox->facts(uid));
    auto metadata = mailbox->find(uid);
    if (!metadata) co_return fail_request(ErrorCode::not_found, "message gone");
    std::string key;
    for (const SortCriterion& criterion : criteria_) {
        std::string part = criterion_key(criterion.key, *metadata, facts.get());
        if (criterion.is_reverse) {
            std::transform(part.begin(), part.end(), part.begin(), [](char c) { return char(~c); });
        }
        key += part;
    }
    co_return key;
}

task<Result<void>> SortKeys::sort(store::Mailbox* mailbox, std::vector<std::uint32_t>* uids) {
    SortTable table;
    Pace pace;
    for (std::uint32_t uid : *uids) {
        if (pace.is_due()) co_await try_(Pace::pause());
        auto key = co_await key_of(mailbox, uid);
        if (!key && key.error().code == ErrorCode::not_found) continue;
        if (!key) co_return Failure(key.error());
        if (!table.add(uid, *key)) co_return fail_request(ErrorCode::limit, "sort keys");
    }
    if (uids->size() <= sort_inline_messages_max) {
        table.sort();
    } else {
        // The pool works on what this frame holds still until it is done.
        auto work = [&table] { table.sort(); };
        co_await engine::offload(work);
    }
    *uids = table.uids();
    co_return {};
}

// RFC 5256 §2.2
std::int64_t sent_time(const message::Facts& facts, const store::Metadata& metadata) {
    const auto& date = facts.structure.envelopes.front().date;
    if (!date) return metadata.internal_date_s;
    auto parsed = message::parse_date_time(*date);
    return parsed ? parsed->unix_seconds : metadata.internal_date_s;
}

}  // namespace postern::imap
