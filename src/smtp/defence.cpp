// See defence.hpp.
#include "smtp/defence.hpp"

#include <algorithm>
#include <utility>

#include "base/ascii.hpp"
#include "base/log.hpp"
#include "engine/event.hpp"
#include "engine/io.hpp"
#include "engine/scope.hpp"
#include "engine/shard.hpp"
#include "net/network.hpp"
#include "net/stream.hpp"

namespace postern::smtp {

using engine::task;

namespace {

constexpr std::size_t networks_max = 50'000;  // that a table remembers
constexpr std::size_t accounts_max = 50'000;
constexpr std::int64_t minute_s = 60;
constexpr std::int64_t hour_s = 3'600;
constexpr std::int64_t day_s = 86'400;
constexpr std::int64_t offence_window_s = 600;
constexpr std::int64_t grey_window_s = 35 * day_s;
constexpr std::int64_t correspondent_window_s = 60 * day_s;
constexpr Duration lookup_timeout = seconds(5);
constexpr Duration courtesy_timeout = seconds(2);  // clients with many recipients wait for each
constexpr Duration courtesy_lasts = minutes(1);

std::string_view name_of(Offence offence) {
    switch (offence) {
        case Offence::failed_login: return "failed login";
        case Offence::unknown_recipient: return "unknown recipient";
        case Offence::error: return "error";
    }
    return "";
}

Reply try_later(const char* text) {
    return {Code::unavailable, status::security, text};
}

}  // namespace

Defence::Defence(DefenceSettings settings)
    : settings_(std::move(settings)),
      connections_(minute_s, networks_max),
      commands_(minute_s, networks_max),
      recipients_(hour_s, networks_max),
      offences_(offence_window_s, networks_max),
      grey_(grey_window_s, networks_max),
      correspondents_(correspondent_window_s, networks_max),
      hourly_messages_(hour_s, accounts_max),
      daily_messages_(day_s, accounts_max),
      hourly_recipients_(hour_s, accounts_max),
      daily_recipients_(day_s, accounts_max) {}

bool Defence::is_trusted(std::string_view address) const {
    return net::is_in_any(settings_.trusted, address);
}

// Of a limit of the machine.
std::uint64_t Defence::share_of(std::uint32_t limit) const {
    return (limit + settings_.shard_count - 1) / settings_.shard_count;
}

bool Defence::is_banned(std::string_view address, std::int64_t now_s) const {
    if (banned_until_s_.empty()) return false;
    const auto found = banned_until_s_.find(net::customer_network(address));
    return found != banned_until_s_.end() && found->second > now_s;
}

// RFC 5321 §7.8
std::optional<Reply> Defence::admit(std::string_view address, std::int64_t now_s) {
    const std::string network = net::customer_network(address);
    if (is_banned(address, now_s)) {
        log::info("smtp.turned_away", {{"peer", address}, {"reason", "banned"}});
        return try_later("Too many errors from your network, try again later");
    }
    if (auto refusal = admit_commands(address, 0, now_s)) return refusal;
    if (settings_.connections_per_minute_max == 0) return std::nullopt;
    const std::uint64_t count = connections_.add(network, 1, now_s);
    if (count <= share_of(settings_.connections_per_minute_max)) return std::nullopt;
    log::info("smtp.turned_away", {{"peer", address}, {"reason", "connection rate"}});
    return try_later("Too many connections from your network, try again later");
}

std::optional<Reply> Defence::admit_commands(std::string_view address, std::uint32_t count,
                                             std::int64_t now_s) {
    if (settings_.commands_per_minute_max == 0) return std::nullopt;
    const std::string network = net::customer_network(address);
    const std::uint64_t sum =
        count == 0 ? commands_.sum(network, now_s) : commands_.add(network, count, now_s);
    if (sum <= share_of(settings_.commands_per_minute_max)) return std::nullopt;
    log::info("smtp.turned_away", {{"peer", address}, {"reason", "command rate"}});
    return try_later("Too many commands from your network, try again later");
}

std::optional<Reply> Defence::admit_recipient(std::string_view address, std::int64_t now_s) {
    if (settings_.recipients_per_hour_max == 0) return std::nullopt;
    const std::uint64_t count = recipients_.add(net::customer_network(address), 1, now_s);
    if (count <= share_of(settings_.recipients_per_hour_max)) return std::nullopt;
    log::info("smtp.turned_away", {{"peer", address}, {"reason", "recipient rate"}});
    return Reply{Code::mailbox_busy, status::security, "Too many recipients from your network"};
}

void Defence::offend(std::string_view address, Offence offence, std::int64_t now_s) {
    if (settings_.offences_max == 0) return;
    const std::string network = net::customer_network(address);
    if (offences_.add(network, 1, now_s) < share_of(settings_.offences_max)) return;
    offences_.forget(network);
    const std::int64_t until_s = now_s + settings_.ban.milliseconds() / 1'000;
    log::warning("smtp.banned",
                 {{"network", network}, {"last", name_of(offence)}, {"until", until_s}});
    ban(network, until_s);
    tell_others([network, until_s](Defence& other) { other.ban(network, until_s); });
}

void Defence::ban(const std::string& network, std::int64_t until_s) {
    if (banned_until_s_.size() >= networks_max) banned_until_s_.clear();
    banned_until_s_[network] = until_s;
    bans_changed_ = true;
}

bool Defence::asks_dns() const {
    return settings_.resolver != nullptr &&
           (!settings_.block_lists.empty() || settings_.needs_reverse_dns);
}

task<PeerFacts> Defence::facts_of(std::string address) {
    const MonotonicTime now = engine::Shard::current().now();
    if (const PeerFacts* known = peer_facts_.find(address, now)) co_return *known;
    const MonotonicTime deadline = now + lookup_timeout;
    PeerFacts facts = co_await look_up_peer(&settings_, &lists_, address, deadline);
    peer_facts_.remember(address, facts, now + seconds(std::int64_t(facts.ttl_s)));
    co_return facts;
}

bool Defence::is_over(const Listing& listing) const {
    return listing.score > 0 && std::uint32_t(listing.score) >= settings_.block_score_min;
}

bool Defence::asks_dns_of_senders() const {
    return settings_.resolver != nullptr &&
           (settings_.refuses_null_mx || !settings_.domain_lists.empty());
}

task<std::optional<Reply>> Defence::judge_sender(std::string domain) {
    const MonotonicTime now = engine::Shard::current().now();
    SenderFacts facts;
    if (const SenderFacts* known = sender_facts_.find(domain, now)) {
        facts = *known;
    } else {
        const MonotonicTime deadline = now + lookup_timeout;
        facts = co_await look_up_sender(&settings_, &lists_, domain, deadline);
        sender_facts_.remember(domain, facts, now + seconds(std::int64_t(facts.ttl_s)));
    }
    // RFC 7505 §4.1
    if (facts.has_null_mx && settings_.refuses_null_mx) {
        co_return Reply{Code::refused, status::null_mx_sender, "The sender's domain takes no mail"};
    }
    if (!is_over(facts.listing)) co_return std::nullopt;
    co_return Reply{Code::refused, status::not_authorized,
                    "The sender's domain is listed" + facts.listing.words()};
}

task<bool> Defence::is_null_mx_domain(std::string domain) {
    if (settings_.resolver == nullptr) co_return false;
    const MonotonicTime now = engine::Shard::current().now();
    if (const bool* known = null_mx_.find(domain, now)) co_return *known;
    const MonotonicTime deadline = now + courtesy_timeout;
    const bool is_null = co_await has_null_mx(settings_.resolver, domain, deadline);
    null_mx_.remember(domain, is_null, now + courtesy_lasts);
    co_return is_null;
}

std::optional<Reply> Defence::judge(const PeerFacts& facts) const {
    if (is_over(facts.listing)) {
        return Reply{Code::refused, status::not_authorized,
                     "Your address is listed" + facts.listing.words()};
    }
    // RFC 5782 §2.2: somebody answers for it.
    if (!settings_.needs_reverse_dns || facts.listing.score < 0) return std::nullopt;
    switch (facts.reverse_name) {
        case ReverseName::absent:
            return Reply{Code::refused, status::no_reverse_name,
                         "Your address has no name that leads back to it"};
        case ReverseName::unknown:
            return Reply{Code::mailbox_busy, status::no_reverse_name,
                         "Cannot look up the name of your address"};
        default: return std::nullopt;
    }
}

std::optional<Reply> Defence::greylist(std::string_view address, std::string_view sender,
                                       std::string_view recipient, std::int64_t now_s) {
    if (settings_.greylist_s == 0) return std::nullopt;
    if (correspondents_.sum(to_lower(sender), now_s) > 0) return std::nullopt;
    const std::string name =
        net::customer_network(address) + ' ' + to_lower(sender) + ' ' + to_lower(recipient);
    const std::int64_t began_s = grey_.began_s(name, now_s);
    if (began_s >= 0 && now_s - began_s >= settings_.greylist_s) return std::nullopt;
    if (began_s < 0) {
        add_grey(name, now_s);
        tell_others([name, now_s](Defence& other) { other.add_grey(name, now_s); });
    }
    log::info("smtp.greylisted", {{"peer", address}, {"from", sender}, {"to", recipient}});
    return Reply{Code::mailbox_busy, status::not_authorized, "Greylisted, try again later"};
}

void Defence::add_grey(const std::string& name, std::int64_t now_s) {
    grey_.add(name, 1, now_s);
    strangers_changed_ = true;
}

void Defence::add_correspondent(const std::string& name, std::int64_t now_s) {
    correspondents_.add(name, 1, now_s);
    strangers_changed_ = true;
}

void Defence::note_correspondent(std::string_view address, std::int64_t now_s) {
    if (settings_.greylist_s == 0) return;
    const std::string name = to_lower(address);
    add_correspondent(name, now_s);
    tell_others([name, now_s](Defence& other) { other.add_correspondent(name, now_s); });
}

void Defence::count_submission(const std::string& account, std::size_t recipients,
                               std::int64_t now_s) {
    hourly_messages_.add(account, 1, now_s);
    daily_messages_.add(account, 1, now_s);
    hourly_recipients_.add(account, recipients, now_s);
    daily_recipients_.add(account, recipients, now_s);
    accounts_changed_ = true;
}

AccountVerdict Defence::note_submission(const std::string& account, std::size_t recipients,
                                        std::int64_t now_s) {
    const AccountLimits& limits = settings_.account;
    count_submission(account, recipients, now_s);
    tell_others([account, recipients, now_s](Defence& other) {
        other.count_submission(account, recipients, now_s);
    });
    AccountVerdict verdict;
    const auto check = [&](const RateTable& table, std::uint32_t limit, std::size_t added,
                           const char* what) {
        const std::uint64_t sum = table.sum(account, now_s);
        if (!verdict.hold_reason.empty() || limit == 0 || sum <= limit) return;
        verdict.hold_reason = account + " is over its limit of " + what;
        verdict.is_first = sum - added <= limit;
    };
    check(hourly_messages_, limits.messages_per_hour_max, 1, "messages an hour");
    check(daily_messages_, limits.messages_per_day_max, 1, "messages a day");
    check(hourly_recipients_, limits.recipients_per_hour_max, recipients, "recipients an hour");
    check(daily_recipients_, limits.recipients_per_day_max, recipients, "recipients a day");
    if (!verdict.hold_reason.empty()) {
        log::warning("smtp.account_held", {{"account", account}, {"reason", verdict.hold_reason}});
    }
    return verdict;
}

}  // namespace postern::smtp
