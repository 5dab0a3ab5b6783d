// What it answers; see moody_resolver.hpp.
#include "sim/moody_resolver.hpp"

#include <algorithm>
#include <utility>

#include "dns/static_resolver.hpp"
#include "engine/event.hpp"
#include "engine/shard.hpp"

namespace postern::sim {

using engine::task;

namespace {

// What comes of an answer is written down at the end of the attempt.
constexpr Duration concluded_within = minutes(60);

// False: cancelled.
task<bool> wait_until(MonotonicTime then) {
    engine::Event nothing;
    auto waited = co_await nothing.wait(then);
    co_return waited.error().code == ErrorCode::timed_out;
}

dns::RawAnswer nothing_but(dns::Outcome outcome) {
    dns::RawAnswer answer;
    answer.outcome = outcome;
    return answer;
}

std::string mx_record(const std::string& host) {
    return std::string("\0\5", 2) + dns::StaticResolver::wire_name(host);
}

}  // namespace

// "mx.d1.test" is d1.test's.
void MoodyResolver::tell(const std::string& name) {
    const std::string domain = name.starts_with("mx.") ? name.substr(3) : name;
    world_.say("dns", "lies about " + name);
    oracle_.may_come_back(domain, world_.now(), concluded_within);
}

void MoodyResolver::lie(const std::string& name, dns::Type type, dns::RawAnswer& answer) {
    Random& random = world_.random();
    if (type == dns::Type::mx) {
        const char* hosts[] = {"", "mx.sim.test", "nobody.test", "mx.d0.test"};
        answer.rdata = {mx_record(hosts[random.below(std::size(hosts))])};
        tell(name);
    } else if (type == dns::Type::a) {
        const bool is_ours = random.chance(0.3);
        answer.rdata = {is_ours ? std::string("\x0a\0\0\x01", 4)
                                : std::string("\x0a\0\x01\x63", 4)};
        if (is_ours) tell(name);
    } else if (type == dns::Type::tlsa) {
        answer.trust = dns::Trust::secure;
        answer.rdata = {"\3\1\1" + std::string(32, 'x')};
    } else {
        return;
    }
    answer.outcome = dns::Outcome::found;
}

dns::RawAnswer MoodyResolver::change(const std::string& name, dns::Type type,
                                     dns::RawAnswer truth) {
    Random& random = world_.random();
    const std::uint64_t mood = random.below(1'000);
    MonotonicTime& absent_until = absent_until_[name];
    if (mood < 40) return nothing_but(dns::Outcome::failed);
    if (mood < 60) return nothing_but(dns::Outcome::bogus);
    if (mood < 75) absent_until = world_.now() + random.between(seconds(1), minutes(10));
    if (world_.now() < absent_until) {
        tell(name);
        return nothing_but(random.chance(0.5) ? dns::Outcome::no_name : dns::Outcome::no_data);
    }
    if (mood < 95 && truth.outcome == dns::Outcome::found) {
        truth.rdata = {"\xff", "garbage"};
    } else if (mood < 135) {
        lie(name, type, truth);
    }
    if (random.chance(0.3)) truth.trust = dns::Trust::secure;
    return truth;
}

task<dns::RawAnswer> MoodyResolver::query(std::string name, dns::Type type,
                                          MonotonicTime deadline) {
    Random& random = world_.random();
    dns::RawAnswer truth = co_await truth_.query(name, type, deadline);
    if (is_healed_) co_return truth;
    const bool is_slow = random.chance(0.03), is_lost = random.chance(0.03);
    const Duration delay =
        random.between(milliseconds(1), is_slow ? seconds(40) : milliseconds(300));
    const MonotonicTime then = is_lost ? deadline : world_.now() + delay;
    const bool was_cancelled = !co_await wait_until(std::min(then, deadline));
    if (was_cancelled) co_return nothing_but(dns::Outcome::cancelled);
    if (then >= deadline) co_return nothing_but(dns::Outcome::timed_out);
    if (is_healed_) co_return truth;
    co_return change(name, type, std::move(truth));
}

}  // namespace postern::sim
