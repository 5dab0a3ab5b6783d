// The index of one mailbox, file postern.index: an append-only log. A checkpoint is such a log that
// begins with one `message` record for each message. Losing it costs nothing but mod-sequences,
// dates of saving, the memory of expunges and facts offsets: all else is in the file names. All
// integers are little-endian. No I/O here.
//
// Header, 24 bytes:
//   0  8  "POSTERNI"          12  4  UIDVALIDITY         20  4  CRC-32C of bytes 0 to 19
//   8  4  version, 2          16  4  mailbox tag
// Record:
//   0  1  type                 2  2  n, size of the payload        8  n  payload
//   1  1  zero                 4  4  CRC-32C of bytes 0 to 3 and the payload, continued from the
//                                    record before (the header's for the first): a record that is
//                                    torn, out of order or left over from another log fails
// Payloads:
//   1 message, 55 bytes: UID 4, size 4, date 4, date of saving 4, name flags 4, facts 4, unique 8,
//             mod-sequence 8, keywords 8, system flags 1, place 1 (0 new, 1 cur), traits 1
//             (traits.hpp; 0: not known), upper half of the name flags 4; UIDs ascend
//   2 flags, 30 bytes: UID 4, name flags 4, mod-sequence 8, keywords 8, system flags 1, place 1,
//             upper half of the name flags 4
//   Both may be without that half: names had a-z only once.
//   3 expunge, 12 bytes: UID 4, mod-sequence 8
//   4 facts, 8 bytes: UID 4, facts 4 (offset in postern.facts / 8)
//   5 vanished, 16 bytes: first UID 4, last UID 4, mod-sequence 8: expunged before the checkpoint
//   6 memory, 20 bytes: expunges up to this mod-sequence are forgotten 8, highest mod-sequence 8,
//             next UID 4; in front of a checkpoint, and where nothing else says the number
//   7 directories, 16 bytes: times of change of new/ and cur/, in ns 8 each: what is before is all
//             that is in them, unless they have changed since; only as the last record
//   8 traits, 5 bytes: UID 4, traits 1
//
// Reading stops at the first record that is wrong in any way; what came before is good.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/error.hpp"
#include "store/message_table.hpp"
#include "store/vanished_log.hpp"

namespace postern::store {

struct IndexHeader {
    std::uint32_t uid_validity = 0;
    std::uint32_t tag = 0;
    friend bool operator==(const IndexHeader&, const IndexHeader&) = default;
};

// What a mailbox knows beside its messages.
struct IndexMemory {
    VanishedLog vanished;
    std::uint64_t highest_modseq = 0;
    std::uint32_t uid_next = 1;
};

// Of new/ and cur/, nanoseconds.
struct DirectoryTimes {
    std::int64_t fresh_ns = 0;
    std::int64_t cur_ns = 0;
    friend bool operator==(const DirectoryTimes&, const DirectoryTimes&) = default;
};

// Collects records to append; the chain of checksums goes on over take().
class IndexEncoder {
 public:
    IndexEncoder() = default;
    explicit IndexEncoder(std::uint32_t chain) : chain_(chain) {}
    std::uint32_t chain() const { return chain_; }

    void header(const IndexHeader& header);
    void message(const Record& record);
    void flags(const Record& record);
    void expunge(std::uint32_t uid, std::uint64_t modseq);
    void facts(std::uint32_t uid, std::uint32_t facts);
    void traits(std::uint32_t uid, std::uint8_t traits);
    void vanished(UidRange uids, std::uint64_t modseq);
    void memory(const IndexMemory& memory);  // without its expunges
    void directories(const DirectoryTimes& times);

    bool empty() const { return bytes_.empty(); }
    std::size_t size_bytes() const { return bytes_.size(); }
    std::string take() { return std::exchange(bytes_, {}); }

 private:
    void record(std::uint8_t type, std::string_view payload);

    std::uint32_t chain_ = 0;
    std::string bytes_;
};

struct IndexContents {
    IndexHeader header;
    MessageTable table;
    IndexMemory memory;
    std::optional<DirectoryTimes> directories;  // when they were the last to be said
    std::size_t valid_bytes = 0;                // whatever follows is torn or damaged
    std::uint32_t chain = 0;                    // to go on after valid_bytes
};

// Reads a log in pieces, cut anywhere, so that a large one is never in memory as a whole.
class IndexReader {
 public:
    // `log_bytes`: of the whole log; room is made for as many messages as it can hold at most.
    explicit IndexReader(std::uint64_t log_bytes);
    void take(std::string_view piece);
    // Whether anything that comes after would be looked at.
    bool goes_on() const { return !ended_; }
    // corrupt when not even the header is good. The object is spent afterwards.
    Result<IndexContents> finish();

 private:
    bool take_header();
    std::size_t take_record(std::string_view bytes);

    IndexContents contents_;
    std::string buffer_;  // of the pieces so far, what is no whole record yet
    bool has_header_ = false;
    bool ended_ = false;
};

// The same of a log that is in memory.
Result<IndexContents> decode_index(std::string_view bytes);

// A log that holds just these messages and this memory.
std::string encode_checkpoint(const IndexHeader& header, const MessageTable& table,
                              const IndexMemory& memory, std::uint32_t* chain);

}  // namespace postern::store
