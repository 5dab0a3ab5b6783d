// Looking up, fetching and keeping policies; see sts_cache.hpp. After a co_await an entry may be
// gone: it is looked up again by its name.
#include "smtp/client/sts_cache.hpp"

#include <utility>

#include "base/log.hpp"
#include "dns/name.hpp"
#include "engine/io.hpp"
#include "engine/shard.hpp"
#include "net/stream.hpp"
#include "queue/route.hpp"
#include "smtp/client/exchangers.hpp"
#include "smtp/client/limits.hpp"

namespace postern::smtp::client {

using engine::Shard;
using engine::task;

namespace {

constexpr std::size_t entries_max = 1'000;      // the rest is on disk
constexpr Duration refusal_lasts = minutes(5);  // RFC 8461 §3.3: not at once again
constexpr Duration look_every = minutes(60);
constexpr Duration policy_deadline = seconds(60);  // RFC 8461 §3.3
constexpr std::size_t file_bytes_max = policy_bytes_max + 1'024;
constexpr std::string_view suffix = ".sts";
constexpr std::int64_t used_to_s = 86'400;  // the time of use is kept to the day

std::int64_t now_s() {
    return Shard::current().kernel().wall_now().unix_seconds();
}

// Whether mail for the domain is this shard's.
bool is_at_home(const std::string& domain) {
    const Shard& shard = Shard::current();
    const std::string key = queue::Route{queue::RouteKind::mx, domain}.key();
    return queue::home_shard(key, shard.shard_count()) == shard.id();
}

}  // namespace

StsCache::StsCache(std::string directory, dns::Resolver& resolver, PolicyFetcher* fetcher,
                   TlsReports& reports)
    : directory_(std::move(directory)), resolver_(resolver), fetcher_(fetcher), reports_(reports) {}

std::string StsCache::path_of(const std::string& domain) const {
    return directory_ + "/" + domain + std::string(suffix);
}

task<std::optional<CachedSts>> StsCache::read(std::string domain) {
    auto text = co_await engine::read_file(path_of(domain), file_bytes_max);
    if (!text) co_return std::nullopt;
    auto cached = parse_cached_sts(*text);
    if (!cached) co_return std::nullopt;
    co_return std::move(*cached);
}

// The entry of a domain, with what is on disk the first time.
task<StsCache::Entry*> StsCache::load(std::string domain) {
    auto found = entries_.find(domain);
    if (found != entries_.end()) co_return &found->second;
    auto cached = co_await read(domain);
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

// RFC 8461 §3.3, §6: told of, unless the policy in force is none.
void StsCache::note_failure(const std::string& domain, std::string id, TlsResult result,
                            const Error& error) {
    Entry& entry = entries_[domain];
    entry.refused_id = std::move(id);
    entry.refused_until = Shard::current().now() + refusal_lasts;
    if (entry.cached && entry.cached->policy.mode == StsMode::none) return;
    log::warning("mta_sts.fetch", {{"domain", domain}, {"error", error}});
    reports_.record(domain, TlsPolicyKind::sts, result, "mta-sts." + domain, error.what);
}

// RFC 8461 §3.3
task<void> StsCache::fetch(std::string domain, std::string id, std::int64_t used_s,
                           MonotonicTime deadline) {
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
        const TlsResult result =
            body ? TlsResult::sts_policy_invalid : TlsResult::sts_policy_fetch_error;
        note_failure(domain, std::move(id), result, policy.error());
        co_return;
    }
    CachedSts fresh;
    fresh.id = std::move(id);
    fresh.fetched_s = now_s();
    fresh.expires_s = fresh.fetched_s + policy->max_age_s;
    fresh.used_s = used_s;
    fresh.text = std::move(*body);
    fresh.policy = std::move(*policy);
    co_await keep(domain, std::move(fresh));
}

// Whether the policy of that record is neither here nor known not to be had, or old.
bool StsCache::wants(const Entry& entry, const std::string& id) {
    const bool is_here = entry.cached && entry.cached->id == id;
    if (is_here && !is_old(*entry.cached)) return false;
    return entry.refused_id != id || Shard::current().now() >= entry.refused_until;
}

// Long before it expires.
bool StsCache::is_old(const CachedSts& cached) {
    const std::int64_t lasts_s = cached.expires_s - cached.fetched_s;
    return now_s() - cached.fetched_s >= std::min(policy_refresh_s, lasts_s / 2);
}

// One at a time for a domain: whoever waited finds it done.
task<void> StsCache::refresh(std::string domain, std::string id, MonotonicTime deadline) {
    auto& slot = fetching_[domain];
    if (slot == nullptr) slot = std::make_shared<engine::Mutex>();
    std::shared_ptr<engine::Mutex> mutex = slot;
    {
        auto guard = co_await mutex->lock();
        const Entry* entry = co_await load(domain);
        const std::int64_t used_s = entry->cached ? entry->cached->used_s : now_s();
        if (wants(*entry, id)) co_await fetch(domain, std::move(id), used_s, deadline);
    }
    if (mutex.use_count() == 2) fetching_.erase(domain);
}

task<std::optional<StsPolicy>> StsCache::policy_of(std::string domain, MonotonicTime deadline) {
    // The domain is a file name here.
    if (fetcher_ == nullptr || !dns::is_host_name(domain)) co_return std::nullopt;
    if (!std::exchange(is_kept_fresh_, true)) keepers_.spawn(keep_fresh());
    std::string name = "_mta-sts." + domain;
    auto texts = co_await dns::lookup_txt(resolver_, std::move(name), deadline);
    auto id = find_sts_id(texts.records);
    Entry* entry = co_await load(domain);
    if (entry->cached && entry->cached->expires_s <= now_s()) entry->cached.reset();
    // RFC 8461 §5.1: a record that disappears, or cannot be asked for, changes nothing.
    if (id && wants(*entry, *id)) {
        const bool is_known = entry->cached && entry->cached->id == *id;
        if (is_known) {
            keepers_.spawn(refresh(domain, std::move(*id), deadline));
        } else {
            co_await refresh(domain, std::move(*id), deadline);
            entry = co_await load(domain);
        }
    }
    if (!entry->cached || entry->cached->policy.mode == StsMode::none) co_return std::nullopt;
    StsPolicy policy = entry->cached->policy;
    if (now_s() - entry->cached->used_s >= used_to_s) {
        CachedSts used = *entry->cached;
        used.used_s = now_s();
        co_await keep(domain, std::move(used));
    }
    co_return policy;
}

// ---- before they expire -------------------------------------------------------------------------

task<void> StsCache::keep_fresh() {
    for (;;) {
        const MonotonicTime next = Shard::current().now() + look_every;
        auto slept = co_await engine::sleep_until(next);
        if (!slept) co_return;
        co_await look_through();
    }
}

// Whose policies are old is asked again, without mail.
task<void> StsCache::look_through() {
    auto files = co_await engine::list_directory(directory_);
    if (!files) co_return;
    for (const auto& file : *files) {
        if (!file.name.ends_with(suffix)) continue;
        std::string domain = file.name.substr(0, file.name.size() - suffix.size());
        if (!dns::is_host_name(domain) || !is_at_home(domain)) continue;
        auto cached = co_await read(domain);
        if (cached) co_await look_at(std::move(domain), std::move(*cached));
    }
}

task<void> StsCache::look_at(std::string domain, CachedSts cached) {
    if (cached.expires_s <= now_s()) {
        entries_.erase(domain);
        auto removed = co_await engine::unlink_file(path_of(domain));
        (void)removed;
        co_return;
    }
    const bool is_wanted = cached.policy.mode != StsMode::none &&
                           now_s() - cached.used_s < policy_unused_s_max && is_old(cached);
    if (!is_wanted) co_return;
    std::string id = cached.id;
    const auto known = entries_.find(domain);
    if (known != entries_.end()) known->second.cached = std::move(cached);
    const MonotonicTime deadline = net::deadline_in(policy_deadline);
    co_await refresh(std::move(domain), std::move(id), deadline);
}

task<void> StsCache::close() {
    keepers_.cancel();
    co_await keepers_.join();
}

}  // namespace postern::smtp::client
