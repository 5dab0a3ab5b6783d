// The index of a segment: hashes of keys (keys.hpp) with the offsets of the records that they
// find. Looking one up reads a few pages of it, whatever its size. The file:
//
//   header   "PTLINDX1", bytes of the segment covered (8), entries (8), damaged places (4),
//            CRC-32C of those (4)
//   pages    4,096 bytes each: up to 511 entries of hash (4) and offset (4), ascending, their
//            number (4), CRC-32C of the page so far (4)
//
// Made in one go, never changed. BLOCKING, all but build_index: offload pool.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "timeline/files.hpp"

namespace postern::timeline {

// Of the bytes of a segment.
std::string build_index(std::string_view segment);

class Index {
 public:
    // That there is none, or no good one, is no error but a state.
    explicit Index(const std::string& path, Files& files = system_files());

    bool is_good() const { return is_good_; }
    std::uint64_t covered() const { return covered_; }
    std::uint32_t damaged() const { return damaged_; }
    // Offsets, ascending; nothing: the index is damaged.
    std::optional<std::vector<std::uint32_t>> find(std::uint32_t hash);

 private:
    struct Page {
        std::uint32_t count = 0;
        std::string bytes;
        std::uint32_t hash(std::uint32_t i) const;
        std::uint32_t offset(std::uint32_t i) const;
    };
    bool read_header();
    std::optional<Page> read_page(std::uint64_t number) const;
    std::optional<std::uint64_t> first_page_of(std::uint32_t hash) const;

    std::unique_ptr<OpenFile> file_;  // null: there is none
    std::uint64_t covered_ = 0;
    std::uint64_t pages_ = 0;
    std::uint32_t damaged_ = 0;
    bool is_good_ = false;  // set last: reading the header sets the others
};

}  // namespace postern::timeline
