// Questions to lists; see list_watch.hpp.
#include "smtp/list_watch.hpp"

#include <algorithm>

#include "base/log.hpp"
#include "dns/name.hpp"
#include "engine/shard.hpp"

namespace postern::smtp {

using engine::task;

namespace {

constexpr Duration checked_every = minutes(60);
constexpr Duration unknown_for = minutes(1);
constexpr std::size_t reason_bytes_max = 200;

// RFC 5782 §5: what every list has, and what none may have.
std::pair<std::string_view, std::string_view> test_entries(ListedBy by) {
    switch (by) {
        case ListedBy::ipv4: return {"2.0.0.127.", "1.0.0.127."};
        case ListedBy::ipv6:
            return {"2.0.0.0.0.0.f.7.f.f.f.f.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.",
                    "1.0.0.0.0.0.f.7.f.f.f.f.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0."};
        case ListedBy::domain: break;
    }
    return {"test.", "invalid."};
}

std::string printable(std::string_view text) {
    std::string out;
    for (const char c : text.substr(0, reason_bytes_max)) out += c >= ' ' && c < 0x7f ? c : '?';
    return out;
}

}  // namespace

std::string block_list_name(std::string_view address, std::string_view zone) {
    const auto reversed = dns::reversed_address(address);
    return reversed ? *reversed + '.' + std::string(zone) : std::string();
}

task<bool> ListWatch::is_sound(dns::Resolver* resolver, std::string zone, ListedBy by,
                               MonotonicTime deadline) {
    const auto known = known_.find({zone, by});
    if (known != known_.end() && known->second.until > engine::Shard::current().now()) {
        co_return known->second.is_sound;
    }
    const auto [there, not_there] = test_entries(by);
    std::string must = std::string(there) + zone;
    std::string must_not = std::string(not_there) + zone;
    const auto listed = co_await dns::lookup_a(*resolver, std::move(must), deadline);
    const auto unlisted = co_await dns::lookup_a(*resolver, std::move(must_not), deadline);
    Verdict& verdict = known_[{zone, by}];
    const MonotonicTime now = engine::Shard::current().now();
    if (listed.is_unknown() || unlisted.is_unknown()) {
        verdict.until = now + unknown_for;
        co_return verdict.is_sound;
    }
    verdict.is_sound = listed.found() && !unlisted.found();
    verdict.until = now + checked_every;
    if (!verdict.is_sound) {
        log::warning("smtp.no_block_list", {{"zone", zone},
                                            {"why", listed.found() ? "it lists everything"
                                                                   : "its test entry is absent"}});
    }
    co_return verdict.is_sound;
}

task<Finding> ask_list(dns::Resolver* resolver, ListWatch* watch, const BlockList* list,
                       std::string entry, ListedBy by, MonotonicTime deadline) {
    Finding finding;
    std::string name = entry;
    const auto answer = co_await dns::lookup_a(*resolver, std::move(name), deadline);
    finding.ttl_s = remembered_s(answer);
    finding.is_listed =
        answer.found() && std::ranges::any_of(answer.records, [list](const std::string& record) {
            return is_listing(record, *list);
        });
    if (!finding.is_listed) co_return finding;
    std::string zone = list->zone;
    finding.is_listed = co_await watch->is_sound(resolver, std::move(zone), by, deadline);
    if (!finding.is_listed || list->weight <= 0) co_return finding;
    const auto texts = co_await dns::lookup_txt(*resolver, std::move(entry), deadline);
    if (texts.found()) finding.reason = printable(texts.records.front());
    co_return finding;
}

void Listing::add(const BlockList& list, const Finding& finding) {
    if (!finding.is_listed) return;
    score += list.weight;
    if (list.weight <= 0 || zones.ends_with(list.zone)) return;
    zones += (zones.empty() ? "" : " ") + list.zone;
    if (reason.empty()) reason = finding.reason;
}

std::string Listing::words() const {
    return " by " + zones + (reason.empty() ? "" : " (" + reason + ")");
}

}  // namespace postern::smtp
