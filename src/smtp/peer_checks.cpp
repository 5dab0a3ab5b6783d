// See peer_checks.hpp.
#include "smtp/peer_checks.hpp"

#include <algorithm>

#include "dns/name.hpp"
#include "engine/scope.hpp"

namespace postern::smtp {

using engine::task;

namespace {

constexpr std::uint32_t ttl_s_max = 3'600;
constexpr std::uint32_t ttl_s_min = 60;

// What one question adds to the facts.
struct Finding {
    bool is_listed = false;
    std::string zone;
    std::uint32_t weight = 0;
    ReverseName reverse_name = ReverseName::not_asked;
};

task<Finding> ask_block_list(dns::Resolver* resolver, BlockList list, std::string address,
                             MonotonicTime deadline) {
    Finding finding;
    std::string name = block_list_name(address, list.zone);
    if (name.empty()) co_return finding;
    const auto answer = co_await dns::lookup_a(*resolver, std::move(name), deadline);
    finding.is_listed = answer.found() && std::ranges::any_of(answer.records, is_listing);
    finding.zone = std::move(list.zone);
    finding.weight = list.weight;
    co_return finding;
}

task<Finding> ask_reverse_name(dns::Resolver* resolver, std::string address,
                               MonotonicTime deadline) {
    Finding finding;
    const auto names = co_await dns::lookup_ptr(*resolver, address, deadline);
    finding.reverse_name = names.is_unknown() ? ReverseName::unknown : ReverseName::absent;
    const bool is_ipv6 = address.find(':') != std::string::npos;
    constexpr std::size_t names_max = 5;
    for (std::size_t i = 0; i < names.records.size() && i < names_max; ++i) {
        std::string name = names.records[i];
        auto lookup = is_ipv6 ? dns::lookup_aaaa(*resolver, std::move(name), deadline)
                              : dns::lookup_a(*resolver, std::move(name), deadline);
        const auto addresses = co_await std::move(lookup);
        if (std::ranges::find(addresses.records, address) != addresses.records.end()) {
            finding.reverse_name = ReverseName::confirmed;
            break;
        }
        if (addresses.is_unknown()) finding.reverse_name = ReverseName::unknown;
    }
    co_return finding;
}

}  // namespace

std::string describe(const PeerFacts& facts) {
    std::string words = "block lists: " + (facts.listed_by.empty() ? "none" : facts.listed_by);
    switch (facts.reverse_name) {
        case ReverseName::not_asked: break;
        case ReverseName::confirmed: words += ", reverse name confirmed"; break;
        case ReverseName::absent: words += ", no reverse name"; break;
        case ReverseName::unknown: words += ", reverse name unknown"; break;
    }
    return words;
}

std::string block_list_name(std::string_view address, std::string_view zone) {
    const auto reversed = dns::reversed_address(address);
    return reversed ? *reversed + '.' + std::string(zone) : std::string();
}

bool is_listing(std::string_view answer) {
    return answer.starts_with("127.") && !answer.starts_with("127.255.255.");
}

task<PeerFacts> look_up_peer(const DefenceSettings* settings, std::string address,
                             MonotonicTime deadline) {
    PeerFacts facts;
    if (settings->resolver == nullptr) co_return facts;
    std::vector<task<Finding>> questions;
    for (const BlockList& list : settings->block_lists) {
        questions.push_back(ask_block_list(settings->resolver, list, address, deadline));
    }
    if (settings->needs_reverse_dns) {
        questions.push_back(ask_reverse_name(settings->resolver, address, deadline));
    }
    if (questions.empty()) co_return facts;
    const auto findings = co_await engine::when_all(std::move(questions));
    for (const Finding& finding : findings) {
        if (finding.reverse_name != ReverseName::not_asked) {
            facts.reverse_name = finding.reverse_name;
        }
        if (!finding.is_listed) continue;
        facts.block_score += finding.weight;
        facts.listed_by += (facts.listed_by.empty() ? "" : " ") + finding.zone;
    }
    facts.ttl_s = facts.reverse_name == ReverseName::unknown ? ttl_s_min : ttl_s_max;
    co_return facts;
}

}  // namespace postern::smtp
