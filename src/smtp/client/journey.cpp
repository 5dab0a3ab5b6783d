// Hosts, addresses, TLS, sessions; see journey.hpp. Every step that fails leaves its reason in
// trouble_ and gives false or null.
#include "smtp/client/journey.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <utility>

#include "base/log.hpp"
#include "dns/name.hpp"
#include "engine/shard.hpp"
#include "net/connect.hpp"
#include "smtp/client/dane.hpp"
#include "smtp/client/pool.hpp"

namespace postern::smtp::client {

using engine::Shard;
using engine::task;
using net::deadline_in;

namespace {

constexpr std::uint16_t implicit_tls_port = 465;  // RFC 8314 §3.3

std::uint32_t draw_number(std::uint32_t bound) {
    std::uint32_t number = 0;
    std::span<char> bytes(reinterpret_cast<char*>(&number), sizeof number);
    Shard::current().kernel().random(bytes);
    return number % bound;
}

bool is_loopback(const std::string& address) {
    in_addr v4{};
    if (inet_pton(AF_INET, address.c_str(), &v4) == 1) {
        const std::uint32_t first = ntohl(v4.s_addr) >> 24;
        return first == 127 || first == 0;
    }
    in6_addr v6{};
    if (inet_pton(AF_INET6, address.c_str(), &v6) != 1) return false;
    if (IN6_IS_ADDR_V4MAPPED(&v6)) return v6.s6_addr[12] == 127 || v6.s6_addr[12] == 0;
    return IN6_IS_ADDR_LOOPBACK(&v6) || IN6_IS_ADDR_UNSPECIFIED(&v6);
}

}  // namespace

Journey::Journey(JourneyMeans means, const queue::Route& route, std::string_view sender,
                 TlsWish wish)
    : settings_(means.settings),
      services_(means.services),
      policies_(means.policies),
      tls_reports_(means.tls_reports),
      resumptions_(means.resumptions),
      route_(route),
      wish_(wish),
      source_health_(means.source_health) {
    if (settings_.router == nullptr) return;
    rules_ = settings_.router->rules_of(route_);
    sources_ = settings_.router->sources_of(route_, sender);
}

std::string Journey::pool_key() const {
    std::string key = route_.key();
    return sources_.name.empty() ? key : key + pool_key_separator + sources_.name;
}

task<std::unique_ptr<Session>> Journey::next() {
    if (!hosts_found_) {
        const bool found = co_await find_hosts();
        if (!found) co_return nullptr;
    }
    while (host_ < hosts_.size() && tried_ < addresses_tried_max) {
        if (!host_is_prepared_) {
            host_is_prepared_ = co_await prepare_host();
            if (!host_is_prepared_) {
                if (trouble_.outcome == queue::Outcome::untried) co_return nullptr;
                ++host_;
                continue;
            }
        }
        while (addresses_.found() && tried_ < addresses_tried_max) {
            auto session = co_await open_next();
            if (session != nullptr) co_return session;
            if (trouble_.outcome == queue::Outcome::untried) co_return nullptr;
            if (!addresses_.found()) co_await find_late_addresses();
        }
        ++host_;
        host_is_prepared_ = false;
    }
    co_return nullptr;
}

// ---- hosts --------------------------------------------------------------------------------------

task<bool> Journey::find_hosts() {
    hosts_found_ = true;
    if (!is_mx()) {
        hosts_.push_back({route_.host, 0});
        co_await ask_policy_of_relay();
        co_return true;
    }
    const std::string literal = address_of_literal(route_.host);
    if (route_.host.starts_with('[')) {  // RFC 5321 §4.1.3
        if (literal.empty())
            trouble_ = failed("5.1.2", "the address literal cannot be used");
        else
            hosts_.push_back({literal, 0});
        co_return !literal.empty();
    }
    auto domain = dns::to_ascii_name(route_.host);
    if (!domain) {
        trouble_ = failed("5.1.2", "the domain is no domain name");
        co_return false;
    }
    domain_ = std::move(*domain);
    co_return co_await find_mail_exchangers();
}

task<bool> Journey::find_mail_exchangers() {
    const MonotonicTime deadline = deadline_in(settings_.limits.lookup_timeout);
    Draw draw = &draw_number;
    auto found = co_await find_exchangers(services_.resolver, domain_, std::move(draw), deadline);
    if (!found) {
        trouble_ = found.error();
        co_return false;
    }
    hosts_are_secure_ = found->is_secure;
    domain_end_ = std::move(found->canonical_name);
    drop_ourselves(*found, [this](const std::string& host) { return host == settings_.host_name; });
    for (Exchanger& exchanger : found->hosts) {
        hosts_.push_back({std::move(exchanger.host), exchanger.preference});
    }
    if (hosts_.empty()) {
        trouble_ = failed("5.4.6", "mail for the domain loops back to us");
        co_return false;
    }
    co_await ask_policy();
    co_return true;
}

task<void> Journey::ask_policy() {
    const bool is_wanted =
        settings_.uses_mta_sts && services_.tls != nullptr && wish_ != TlsWish::optional;
    if (!is_wanted) co_return;
    const MonotonicTime deadline = deadline_in(settings_.limits.policy_timeout);
    policy_ = co_await policies_.policy_of(domain_, deadline);
}

// RFC 8461 §3.4: a smarthost's name is the policy's domain.
task<void> Journey::ask_policy_of_relay() {
    if (route_.kind != queue::RouteKind::host) co_return;
    if (!address_of_literal(route_.host).empty()) co_return;
    const Relay* relay = settings_.find_relay(route_.host, route_.port);
    if (relay != nullptr && !is_open(relay->tls)) co_return;
    auto domain = dns::to_ascii_name(route_.host);
    if (!domain) co_return;
    domain_ = std::move(*domain);
    co_await ask_policy();
}

// ---- one host -----------------------------------------------------------------------------------

task<bool> Journey::prepare_host() {
    const std::string name = hosts_[host_].name;
    addresses_ = {};
    const std::string literal = address_of_literal(name);
    if (!literal.empty()) {
        addresses_.addresses.push_back(literal);
        addresses_.outcome = dns::Outcome::found;
    } else {
        const MonotonicTime deadline = deadline_in(settings_.limits.lookup_timeout);
        addresses_ =
            co_await find_addresses(services_.resolver, name, settings_.families, deadline);
    }
    if (addresses_.outcome == dns::Outcome::cancelled) {
        trouble_ = untried("shutting down");
        co_return false;
    }
    if (!addresses_.found()) {
        const std::string what = "the address of " + name + " cannot be looked up: " +
                                 std::string(dns::name_of(addresses_.outcome));
        // With other hosts still to come, or others that answered, what they say counts.
        const bool is_worst =
            trouble_.explanation.empty() || trouble_.outcome == queue::Outcome::failed;
        if (!addresses_.is_absent())
            trouble_ = deferred("4.4.3", what);
        else if (is_worst)
            trouble_ = failed("5.4.4", name + " has no address");
        co_return false;
    }
    if (is_mx() && !leave_out_ourselves()) co_return false;
    co_return co_await decide_tls();
}

// RFC 8305 §3: those of the family that was too slow, now that there is nothing better.
task<void> Journey::find_late_addresses() {
    if (!addresses_.late) co_return;
    const Families family = *addresses_.late;
    addresses_.late.reset();
    const MonotonicTime deadline = deadline_in(settings_.limits.lookup_timeout);
    const std::string name = hosts_[host_].name;
    auto late = co_await find_addresses(services_.resolver, name, family, deadline);
    std::erase_if(late.addresses,
                  [this](const std::string& one) { return is_mx() && is_ours(one); });
    // What was decided about TLS holds for these too.
    const bool fits = late.is_secure || tls_.reference_names.empty();
    if (fits) addresses_.addresses = std::move(late.addresses);
}

bool Journey::is_ours(const std::string& address) const {
    if (settings_.may_use_loopback) return false;
    return is_loopback(address) ||
           std::ranges::find(settings_.own_addresses, address) != settings_.own_addresses.end();
}

// RFC 5321 §5.1, by address: from ourselves on nobody is tried, and nobody of the same preference.
bool Journey::leave_out_ourselves() {
    const bool ours = std::ranges::any_of(
        addresses_.addresses, [this](const std::string& address) { return is_ours(address); });
    if (!ours) return true;
    hosts_.resize(host_ + 1);
    if (trouble_.explanation.empty()) {
        trouble_ = failed("5.4.6", "mail for the domain loops back to us");
    }
    return false;
}

// RFC 8689 §4.2.1: where TLS is required, a name that is sure has a certificate that verifies.
task<bool> Journey::decide_tls() {
    const bool is_decided = co_await follow_policies();
    if (!is_decided) co_return false;
    const bool is_sure = is_mx() ? hosts_are_secure_ : !tls_.server_name.empty();
    if (wish_ == TlsWish::required && is_sure && is_open(tls_.level)) tls_.level = TlsLevel::verify;
    co_return true;
}

void Journey::take_relay_settings() {
    const Relay* relay = settings_.find_relay(route_.host, route_.port);
    if (relay != nullptr) {
        tls_.level = relay->tls;
        tls_.start = relay->tls_start;
    } else if (route_.port == implicit_tls_port) {
        tls_.start = TlsStart::implicit;
    }
}

// RFC 8461 §2: where there is DANE, it counts; else a policy of the domain; else TLS as it comes.
// What the administrator has decided about a fixed host is not decided again.
task<bool> Journey::follow_policies() {
    const std::string& name = hosts_[host_].name;
    tls_ = {};
    if (address_of_literal(name).empty()) tls_.server_name = name;
    if (!is_mx()) {
        take_relay_settings();
    } else if (!settings_.may_use_tls) {
        tls_.level = TlsLevel::off;
    }
    if (services_.tls == nullptr) tls_.level = TlsLevel::off;
    if (services_.tls == nullptr || wish_ == TlsWish::optional) co_return true;
    if (!is_mx() && !is_open(tls_.level)) co_return true;
    if (rules_.tls == queue::TlsRule::never) {
        tls_.level = TlsLevel::off;
        co_return true;
    }
    const bool is_known = co_await follow_dane();
    if (!is_known) co_return false;
    if (tls_.reference_names.empty() && !follow_sts()) co_return false;
    co_return follow_rule();
}

// What the administrator wants of this destination besides. RFC 7672 §6 (mandatory DANE).
bool Journey::follow_rule() {
    if (rules_.tls == queue::TlsRule::dane && tls_.level != TlsLevel::dane) {
        trouble_ = deferred("4.7.5", hosts_[host_].name + " has no TLSA records to go by");
        return false;
    }
    if (!is_open(tls_.level)) return true;
    if (rules_.tls == queue::TlsRule::encrypt) tls_.level = TlsLevel::encrypt;
    if (rules_.tls == queue::TlsRule::verify) tls_.level = TlsLevel::verify;
    return true;
}

// RFC 7672 §2.2.2: an alias whose end is sure is asked about at its end, then itself; one whose end
// is not, but which itself stands in a signed zone, itself.
task<bool> Journey::follow_dane() {
    const std::string& name = hosts_[host_].name;
    const bool is_wanted = settings_.uses_dane && (!is_mx() || hosts_are_secure_);
    if (!is_wanted || !address_of_literal(name).empty()) co_return true;
    const std::string& end = addresses_.canonical_name;
    const bool is_alias = !end.empty() && end != name;
    bool is_base = addresses_.is_secure;
    if (!is_base && is_alias) {
        const MonotonicTime deadline = deadline_in(settings_.limits.lookup_timeout);
        const auto alias = co_await dns::lookup_cname(*services_.resolver, name, deadline);
        if (alias.is_unknown()) co_return give_up_dane(name, alias.outcome);
        is_base = alias.found() && alias.is_secure();
    }
    if (addresses_.is_secure && is_alias) {
        const bool is_known = co_await ask_tlsa(end);
        if (!is_known) co_return false;
    }
    if (!is_base || !tls_.reference_names.empty()) co_return true;
    co_return co_await ask_tlsa(name);
}

// RFC 7672 §2.1.2: who cannot be asked about is not to be sent to.
bool Journey::give_up_dane(const std::string& base, dns::Outcome outcome) {
    if (outcome == dns::Outcome::cancelled) {
        trouble_ = untried("shutting down");
        return false;
    }
    if (outcome == dns::Outcome::bogus && is_mx()) {
        tls_reports_.record(domain_, TlsPolicyKind::tlsa, TlsResult::dnssec_invalid,
                            hosts_[host_].name);
    }
    trouble_ = deferred("4.7.5", "the TLSA records of " + base +
                                     " cannot be looked up: " + std::string(dns::name_of(outcome)));
    return false;
}

// RFC 7672 §2.2: no records, or insecure ones, as usual; usable ones, they decide; unusable ones,
// TLS in any case; unknown, the host cannot be used now.
task<bool> Journey::ask_tlsa(std::string base) {
    const MonotonicTime deadline = deadline_in(settings_.limits.lookup_timeout);
    std::string question = "_" + std::to_string(port()) + "._tcp." + base;
    const auto answer =
        co_await dns::lookup_tlsa(*services_.resolver, std::move(question), deadline);
    if (answer.is_unknown()) co_return give_up_dane(base, answer.outcome);
    if (!answer.found() || !answer.is_secure()) co_return true;
    tls_.tlsa = usable_tlsa(answer.records);
    tls_.level = tls_.tlsa.empty() ? TlsLevel::encrypt : TlsLevel::dane;
    if (tls_.tlsa.empty() && is_mx()) {
        tls_reports_.record(domain_, TlsPolicyKind::tlsa, TlsResult::tlsa_invalid,
                            hosts_[host_].name);
    }
    tls_.server_name = base;
    tls_.reference_names = reference_names(base);
    co_return true;
}

// RFC 7672 §3.2.2
std::vector<std::string> Journey::reference_names(const std::string& base) const {
    std::vector<std::string> names = {base};
    auto add = [&](const std::string& name) {
        if (!name.empty() && std::ranges::find(names, name) == names.end()) names.push_back(name);
    };
    add(is_mx() ? domain_ : hosts_[host_].name);
    if (is_mx()) add(domain_end_);
    return names;
}

// RFC 8461 §4.1, §5
bool Journey::follow_sts() {
    if (!policy_) return true;
    const std::string& name = hosts_[host_].name;
    const bool is_named = allows_host(*policy_, name);
    if (policy_->mode == StsMode::testing) {
        tls_.is_sts_testing = true;
        tls_.is_unnamed = !is_named;
    } else if (policy_->mode == StsMode::enforce) {
        if (!is_named) {
            trouble_ = deferred("4.7.5", name + " is not in the domain's MTA-STS policy");
            return false;
        }
        tls_.level = TlsLevel::verify;
        tls_.is_sts = true;
    }
    return true;
}

// ---- one address --------------------------------------------------------------------------------

const std::vector<queue::Source>& Journey::pool_for(const std::string& address) const {
    return address.contains(':') ? sources_.ipv6 : sources_.ipv4;
}

// What is left of the host's addresses, each from an address of ours.
std::vector<net::Candidate> Journey::candidates() {
    const MonotonicTime now = Shard::current().now();
    std::vector<net::Candidate> out;
    for (const std::string& address : addresses_.addresses) {
        const queue::Source* source = source_health_.choose(pool_for(address), now);
        out.push_back({address, source == nullptr ? std::string() : source->address});
    }
    return out;
}

void Journey::judge_sources(const net::Raced& raced,
                            const std::vector<net::Candidate>& candidates) {
    const MonotonicTime now = Shard::current().now();
    for (std::size_t i : raced.unbound) source_health_.note_failure(candidates[i].source, now);
    if (raced.stream) source_health_.note_success(candidates[raced.winner].source);
}

// By which we greet from an address of ours.
const std::string& Journey::name_from(const std::string& source) const {
    for (const auto* pool : {&sources_.ipv4, &sources_.ipv6}) {
        for (const queue::Source& one : *pool) {
            if (one.address == source && !one.helo_name.empty()) return one.helo_name;
        }
    }
    return sources_.helo_name.empty() ? settings_.host_name : sources_.helo_name;
}

void Journey::note_unreachable(const Error& error, const std::string& address) {
    trouble_ = report_error(error, "connecting to " + address);
    is_refused_ = false;
}

// RFC 8305 §5: whichever of the host's addresses answers first; those that have failed are not
// tried again, those that were too slow may be, and those that we could not begin with from an
// address of ours, while there is another.
task<std::unique_ptr<Session>> Journey::open_next() {
    std::vector<std::string>& addresses = addresses_.addresses;
    addresses.resize(std::min(addresses.size(), addresses_tried_max - tried_));
    const std::vector<net::Candidate> from = candidates();
    std::vector<net::Candidate> racing = from;
    net::Raced raced =
        co_await net::connect_to_any(std::move(racing), port(), settings_.limits.connect_timeout);
    judge_sources(raced, from);
    if (!raced.stream) {
        const std::size_t last = raced.failed.empty() ? 0 : raced.failed.back();
        note_unreachable(raced.error, addresses[last]);
    } else {
        raced.failed.push_back(raced.winner);
        source_ = from[raced.winner].source;
    }
    const MonotonicTime now = Shard::current().now();
    std::vector<std::string> left;
    for (std::size_t i = 0; i < addresses.size(); ++i) {
        const bool is_unbound = std::ranges::find(raced.unbound, i) != raced.unbound.end();
        const bool is_done = std::ranges::find(raced.failed, i) != raced.failed.end();
        const bool has_another =
            is_unbound && source_health_.has_usable(pool_for(addresses[i]), now);
        if (is_done && !has_another) ++tried_;
        if (!is_done || has_another) left.push_back(std::move(addresses[i]));
    }
    addresses = std::move(left);
    if (!raced.stream) co_return nullptr;
    co_return co_await open(std::move(*raced.stream));
}

// RFC 7435 §3: where TLS is not required and fails, the clear is better than nothing.
task<std::unique_ptr<Session>> Journey::open(net::Stream stream) {
    const std::string address = stream.peer_address();
    auto session = co_await open_once(std::move(stream), &tls_);
    if (session != nullptr || !tls_failed_ || tls_.start == TlsStart::implicit) co_return session;
    log::info("smtp.client.tls_failed",
              {{"host", hosts_[host_].name}, {"address", address}, {"why", trouble_.explanation}});
    TlsRequirement in_the_clear = tls_;
    in_the_clear.level = TlsLevel::off;
    in_the_clear.start = TlsStart::starttls;
    std::string source = source_;
    auto again = co_await net::connect_to(address, port(), std::move(source),
                                          deadline_in(settings_.limits.connect_timeout));
    if (!again) {
        note_unreachable(again.error(), address);
        co_return nullptr;
    }
    co_return co_await open_once(std::move(*again), &in_the_clear);
}

// RFC 8460 §4.3. Transient troubles are not counted.
void Journey::count_tls(const Session& session) {
    TlsPolicyKind policy = TlsPolicyKind::none;
    if (tls_.level == TlsLevel::dane) policy = TlsPolicyKind::tlsa;
    if (tls_.is_sts || tls_.is_sts_testing) policy = TlsPolicyKind::sts;
    const std::string& host = session.host();
    switch (session.tls_end()) {
        case Session::TlsEnd::not_asked_for: break;
        case Session::TlsEnd::not_offered:
            tls_reports_.record(domain_, policy, TlsResult::starttls_not_supported, host);
            break;
        case Session::TlsEnd::failed:
            if (trouble_.status != "4.7.5") break;
            tls_reports_.record(domain_, policy, TlsResult::validation_failure, host,
                                trouble_.explanation);
            break;
        case Session::TlsEnd::works: {
            // RFC 8461 §5: under a policy in mode testing mail is sent, and told of.
            const bool is_good = !tls_.is_unnamed && session.tls().would_verify;
            const char* reason = is_good           ? ""
                                 : tls_.is_unnamed ? "the policy does not name the host"
                                                   : "the certificate does not verify";
            tls_reports_.record(domain_, policy,
                                is_good ? TlsResult::success : TlsResult::validation_failure, host,
                                reason);
            break;
        }
    }
}

task<std::unique_ptr<Session>> Journey::open_once(net::Stream stream, const TlsRequirement* tls) {
    tls_failed_ = false;
    auto session =
        std::make_unique<Session>(std::move(stream), hosts_[host_].name, settings_.limits);
    const Relay* relay = is_mx() ? nullptr : settings_.find_relay(route_.host, route_.port);
    Opening opening;
    opening.protocol = route_.kind == queue::RouteKind::lmtp ? Protocol::lmtp : Protocol::smtp;
    opening.our_name = name_from(source_);
    opening.tls = tls;
    opening.tls_clients = services_.tls;
    opening.resumptions = &resumptions_;
    opening.login = relay != nullptr && relay->login ? &*relay->login : nullptr;
    auto trouble = co_await session->open(&opening);
    if (trouble) trouble_ = std::move(*trouble);
    if ((is_mx() || policy_) && tls == &tls_) count_tls(*session);
    if (!trouble) co_return session;
    is_refused_ = !trouble_.reply.empty();
    tls_failed_ = session->tls_failed();
    // RFC 5321 §5.1, §4.2.1: refused at the door is no word about the recipients.
    if (trouble_.outcome == queue::Outcome::failed) {
        trouble_.outcome = queue::Outcome::deferred;
        trouble_.status.front() = '4';
    }
    if (!session->is_broken && trouble_.outcome != queue::Outcome::untried) {
        co_await session->quit();
    }
    co_return nullptr;
}

}  // namespace postern::smtp::client
