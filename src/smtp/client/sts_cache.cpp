// Looking up, fetching and keeping policies; see sts_cache.hpp. After a co_await an entry may be
// gone: it is looked up again by its name.
#include "smtp/client/sts_cache.hpp"

#include <utility>

#include "base/log.hpp"
#include "dns/name.hpp"
#include "engine/io.hpp"
#include "engine/shard.hpp"
#include "smtp/client/exchangers.hpp"
#include "smtp/client/limits.hpp"

namespace postern::smtp::client {

using engine::Shard;
using engine::task;

namespace {

constexpr std::size_t entries_max = 1'000;      // the rest is on disk
constexpr Duration refusal_lasts = minutes(5);  // RFC 8461 §3.3: not at once again
constexpr std::size_t file_bytes_max = policy_bytes_max + 1'024;

std::int64_t now_s() {
    return Shard::current().kernel().wall_now().unix_seconds();
}

}  // namespace

StsCache::StsCache(std::string directory, dns::Resolver& resolver, PolicyFetcher* fetcher,
                   TlsReports& reports)
    : directory_(std::move(directory)), resolver_(resolver), fetcher_(fetcher), reports_(reports) {}

std::string StsCache::path_of(const std::string& domain) const {
    return directory_ + "/" + domain + ".sts";
}

// The entry of a domain, with what is on disk the first time.
task<StsCache::Entry*> StsCache::load(std::string domain) {
    auto found = entries_.find(domain);
    if (found != entries_.end()) co_return &found->second;
    std::optional<CachedSts> cached;
    auto text = co_await engine::read_file(path_of(domain), file_bytes_max);
    if (text) {
        auto parsed = parse_cached_sts(*text);
        if (parsed) cached = std::move(*parsed);
    }
    if (entries_.size() >= entries_max) entries_.clear();
    Entry& entry = entries_[domain];
    if (!entry.cached) entry.cached = std::move(cached);
    co_return &entry;
}

task<void> StsCache::keep(std::string domain, CachedSts fresh) {
    std::string bytes = format_cached_sts(fresh);
    entries_[domain] = {std::move(fresh), {}, {}};
    auto made = co_await engine::make_directory(directory_);
    (void)made;
    auto written = co_await engine::replace_file(path_of(domain), std::move(bytes));
    if (!written) log::warning("mta_sts.keep", {{"domain", domain}, {"error", written.error()}});
}

// RFC 8461 §3.3
task<void> StsCache::fetch(std::string domain, std::string id, MonotonicTime deadline) {
    const std::string host = "mta-sts." + domain;
    auto addresses = co_await find_addresses(&resolver_, host, Families::both, deadline);
    Result<std::string> body = fail_gone(ErrorCode::refused, "the policy's host has no address");
    if (addresses.found()) {
        std::vector<std::string> list = addresses.addresses;
        body = co_await fetcher_->fetch(domain, std::move(list), deadline);
    }
    Result<StsPolicy> policy = body ? parse_sts_policy(*body) : std::unexpected(body.error());
    if (!policy && policy.error().code == ErrorCode::cancelled) co_return;
    if (!policy) {
        log::warning("mta_sts.fetch", {{"domain", domain}, {"error", policy.error()}});
        const TlsResult result =
            body ? TlsResult::sts_policy_invalid : TlsResult::sts_policy_fetch_error;
        reports_.record(domain, TlsPolicyKind::sts, result, host, policy.error().what);
        Entry& entry = entries_[domain];
        entry.refused_id = std::move(id);
        entry.refused_until = Shard::current().now() + refusal_lasts;
        co_return;
    }
    CachedSts fresh;
    fresh.id = std::move(id);
    fresh.expires_s = now_s() + policy->max_age_s;
    fresh.text = std::move(*body);
    fresh.policy = std::move(*policy);
    co_await keep(domain, std::move(fresh));
}

// Whether the policy of that record is neither here nor known not to be had.
bool StsCache::wants(const Entry& entry, const std::string& id) {
    if (entry.cached && entry.cached->id == id) return false;
    return entry.refused_id != id || Shard::current().now() >= entry.refused_until;
}

// One at a time for a domain: whoever waited finds it done.
task<void> StsCache::refresh(std::string domain, std::string id, MonotonicTime deadline) {
    auto& slot = fetching_[domain];
    if (slot == nullptr) slot = std::make_shared<engine::Mutex>();
    std::shared_ptr<engine::Mutex> mutex = slot;
    {
        auto guard = co_await mutex->lock();
        const Entry* entry = co_await load(domain);
        if (wants(*entry, id)) co_await fetch(domain, std::move(id), deadline);
    }
    if (mutex.use_count() == 2) fetching_.erase(domain);
}

task<std::optional<StsPolicy>> StsCache::policy_of(std::string domain, MonotonicTime deadline) {
    // The domain is a file name here.
    if (fetcher_ == nullptr || !dns::is_host_name(domain)) co_return std::nullopt;
    std::string name = "_mta-sts." + domain;
    auto texts = co_await dns::lookup_txt(resolver_, std::move(name), deadline);
    auto id = find_sts_id(texts.records);
    Entry* entry = co_await load(domain);
    if (entry->cached && entry->cached->expires_s <= now_s()) entry->cached.reset();
    // RFC 8461 §5.1: a record that disappears, or cannot be asked for, changes nothing.
    if (id && wants(*entry, *id)) {
        co_await refresh(domain, std::move(*id), deadline);
        entry = co_await load(domain);
    }
    if (!entry->cached || entry->cached->policy.mode == StsMode::none) co_return std::nullopt;
    co_return entry->cached->policy;
}

}  // namespace postern::smtp::client
