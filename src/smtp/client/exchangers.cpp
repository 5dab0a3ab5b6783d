// MX and address questions; see exchangers.hpp.
#include "smtp/client/exchangers.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <utility>

#include "base/ascii.hpp"
#include "dns/name.hpp"
#include "engine/event.hpp"
#include "engine/scope.hpp"
#include "net/stream.hpp"
#include "smtp/client/limits.hpp"
#include "smtp/client/test_faults.hpp"

namespace postern::smtp::client {

using engine::task;

namespace {

bool is_address(const std::string& text) {
    in6_addr binary{};
    return inet_pton(AF_INET, text.c_str(), &binary) == 1 ||
           inet_pton(AF_INET6, text.c_str(), &binary) == 1;
}

// RFC 5321 §5.1: equals in random order, so that load is spread over them.
void put_in_order(std::vector<Exchanger>& hosts, const Draw& draw) {
    for (std::size_t i = hosts.size(); i > 1; --i) {
        std::swap(hosts[i - 1], hosts[draw(std::uint32_t(i))]);
    }
    std::ranges::stable_sort(hosts, {}, &Exchanger::preference);
    if (hosts.size() > exchangers_max) hosts.resize(exchangers_max);
}

std::expected<Exchangers, Trouble> read_exchangers(const dns::Answer<dns::Mx>& answer,
                                                   const Draw& draw) {
    // RFC 7505 §3
    if (dns::is_null_mx(answer.records)) {
        return std::unexpected(failed("5.1.10", "the domain takes no mail (null MX)"));
    }
    Exchangers out;
    out.is_secure = answer.is_secure();
    out.canonical_name = answer.canonical_name;
    for (const dns::Mx& record : answer.records) {
        // Addresses in place of names are a common mistake, and not followed.
        if (!dns::is_host_name(record.exchange) || is_address(record.exchange)) continue;
        const auto known = std::ranges::find(out.hosts, record.exchange, &Exchanger::host);
        if (known == out.hosts.end()) out.hosts.push_back({record.exchange, record.preference});
    }
    if (out.hosts.empty()) {
        return std::unexpected(failed("5.4.4", "no mail exchanger of the domain has a valid name"));
    }
    put_in_order(out.hosts, draw);
    return out;
}

// The questions for both families.
struct AddressSearch {
    dns::Resolver* resolver = nullptr;
    std::string host;
    MonotonicTime deadline;
    dns::Answer<std::string> v4, v6;
    bool v4_is_known = false;
    bool v6_is_known = false;
    engine::Event changed;

    bool is_over() const { return v4_is_known && v6_is_known; }
    bool has_some() const { return v4.found() || v6.found(); }
};

task<void> ask_v4(AddressSearch* search) {
    search->v4 = co_await dns::lookup_a(*search->resolver, search->host, search->deadline);
    search->v4_is_known = true;
    search->changed.set();
}

task<void> ask_v6(AddressSearch* search) {
    search->v6 = co_await dns::lookup_aaaa(*search->resolver, search->host, search->deadline);
    search->v6_is_known = true;
    search->changed.set();
}

// RFC 8305 §3. Who is cut off here is not known, whatever its question says at its end.
task<void> ask_both(AddressSearch* search) {
    engine::Scope scope;
    if (!search->v4_is_known) scope.spawn(ask_v4(search));
    if (!search->v6_is_known) scope.spawn(ask_v6(search));
    MonotonicTime until = never;
    while (!search->is_over()) {
        auto woken = co_await search->changed.wait(until);
        if (!woken) break;
        if (search->has_some() && until == never) until = net::deadline_in(resolution_delay);
    }
    const bool v4_is_known = search->v4_is_known, v6_is_known = search->v6_is_known;
    scope.cancel();
    co_await scope.join();
    search->v4_is_known = v4_is_known;
    search->v6_is_known = v6_is_known;
}

// RFC 8305 §4: families in turns, so that a broken one costs one attempt.
std::vector<std::string> in_turns(const std::vector<std::string>& first,
                                  const std::vector<std::string>& second) {
    std::vector<std::string> out;
    for (std::size_t i = 0; i < std::max(first.size(), second.size()); ++i) {
        if (i < first.size()) out.push_back(first[i]);
        if (i < second.size()) out.push_back(second[i]);
    }
    if (out.size() > addresses_per_host_max) out.resize(addresses_per_host_max);
    return out;
}

}  // namespace

task<std::expected<Exchangers, Trouble>> find_exchangers(dns::Resolver* resolver,
                                                         std::string domain, Draw draw,
                                                         MonotonicTime deadline) {
    auto answer = co_await dns::lookup_mx(*resolver, domain, deadline);
    if (test_faults.failure_is_absence && answer.outcome == dns::Outcome::failed) {
        answer.outcome = dns::Outcome::no_name;
    }
    switch (answer.outcome) {
        case dns::Outcome::found: co_return read_exchangers(answer, draw);
        case dns::Outcome::no_data: {
            Exchangers out;
            out.hosts.push_back({domain, 0});
            out.is_secure = answer.is_secure();
            out.is_implicit = true;
            out.canonical_name = answer.canonical_name;
            co_return out;
        }
        case dns::Outcome::no_name:
            co_return std::unexpected(failed("5.1.2", "the domain does not exist"));
        case dns::Outcome::cancelled: co_return std::unexpected(untried("shutting down"));
        default: break;
    }
    co_return std::unexpected(
        deferred("4.4.3", "the domain's mail exchangers cannot be looked up: " +
                              std::string(dns::name_of(answer.outcome))));
}

void drop_ourselves(Exchangers& exchangers, const std::function<bool(const std::string&)>& is_us) {
    const auto us = std::ranges::find_if(
        exchangers.hosts, [&](const Exchanger& exchanger) { return is_us(exchanger.host); });
    if (us == exchangers.hosts.end()) return;
    const std::uint16_t ours = us->preference;
    std::erase_if(exchangers.hosts,
                  [ours](const Exchanger& exchanger) { return exchanger.preference >= ours; });
}

task<HostAddresses> find_addresses(dns::Resolver* resolver, std::string host, Families families,
                                   MonotonicTime deadline) {
    AddressSearch search;
    search.resolver = resolver;
    search.host = std::move(host);
    search.deadline = deadline;
    search.v4_is_known = families == Families::only_ipv6;
    search.v6_is_known = families == Families::only_ipv4;
    if (search.v4_is_known) search.v4.outcome = dns::Outcome::no_data;
    if (search.v6_is_known) search.v6.outcome = dns::Outcome::no_data;
    co_await ask_both(&search);
    const dns::Answer<std::string>&v4 = search.v4, &v6 = search.v6;
    HostAddresses out;
    out.addresses = in_turns(v6.records, v4.records);
    if (out.found()) {
        out.outcome = dns::Outcome::found;
        if (!search.v4_is_known) out.late = Families::only_ipv4;
        if (!search.v6_is_known) out.late = Families::only_ipv6;
        out.is_secure = (!v4.found() || v4.is_secure()) && (!v6.found() || v6.is_secure());
        out.canonical_name = v4.found() ? v4.canonical_name : v6.canonical_name;
        co_return out;
    }
    out.outcome = v4.is_unknown() ? v4.outcome : v6.outcome;
    co_return out;
}

std::string address_of_literal(std::string_view domain) {
    if (domain.starts_with('[') && domain.ends_with(']')) {
        domain = domain.substr(1, domain.size() - 2);
        if (istarts_with(domain, "IPv6:")) domain.remove_prefix(5);
    }
    std::string address(domain);
    return is_address(address) ? address : std::string();
}

}  // namespace postern::smtp::client
