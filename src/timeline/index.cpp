// Building and searching; see index.hpp.
#include "timeline/index.hpp"

#include <algorithm>
#include <utility>

#include "base/checksum.hpp"
#include "store/little_endian.hpp"
#include "timeline/event.hpp"
#include "timeline/keys.hpp"

namespace postern::timeline {
namespace {

using store::get_little;
using store::put_little;

constexpr std::string_view index_magic = "PTLINDX1";
constexpr std::size_t header_bytes = 32;
constexpr std::size_t page_bytes = 4'096;
constexpr std::size_t entry_bytes = 8;
constexpr std::size_t page_entries_max = (page_bytes - 8) / entry_bytes;
constexpr std::size_t count_at = page_bytes - 8;
constexpr std::size_t page_crc_at = page_bytes - 4;

using Entry = std::pair<std::uint32_t, std::uint32_t>;  // hash, offset

std::string format_header(std::uint64_t covered, std::uint64_t entries, std::uint64_t damaged) {
    std::string header(index_magic);
    put_little(header, covered);
    put_little(header, entries);
    put_little(header, std::uint32_t(std::min<std::uint64_t>(damaged, UINT32_MAX)));
    put_little(header, crc32c(header));
    return header;
}

std::string format_page(const Entry* entries, std::size_t count) {
    std::string page;
    page.reserve(page_bytes);
    for (std::size_t i = 0; i < count; ++i) {
        put_little(page, entries[i].first);
        put_little(page, entries[i].second);
    }
    page.resize(count_at);
    put_little(page, std::uint32_t(count));
    put_little(page, crc32c(page));
    return page;
}

}  // namespace

std::string build_index(std::string_view segment) {
    std::vector<Entry> entries;
    RecordReader reader(segment);
    while (const auto record = reader.next()) {
        const auto event = parse_payload(record->payload);
        if (!event) continue;
        for (const std::string& key : keys_of(*event)) {
            entries.emplace_back(hash_of(key), std::uint32_t(record->offset));
        }
    }
    std::ranges::sort(entries);
    std::string index = format_header(reader.end(), entries.size(), reader.damaged());
    for (std::size_t first = 0; first < entries.size(); first += page_entries_max) {
        index += format_page(&entries[first], std::min(page_entries_max, entries.size() - first));
    }
    return index;
}

Index::Index(const std::string& path, Files& files) {
    auto file = files.open(path);
    if (!file) return;
    file_ = std::move(*file);
    is_good_ = read_header();
}

bool Index::read_header() {
    std::string header(header_bytes, '\0');
    if (file_->read_at(header, 0) < header_bytes) return false;
    const std::string_view bytes(header);
    const std::string_view summed = bytes.substr(0, header_bytes - 4);
    if (!bytes.starts_with(index_magic) ||
        crc32c(summed) != get_little<std::uint32_t>(bytes, header_bytes - 4)) {
        return false;
    }
    covered_ = get_little<std::uint64_t>(bytes, 8);
    const auto entries = get_little<std::uint64_t>(bytes, 16);
    pages_ = (entries + page_entries_max - 1) / page_entries_max;
    damaged_ = get_little<std::uint32_t>(bytes, 24);
    return true;
}

std::uint32_t Index::Page::hash(std::uint32_t i) const {
    return get_little<std::uint32_t>(bytes, i * entry_bytes);
}
std::uint32_t Index::Page::offset(std::uint32_t i) const {
    return get_little<std::uint32_t>(bytes, i * entry_bytes + 4);
}

std::optional<Index::Page> Index::read_page(std::uint64_t number) const {
    Page page;
    page.bytes.resize(page_bytes);
    const std::uint64_t offset = header_bytes + number * page_bytes;
    if (file_->read_at(page.bytes, offset) < page_bytes) return std::nullopt;
    const std::string_view bytes(page.bytes);
    if (crc32c(bytes.substr(0, page_crc_at)) != get_little<std::uint32_t>(bytes, page_crc_at)) {
        return std::nullopt;
    }
    page.count = get_little<std::uint32_t>(bytes, count_at);
    if (page.count == 0 || page.count > page_entries_max) return std::nullopt;
    return page;
}

// The first page that may hold the hash: the last one that begins below it.
std::optional<std::uint64_t> Index::first_page_of(std::uint32_t hash) const {
    std::uint64_t low = 0;  // begins below, or is the first
    std::uint64_t high = pages_;
    while (high - low > 1) {
        const std::uint64_t middle = low + (high - low) / 2;
        const auto page = read_page(middle);
        if (!page) return std::nullopt;
        (page->hash(0) < hash ? low : high) = middle;
    }
    return low;
}

std::optional<std::vector<std::uint32_t>> Index::find(std::uint32_t hash) {
    std::vector<std::uint32_t> offsets;
    if (!is_good()) return std::nullopt;
    if (pages_ == 0) return offsets;
    const auto first = first_page_of(hash);
    if (!first) return std::nullopt;
    for (std::uint64_t number = *first; number < pages_; ++number) {
        const auto page = read_page(number);
        if (!page) return std::nullopt;
        for (std::uint32_t i = 0; i < page->count; ++i) {
            if (page->hash(i) > hash) return offsets;
            if (page->hash(i) == hash) offsets.push_back(page->offset(i));
        }
    }
    return offsets;
}

}  // namespace postern::timeline
