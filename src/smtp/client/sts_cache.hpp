// The MTA-STS policies of domains: what is in force, from memory, from disk or fetched anew, once a
// day without being asked for. One a shard, for the domains whose queue lives there; a directory of
// files shared by all of them, one a domain, each replaced as a whole. Never fails: a domain whose
// policy cannot be had and is not cached has none (RFC 8461 §3.3). RFC 8461 §3, §5 (caching), §10.2
// (denial).
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "dns/resolver.hpp"
#include "engine/event.hpp"
#include "engine/scope.hpp"
#include "engine/task.hpp"
#include "smtp/client/mta_sts.hpp"
#include "smtp/client/policy_fetcher.hpp"
#include "smtp/client/tls_reports.hpp"

namespace postern::smtp::client {

class StsCache {
 public:
    // `directory` need not exist. `fetcher` null: nothing is fetched. `reports` gets to know what
    // could not be.
    StsCache(std::string directory, dns::Resolver& resolver, PolicyFetcher* fetcher,
             TlsReports& reports);

    // `domain` in A-labels. Nothing: there is none in force.
    engine::task<std::optional<StsPolicy>> policy_of(std::string domain, MonotonicTime deadline);
    // Ends what goes on without being asked for. Before the end of one that has been asked.
    engine::task<void> close();

 private:
    struct Entry {
        std::optional<CachedSts> cached;
        std::string refused_id;  // of the record whose policy could not be had
        MonotonicTime refused_until;
    };
    engine::task<std::optional<CachedSts>> read(std::string domain);
    engine::task<Entry*> load(std::string domain);
    static bool wants(const Entry& entry, const std::string& id);
    static bool is_old(const CachedSts& cached);
    void note_failure(const std::string& domain, std::string id, TlsResult result,
                      const Error& error);
    engine::task<void> refresh(std::string domain, std::string id, MonotonicTime deadline);
    engine::task<void> fetch(std::string domain, std::string id, std::int64_t used_s,
                             MonotonicTime deadline);
    engine::task<void> keep(std::string domain, CachedSts fresh);
    engine::task<void> keep_fresh();
    engine::task<void> look_through();
    engine::task<void> look_at(std::string domain, CachedSts cached);
    std::string path_of(const std::string& domain) const;

    std::string directory_;
    dns::Resolver& resolver_;
    PolicyFetcher* fetcher_;
    TlsReports& reports_;
    std::map<std::string, Entry> entries_;
    std::map<std::string, std::shared_ptr<engine::Mutex>> fetching_;  // one fetch a domain
    bool is_kept_fresh_ = false;
    engine::Scope keepers_;
};

}  // namespace postern::smtp::client
