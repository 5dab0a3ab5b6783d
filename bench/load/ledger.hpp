// Ledger: what was sent to whom, against what is found in the mailboxes afterwards. A message that
// a server acknowledged must be there, once, with the bytes that were sent; one whose
// acknowledgement never came may be there or not. Pure; one shard's, merged at the end.
#pragma once

#include <cstdint>
#include <string_view>
#include <unordered_map>

#include "tls/crypto.hpp"

namespace postern::bench {

enum class Certainty : std::uint8_t { acknowledged, unsure };

struct Verdict {
    std::uint64_t expected = 0;  // acknowledged copies
    std::uint64_t intact = 0;    // of them, found once and unchanged
    std::uint64_t lost = 0;
    std::uint64_t doubled = 0;    // found more than once
    std::uint64_t changed = 0;    // found with other bytes
    std::uint64_t unknown = 0;    // found in a mailbox it was not sent to
    std::uint64_t forgotten = 0;  // not remembered, being over ledger_entries_max

    bool is_good() const { return lost + doubled + changed + unknown + forgotten == 0; }
};

class Ledger {
 public:
    void sent(std::uint64_t number, std::uint32_t user, const crypto::Sha256Digest& hash,
              Certainty certainty);
    void found(std::uint64_t number, std::uint32_t user, const crypto::Sha256Digest& hash);
    // Before the mailboxes are looked at once more.
    void forget_found();
    void merge(Ledger&& other);
    Verdict judge() const;
    std::size_t size() const { return entries_.size(); }

 private:
    struct Key {
        std::uint64_t number;
        std::uint32_t user;
        friend bool operator==(const Key&, const Key&) = default;
    };
    struct KeyHash {
        std::size_t operator()(const Key& key) const {
            return std::size_t((key.number * 1'000'003 + key.user) * 0x9e3779b97f4a7c15u >> 7);
        }
    };
    struct Entry {
        std::uint64_t hash = 0;  // the first eight bytes: chance, not malice
        std::uint32_t copies = 0;
        Certainty certainty = Certainty::acknowledged;
        bool is_changed = false;
    };
    std::unordered_map<Key, Entry, KeyHash> entries_;
    std::uint64_t unknown_ = 0;
    std::uint64_t forgotten_ = 0;
};

}  // namespace postern::bench
