// The books of domains: their sums, and the messages between shards; see domain_quota.hpp. Messages
// from one shard arrive in the order they were sent, so a book hears of changes in their order.
#include "store/domain_quota.hpp"

#include <algorithm>
#include <map>
#include <utility>

#include "base/log.hpp"
#include "engine/shard.hpp"
#include "store/store_part.hpp"

namespace postern::store {

using engine::task;
using engine::try_;

void DomainBook::settle(const std::string& account, const QuotaUsage& usage,
                        const QuotaUsage& settled) {
    QuotaUsage& its = accounts_[account];
    usage_ -= its;
    its = usage;
    usage_ += its;
    claimed_ -= settled;
}

void DomainBook::settle_counted(const std::string& account, const QuotaUsage& usage) {
    if (!accounts_.contains(account)) settle(account, usage, {});
}

void DomainBook::forget(const std::string& account) {
    settle(account, {}, {});
    accounts_.erase(account);
}

Result<void> DomainBook::room_for(const QuotaLimits& limits, const QuotaUsage& more) const {
    QuotaUsage taken = usage_;
    taken += claimed_;
    return check_room(limits, taken, more);
}

namespace {

std::string_view domain_part(std::string_view account_directory) {
    return account_directory.substr(0, account_directory.find('/'));
}

}  // namespace

// On the domain's home shard.
void Store::note_in_domain(const DomainNotice& notice) {
    auto book = part().domains.find(notice.domain);
    if (book == part().domains.end() || !notice.usage_is_known) return;
    book->second.settle(notice.account, notice.usage, notice.settled);
}

void Store::tell(DomainNotice notice) {
    unsigned home = home_shard_of(notice.domain);
    engine::post_to(home, [this, notice = std::move(notice)] { note_in_domain(notice); });
}

task<Result<void>> Store::ask(QuotaKeeper::Ask ask, DomainNotice notice, QuotaLimits limits,
                              QuotaUsage more) {
    unsigned home = home_shard_of(notice.domain);
    auto work = [&] { return ask_here(ask, &notice, limits, more); };
    co_return co_await engine::call_on(home, work);
}

task<Result<void>> Store::ask_here(QuotaKeeper::Ask ask, const DomainNotice* notice,
                                   QuotaLimits limits, QuotaUsage more) {
    const std::string& domain = notice->domain;
    bool is_counted = part().domains[domain].is_counted();
    note_in_domain(*notice);  // before the count: newer notices may come meanwhile
    if (!is_counted) co_await try_(count_domain(domain));
    DomainBook& book = part().domains[domain];
    co_await try_(book.room_for(limits, more));
    if (ask == QuotaKeeper::Ask::claim) book.claim(more);
    co_return Result<void>{};
}

// An account that cannot be counted is left out: it would keep mail from all the others.
task<Result<void>> Store::count_domain(std::string domain) {
    engine::Mutex::Guard guard = co_await try_(part().domains[domain].counting().lock());
    if (part().domains[domain].is_counted()) co_return Result<void>{};
    std::map<unsigned, std::vector<std::string>> accounts;
    if (part().all_accounts) {
        for (std::string& account : part().all_accounts()) {
            if (domain_part(account) != domain) continue;
            accounts[home_shard_of(account)].push_back(std::move(account));
        }
    }
    for (const auto& [shard, theirs] : accounts) {
        auto count = [this, &theirs] { return count_accounts(&theirs); };
        auto usages = co_await engine::call_on(shard, count);
        DomainBook& book = part().domains[domain];
        for (const auto& [account, usage] : usages) book.settle_counted(account, usage);
    }
    part().domains[domain].set_counted();
    co_return Result<void>{};
}

// On the accounts' home shard.
task<std::vector<std::pair<std::string, QuotaUsage>>> Store::count_accounts(
    const std::vector<std::string>* accounts) {
    std::vector<std::pair<std::string, QuotaUsage>> usages;
    for (const std::string& directory : *accounts) {
        auto status = co_await quota_here(directory);
        if (status) {
            usages.emplace_back(directory, status->usage);
        } else {
            log::warning("store.not_counted", {{"account", directory}, {"error", status.error()}});
        }
    }
    co_return usages;
}

void Store::rules_changed() {
    auto& domains = part().domains;
    std::vector<std::string> all;
    if (part().all_accounts && !domains.empty()) all = part().all_accounts();
    std::sort(all.begin(), all.end());
    for (auto at = domains.begin(); at != domains.end();) {
        auto& [domain, book] = *at;
        auto first = std::lower_bound(all.begin(), all.end(), domain + '/');
        bool is_limited = first != all.end() && domain_part(*first) == domain &&
                          part().rules_of(*first).domain_quota.any();
        if (!is_limited && !book.counting().held()) {
            at = domains.erase(at);
            continue;
        }
        std::vector<std::string> gone;
        for (const auto& [account, usage] : book.accounts()) {
            if (!std::binary_search(all.begin(), all.end(), account)) gone.push_back(account);
        }
        for (const std::string& account : gone) book.forget(account);
        ++at;
    }
}

}  // namespace postern::store
