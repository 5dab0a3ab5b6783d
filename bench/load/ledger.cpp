// Sent against found; see ledger.hpp.
#include "load/ledger.hpp"

#include <cstring>

#include "load/limits.hpp"

namespace postern::bench {
namespace {

std::uint64_t short_hash(const crypto::Sha256Digest& hash) {
    std::uint64_t value = 0;
    std::memcpy(&value, hash.data(), sizeof value);
    return value;
}

}  // namespace

void Ledger::sent(std::uint64_t number, std::uint32_t user, const crypto::Sha256Digest& hash,
                  Certainty certainty) {
    if (entries_.size() >= ledger_entries_max) {
        ++forgotten_;
        return;
    }
    Entry& entry = entries_[{number, user}];
    entry.hash = short_hash(hash);
    entry.certainty = certainty;
}

void Ledger::found(std::uint64_t number, std::uint32_t user, const crypto::Sha256Digest& hash) {
    const auto place = entries_.find({number, user});
    if (place == entries_.end()) {
        ++unknown_;
        return;
    }
    ++place->second.copies;
    if (place->second.hash != short_hash(hash)) place->second.is_changed = true;
}

void Ledger::forget_found() {
    unknown_ = 0;
    for (auto& [key, entry] : entries_) {
        entry.copies = 0;
        entry.is_changed = false;
    }
}

void Ledger::merge(Ledger&& other) {
    entries_.merge(other.entries_);
    unknown_ += other.unknown_;
    forgotten_ += other.forgotten_;
}

Verdict Ledger::judge() const {
    Verdict verdict;
    verdict.unknown = unknown_;
    verdict.forgotten = forgotten_;
    for (const auto& [key, entry] : entries_) {
        const bool must_be_there = entry.certainty == Certainty::acknowledged;
        if (must_be_there) ++verdict.expected;
        if (entry.copies == 0 && must_be_there) ++verdict.lost;
        if (entry.copies > 1) ++verdict.doubled;
        if (entry.is_changed) ++verdict.changed;
        if (entry.copies == 1 && !entry.is_changed && must_be_there) ++verdict.intact;
    }
    return verdict;
}

}  // namespace postern::bench
