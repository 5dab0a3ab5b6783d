// What the accounts of a domain hold together, on the domain's home shard. Accounts live on all
// shards: each says what it holds whenever that has changed, in absolute numbers, so that nothing
// drifts; what arrives claims its room here before it is let in, so parallel arrivals on different
// shards see each other. A claim lasts until its account says that it is settled: by then what it
// says it holds has the message in it, or will not. Made when a limit asks for it, and counted from
// the accounts then. Pure data, but for the lock.
#pragma once

#include <string>
#include <unordered_map>

#include "engine/event.hpp"
#include "store/quota.hpp"

namespace postern::store {

class DomainBook {
 public:
    bool is_counted() const { return counted_; }
    void set_counted() { counted_ = true; }
    // Held by whoever counts.
    engine::Mutex& counting() { return counting_; }

    // What an account holds, and how much of what was claimed for it that settles.
    void settle(const std::string& account, const QuotaUsage& usage, const QuotaUsage& settled);
    // The same from the count: what the account has said itself is newer.
    void settle_counted(const std::string& account, const QuotaUsage& usage);
    void forget(const std::string& account);

    QuotaUsage usage() const { return usage_; }  // without claims
    // over_quota, or success; nothing is taken.
    Result<void> room_for(const QuotaLimits& limits, const QuotaUsage& more) const;
    void claim(const QuotaUsage& more) { claimed_ += more; }
    const std::unordered_map<std::string, QuotaUsage>& accounts() const { return accounts_; }

 private:
    std::unordered_map<std::string, QuotaUsage> accounts_;
    QuotaUsage usage_;
    QuotaUsage claimed_;
    bool counted_ = false;
    engine::Mutex counting_;
};

// What an account asks the book of its domain, or tells it.
struct DomainNotice {
    std::string domain;   // as the first part of the account's directory
    std::string account;  // its directory
    QuotaUsage usage;
    bool usage_is_known = false;
    QuotaUsage settled;
};

// How an account reaches the book of its domain: the store. On any shard.
class DomainBooks {
 public:
    virtual engine::task<Result<void>> ask(QuotaKeeper::Ask ask, DomainNotice notice,
                                           QuotaLimits limits, QuotaUsage more) = 0;
    virtual void tell(DomainNotice notice) = 0;

 protected:
    ~DomainBooks() = default;
};

}  // namespace postern::store
