// The messages of one mailbox in memory: 56 bytes each, in order of UID. A file's name is computed
// from its record, never stored. Pure data, no I/O.
#pragma once

#include <cstdint>
#include <vector>

#include "store/file_name.hpp"
#include "store/flags.hpp"
#include "store/traits.hpp"

namespace postern::store {

struct Record {
    std::uint64_t unique = 0;
    std::uint64_t modseq = 0;
    std::uint64_t keywords = 0;
    std::uint64_t disk_flags = 0;  // what the file's name says, packed (file_name.hpp)
    std::uint32_t uid = 0;
    std::uint32_t size_bytes = 0;
    std::uint32_t date_s = 0;
    std::uint32_t saved_s = 0;  // when it came into this mailbox (RFC 8514)
    std::uint32_t facts = 0;    // offset in the facts file / 8; 0: none
    std::uint8_t system = 0;    // system flags
    std::uint8_t traits = 0;    // traits.hpp; 0: not known
    Place place : 1 = Place::fresh;
    bool recent : 1 = false;         // no session has claimed it; not durable, new/ says it
    bool rename_queued : 1 = false;  // its name is due to be brought up to date

    FlagSet flags() const { return {system, keywords}; }
    friend bool operator==(const Record&, const Record&) = default;
};
static_assert(sizeof(Record) == 56);

class MessageTable {
 public:
    const std::vector<Record>& records() const { return records_; }
    std::vector<Record>& records() { return records_; }
    std::size_t size() const { return records_.size(); }
    std::uint32_t last_uid() const { return records_.empty() ? 0 : records_.back().uid; }

    const Record* find(std::uint32_t uid) const;
    Record* find(std::uint32_t uid);
    std::size_t lower_bound(std::uint32_t uid) const;  // index of the first with this UID or more

    void reserve(std::size_t messages) { records_.reserve(messages); }
    std::size_t memory_bytes() const { return records_.capacity() * sizeof(Record); }
    void shrink();                                            // room for few more stays
    void push_back(const Record& record);                     // its UID is greater than all
    void erase(const std::vector<std::uint32_t>& ascending);  // UIDs, all of which exist
    void assign(std::vector<Record> records) { records_ = std::move(records); }  // ascending

 private:
    std::vector<Record> records_;
};

}  // namespace postern::store
