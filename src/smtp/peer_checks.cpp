// See peer_checks.hpp.
#include "smtp/peer_checks.hpp"

#include <algorithm>

#include "dns/name.hpp"
#include "engine/scope.hpp"

namespace postern::smtp {

using engine::task;

namespace {

// What was found of the reverse name.
struct NameFinding {
    ReverseName reverse_name = ReverseName::not_asked;
    std::uint32_t ttl_s = 0;
};

task<void> ask_reverse_name(dns::Resolver* resolver, std::string address, MonotonicTime deadline,
                            NameFinding* finding) {
    const auto names = co_await dns::lookup_ptr(*resolver, address, deadline);
    finding->reverse_name = names.is_unknown() ? ReverseName::unknown : ReverseName::absent;
    finding->ttl_s = remembered_s(names);
    const bool is_ipv6 = address.find(':') != std::string::npos;
    constexpr std::size_t names_max = 5;
    for (std::size_t i = 0; i < names.records.size() && i < names_max; ++i) {
        std::string name = names.records[i];
        auto lookup = is_ipv6 ? dns::lookup_aaaa(*resolver, std::move(name), deadline)
                              : dns::lookup_a(*resolver, std::move(name), deadline);
        const auto addresses = co_await std::move(lookup);
        finding->ttl_s = std::min(finding->ttl_s, remembered_s(addresses));
        if (std::ranges::find(addresses.records, address) != addresses.records.end()) {
            finding->reverse_name = ReverseName::confirmed;
            break;
        }
        if (addresses.is_unknown()) finding->reverse_name = ReverseName::unknown;
    }
}

task<void> ask_one_list(dns::Resolver* resolver, ListWatch* watch, const BlockList* list,
                        std::string entry, ListedBy by, MonotonicTime deadline, Finding* finding) {
    *finding = co_await ask_list(resolver, watch, list, std::move(entry), by, deadline);
}

// RFC 7505 §3.
bool takes_no_mail(const dns::Answer<dns::Mx>& answer) {
    return answer.found() && dns::is_null_mx(answer.records);
}

task<void> ask_null_mx(dns::Resolver* resolver, std::string domain, MonotonicTime deadline,
                       SenderFacts* facts) {
    const auto answer = co_await dns::lookup_mx(*resolver, std::move(domain), deadline);
    facts->has_null_mx = takes_no_mail(answer);
    facts->ttl_s = std::min(facts->ttl_s, remembered_s(answer));
}

// Of lists that say nothing of the kind, nothing.
Listing add_up(const std::vector<BlockList>& lists, const std::vector<Finding>& findings,
               std::uint32_t& ttl_s) {
    Listing listing;
    for (std::size_t i = 0; i < lists.size(); ++i) {
        listing.add(lists[i], findings[i]);
        ttl_s = std::min(ttl_s, findings[i].ttl_s);
    }
    return listing;
}

}  // namespace

std::string describe(const PeerFacts& facts) {
    const std::string& zones = facts.listing.zones;
    std::string words = "block lists: " + (zones.empty() ? "none" : zones);
    if (facts.listing.score < 0) words += ", trusted";
    switch (facts.reverse_name) {
        case ReverseName::not_asked: break;
        case ReverseName::confirmed: words += ", reverse name confirmed"; break;
        case ReverseName::absent: words += ", no reverse name"; break;
        case ReverseName::unknown: words += ", reverse name unknown"; break;
    }
    return words;
}

task<PeerFacts> look_up_peer(const DefenceSettings* settings, ListWatch* watch, std::string address,
                             MonotonicTime deadline) {
    PeerFacts facts;
    dns::Resolver* resolver = settings->resolver;
    const auto& lists = settings->block_lists;
    std::vector<Finding> findings(lists.size());
    NameFinding name;
    if (resolver == nullptr) co_return facts;
    {
        engine::Scope scope;
        for (std::size_t i = 0; i < lists.size(); ++i) {
            std::string entry = block_list_name(address, lists[i].zone);
            const bool is_ipv6 = entry.size() > lists[i].zone.size() + 32;
            if (entry.empty()) continue;
            scope.spawn(ask_one_list(resolver, watch, &lists[i], std::move(entry),
                                     is_ipv6 ? ListedBy::ipv6 : ListedBy::ipv4, deadline,
                                     &findings[i]));
        }
        if (settings->needs_reverse_dns) {
            scope.spawn(ask_reverse_name(resolver, address, deadline, &name));
        }
        co_await scope.join();
    }
    facts.listing = add_up(lists, findings, facts.ttl_s);
    facts.reverse_name = name.reverse_name;
    if (settings->needs_reverse_dns) facts.ttl_s = std::min(facts.ttl_s, name.ttl_s);
    co_return facts;
}

// RFC 5782 §3: the domain before the list's own name.
task<SenderFacts> look_up_sender(const DefenceSettings* settings, ListWatch* watch,
                                 std::string domain, MonotonicTime deadline) {
    SenderFacts facts;
    dns::Resolver* resolver = settings->resolver;
    const auto& lists = settings->domain_lists;
    std::vector<Finding> findings(lists.size());
    if (resolver == nullptr) co_return facts;
    {
        engine::Scope scope;
        for (std::size_t i = 0; i < lists.size(); ++i) {
            std::string entry = domain + '.' + lists[i].zone;
            scope.spawn(ask_one_list(resolver, watch, &lists[i], std::move(entry), ListedBy::domain,
                                     deadline, &findings[i]));
        }
        if (settings->refuses_null_mx) {
            scope.spawn(ask_null_mx(resolver, domain, deadline, &facts));
        }
        co_await scope.join();
    }
    facts.listing = add_up(lists, findings, facts.ttl_s);
    co_return facts;
}

task<bool> has_null_mx(dns::Resolver* resolver, std::string domain, MonotonicTime deadline) {
    const auto answer = co_await dns::lookup_mx(*resolver, std::move(domain), deadline);
    co_return takes_no_mail(answer);
}

}  // namespace postern::smtp
