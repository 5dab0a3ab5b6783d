// SortKeys: puts messages in the order of a SORT program (RFC 5256 §3, RFC 5957). Each message's
// criteria become one string of bytes that compares as the criteria do; equal ones keep the order
// of the mailbox. Keys come from the metadata and the message facts: no message file is opened.
// Their memory is bounded by sort_keys_bytes_max, over it the client gets NO [LIMIT].
// On the mailbox's home shard; sorting many happens in the offload pool.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/task.hpp"
#include "imap/parse_sort.hpp"
#include "message/facts.hpp"
#include "store/mailbox.hpp"

namespace postern::imap {

class SortKeys {
 public:
    explicit SortKeys(std::vector<SortCriterion> criteria);

    // `uids` ascending; those of messages that are gone are left out. `mailbox` must outlive it.
    engine::task<Result<void>> sort(store::Mailbox* mailbox, std::vector<std::uint32_t>* uids);
    // not_found when the message is gone.
    engine::task<Result<std::string>> key_of(store::Mailbox* mailbox, std::uint32_t uid);

 private:
    std::vector<SortCriterion> criteria_;
    bool needs_facts_ = false;
};

// RFC 5256 §2.2: the Date field, or else the internal date. Unix time.
std::int64_t sent_time(const message::Facts& facts, const store::Metadata& metadata);

}  // namespace postern::imap
