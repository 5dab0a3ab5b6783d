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
constexpr std::size_t facts_max = 10'000;
constexpr std::int64_t minute_s = 60;
constexpr std::int64_t hour_s = 3'600;
constexpr std::int64_t day_s = 86'400;
constexpr std::int64_t offence_window_s = 600;
constexpr std::int64_t grey_window_s = 35 * day_s;
constexpr std::int64_t correspondent_window_s = 60 * day_s;
constexpr Duration lookup_timeout = seconds(5);
constexpr Duration bans_interval = seconds(10);
constexpr std::size_t ban_file_bytes_max = networks_max * 80;  // an address is 45 bytes at most

std::string_view name_of(Offence offence) {
    switch (offence) {
        case Offence::failed_login: return "failed login";
        case Offence::unknown_recipient: return "unknown recipient";
        case Offence::error: return "error";
    }
    return "";
}

std::int64_t wall_s() {
    return engine::Shard::current().kernel().wall_now().unix_seconds();
}

Reply try_later(const char* text) {
    return {Code::unavailable, status::security, text};
}

}  // namespace

Defence::Defence(DefenceSettings settings)
    : settings_(std::move(settings)),
      connections_(minute_s, networks_max),
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

// Runs on the shard of each of the others.
template <class Act>
void Defence::tell_others(Act act) {
    for (unsigned shard = 0; shard < peers_.size(); ++shard) {
        Defence* other = peers_[shard];
        if (other != this) engine::post_to(shard, [other, act] { act(*other); });
    }
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
    if (settings_.connections_per_minute_max == 0) return std::nullopt;
    const std::uint64_t count = connections_.add(network, 1, now_s);
    if (count <= share_of(settings_.connections_per_minute_max)) return std::nullopt;
    log::info("smtp.turned_away", {{"peer", address}, {"reason", "connection rate"}});
    return try_later("Too many connections from your network, try again later");
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

// A clock that was set back must not make a ban longer than bans are.
task<void> Defence::load_bans() {
    if (settings_.ban_file.empty()) co_return;
    auto text = co_await engine::read_file(settings_.ban_file, ban_file_bytes_max);
    if (!text) co_return;
    const std::int64_t now_s = wall_s();
    std::string_view rest = *text;
    while (!rest.empty()) {
        const std::string_view line = rest.substr(0, rest.find('\n'));
        rest.remove_prefix(std::min(line.size() + 1, rest.size()));
        const std::size_t space = std::min(line.find(' '), line.size());
        const auto end_s = parse_decimal(line.substr(0, space));
        if (!end_s || space == line.size() || std::int64_t(*end_s) <= now_s) continue;
        const std::int64_t until_s =
            std::min(std::int64_t(*end_s), now_s + settings_.ban.milliseconds() / 1'000);
        const std::string network(line.substr(space + 1));
        ban(network, until_s);
        tell_others([network, until_s](Defence& other) { other.ban(network, until_s); });
    }
    bans_changed_ = false;
}

task<void> Defence::save_bans() {
    const std::int64_t now_s = wall_s();
    std::string text;
    for (const auto& [network, until_s] : banned_until_s_) {
        if (until_s > now_s) text += std::to_string(until_s) + ' ' + network + '\n';
    }
    bans_changed_ = false;
    auto written = co_await engine::replace_file(settings_.ban_file, std::move(text));
    if (written) co_return;
    bans_changed_ = true;
    log::warning("smtp.bans_not_kept", {{"error", written.error()}});
}

task<void> Defence::keep_bans() {
    if (settings_.ban_file.empty()) co_return;
    for (bool goes_on = true; goes_on;) {
        auto slept = co_await engine::sleep_until(engine::Shard::current().now() + bans_interval);
        goes_on = slept.has_value();
        if (bans_changed_) co_await save_bans();
    }
}

bool Defence::asks_dns() const {
    return settings_.resolver != nullptr &&
           (!settings_.block_lists.empty() || settings_.needs_reverse_dns);
}

task<PeerFacts> Defence::facts_of(std::string address) {
    const MonotonicTime now = engine::Shard::current().now();
    const auto found = remembered_.find(address);
    if (found != remembered_.end() && found->second.until > now) co_return found->second.facts;
    const MonotonicTime deadline = now + lookup_timeout;
    PeerFacts facts = co_await look_up_peer(&settings_, address, deadline);
    if (remembered_.size() >= facts_max) remembered_.clear();
    remembered_[address] = {facts, now + seconds(std::int64_t(facts.ttl_s))};
    co_return facts;
}

std::optional<Reply> Defence::judge(const PeerFacts& facts) const {
    if (facts.block_score > 0 && facts.block_score >= settings_.block_score_min) {
        return Reply{Code::refused, status::not_authorized,
                     "Your address is listed by " + facts.listed_by};
    }
    if (!settings_.needs_reverse_dns) return std::nullopt;
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
        grey_.add(name, 1, now_s);
        tell_others([name, now_s](Defence& other) { other.grey_.add(name, 1, now_s); });
    }
    log::info("smtp.greylisted", {{"peer", address}, {"from", sender}, {"to", recipient}});
    return Reply{Code::mailbox_busy, status::not_authorized, "Greylisted, try again later"};
}

void Defence::note_correspondent(std::string_view address, std::int64_t now_s) {
    if (settings_.greylist_s == 0) return;
    const std::string name = to_lower(address);
    correspondents_.add(name, 1, now_s);
    tell_others([name, now_s](Defence& other) { other.correspondents_.add(name, 1, now_s); });
}

void Defence::count_submission(const std::string& account, std::size_t recipients,
                               std::int64_t now_s) {
    hourly_messages_.add(account, 1, now_s);
    daily_messages_.add(account, 1, now_s);
    hourly_recipients_.add(account, recipients, now_s);
    daily_recipients_.add(account, recipients, now_s);
}

std::string Defence::note_submission(const std::string& account, std::size_t recipients,
                                     std::int64_t now_s) {
    const AccountLimits& limits = settings_.account;
    count_submission(account, recipients, now_s);
    tell_others([account, recipients, now_s](Defence& other) {
        other.count_submission(account, recipients, now_s);
    });
    const auto is_over = [&](const RateTable& table, std::uint32_t limit) {
        return limit > 0 && table.sum(account, now_s) > limit;
    };
    std::string reason;
    if (is_over(hourly_messages_, limits.messages_per_hour_max)) {
        reason = "over its limit of messages an hour";
    } else if (is_over(daily_messages_, limits.messages_per_day_max)) {
        reason = "over its limit of messages a day";
    } else if (is_over(hourly_recipients_, limits.recipients_per_hour_max)) {
        reason = "over its limit of recipients an hour";
    } else if (is_over(daily_recipients_, limits.recipients_per_day_max)) {
        reason = "over its limit of recipients a day";
    }
    if (reason.empty()) return reason;
    log::warning("smtp.account_held", {{"account", account}, {"reason", reason}});
    return account + " is " + reason;
}

}  // namespace postern::smtp
