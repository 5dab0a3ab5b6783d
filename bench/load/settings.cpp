// Names, sizes and what cannot be done; see settings.hpp.
#include "load/settings.hpp"

#include <algorithm>

#include "base/ascii.hpp"
#include "load/imap_profiles.hpp"
#include "net/network.hpp"

namespace postern::bench {
namespace {

// Of the mail of an ordinary office, by number: most is short, most bytes are in the few long ones.
constexpr Sizes::Share office_mail[] = {
    {2u << 10, 22}, {4u << 10, 24},  {8u << 10, 18},  {16u << 10, 12}, {32u << 10, 9},
    {64u << 10, 6}, {128u << 10, 4}, {512u << 10, 3}, {1u << 20, 1},   {4u << 20, 1},
};

std::optional<std::size_t> parse_bytes(std::string_view text) {
    unsigned shift = 0;
    if (text.ends_with('k') || text.ends_with('K')) shift = 10;
    if (text.ends_with('m') || text.ends_with('M')) shift = 20;
    if (shift != 0) text.remove_suffix(1);
    const auto number = parse_decimal(text);
    if (!number || *number > message_bytes_max >> shift) return std::nullopt;
    const std::size_t bytes = std::size_t(*number) << shift;
    if (bytes < message_bytes_min) return std::nullopt;
    return bytes;
}

bool is_within(double value, double min, double max) {
    return value >= min && value <= max;
}

std::optional<std::string> check_target(const Target& target, const Settings& settings) {
    if (target.port == 0) return "a port is needed";
    if (settings.may_leave_loopback || net::is_loopback(target.address)) return std::nullopt;
    return target.address +
           " is not this machine: a server that is not yours must not be measured; "
           "--allow-remote says that it is yours";
}

std::optional<std::string> check_numbers(const Settings& settings) {
    if (!is_within(settings.sessions, 1, sessions_max)) return "sessions: 1 to 100000";
    if (!is_within(settings.threads, 1, threads_max)) return "threads: 1 to 32";
    if (!is_within(settings.users.count, 1, users_max)) return "users: 1 to 1000000";
    if (!is_within(settings.recipients, 1, recipients_max)) return "recipients: 1 to 1000";
    if (settings.recipients > settings.users.count) return "fewer users than recipients";
    if (!is_within(settings.repetitions, 1, repetitions_max)) return "repetitions: 1 to 100";
    if (!is_within(settings.rate_per_s, 0, rate_per_s_max)) return "rate: up to 1000000 a second";
    if (settings.count > operations_max) return "count: at most 1000000000";
    if (settings.count == 0 && settings.duration.ns <= 0) return "a count or a duration is needed";
    if (settings.duration > duration_max) return "duration: at most a day";
    return std::nullopt;
}

std::optional<std::string> check_profile(const Settings& settings) {
    if (settings.workload == Workload::imap && !find_imap_profile(settings.profile)) {
        return "imap knows these profiles: " + imap_profile_names();
    }
    if (settings.workload == Workload::pop3 && settings.profile != "drain" &&
        settings.profile != "check") {
        return "pop3 knows these profiles: drain, check";
    }
    return std::nullopt;
}

std::optional<Workload> find_mixable(std::string_view name) {
    for (const Workload workload :
         {Workload::smtp, Workload::submit, Workload::imap, Workload::pop3}) {
        if (name_of(workload) == name) return workload;
    }
    return std::nullopt;
}

// Takes what stands before the last `mark`; the rest goes to `after`, if there is one.
std::string_view cut_last(std::string_view text, char mark, std::string_view* after) {
    const std::size_t place = text.rfind(mark);
    if (place == std::string_view::npos) return text;
    *after = text.substr(place + 1);
    return text.substr(0, place);
}

std::optional<std::string> check_mix(const Settings& settings) {
    if (settings.workload != Workload::mixed) return std::nullopt;
    if (!is_within(double(settings.parts.size()), 1, mix_parts_max)) return "mixed: 1 to 16 parts";
    for (const Settings& part : split(settings)) {
        if (auto wrong = check_profile(part)) return wrong;
        if (auto wrong = check_target(part.target, part)) return wrong;
    }
    return std::nullopt;
}

std::optional<std::string> check_goal(const Settings& settings) {
    if (!settings.goal) return std::nullopt;
    if (settings.workload == Workload::idle) return "find-limit knows no idle";
    if (settings.count != 0) return "find-limit needs a duration, not a count";
    if (settings.goal->p99_max.ns <= 0) return "find-limit needs a bound of the 99th percentile";
    if (!is_within(settings.goal->first_rate_per_s, 1, rate_per_s_max)) {
        return "the first rate: 1 to 1000000 a second";
    }
    return std::nullopt;
}

}  // namespace

std::string_view name_of(Workload workload) {
    switch (workload) {
        case Workload::smtp: return "smtp";
        case Workload::submit: return "submit";
        case Workload::imap: return "imap";
        case Workload::pop3: return "pop3";
        case Workload::idle: return "idle";
        case Workload::mixed: return "mixed";
    }
    return "";
}

std::string replace_number(std::string pattern, unsigned number) {
    const std::size_t place = pattern.find("%d");
    if (place != std::string::npos) pattern.replace(place, 2, std::to_string(number));
    return pattern;
}

std::string user_name(const Users& users, unsigned number) {
    return replace_number(users.pattern, number);
}

std::optional<Sizes> parse_sizes(std::string_view text) {
    Sizes sizes;
    sizes.name = text;
    if (text == "mix") {
        sizes.shares.assign(std::begin(office_mail), std::end(office_mail));
        return sizes;
    }
    const auto bytes = parse_bytes(text);
    if (!bytes) return std::nullopt;
    sizes.shares.push_back({*bytes, 1});
    return sizes;
}

std::optional<MixPart> parse_mix_part(std::string_view text) {
    MixPart part;
    std::string_view weight = "1";
    std::string_view profile;
    text = cut_last(text, '=', &weight);
    const std::size_t colon = text.find(':');
    if (colon == std::string_view::npos) return std::nullopt;
    std::string_view tls = "none";
    const std::string_view port_text = cut_last(text.substr(colon + 1), ':', &tls);
    const auto workload = find_mixable(cut_last(text.substr(0, colon), '/', &profile));
    const auto port = parse_decimal32(port_text);
    const auto number = parse_decimal32(weight);
    const auto mode = parse_tls_mode(tls);
    if (!workload || !port || *port == 0 || *port > 0xffff || !mode) return std::nullopt;
    if (!number || *number == 0 || *number > mix_weight_max) return std::nullopt;
    part.workload = *workload;
    part.profile = profile;
    part.port = std::uint16_t(*port);
    part.tls = *mode;
    part.weight = *number;
    return part;
}

std::optional<TlsMode> parse_tls_mode(std::string_view text) {
    if (text == "none") return TlsMode::none;
    if (text == "starttls") return TlsMode::starttls;
    if (text == "tls") return TlsMode::implicit;
    return std::nullopt;
}

bool knows_server(const Settings& settings) {
    return !settings.server_pids.empty() || !settings.server_cgroup.empty();
}

// Sessions as the weights say, but one for each thread at least.
std::vector<Settings> split(const Settings& settings) {
    if (settings.workload != Workload::mixed) return {settings};
    std::uint64_t weights = 0;
    for (const MixPart& part : settings.parts) weights += part.weight;
    std::vector<Settings> all;
    std::uint64_t passed = 0;
    for (const MixPart& part : settings.parts) {
        Settings own = settings;
        own.parts.clear();
        own.workload = part.workload;
        own.profile = part.profile;
        own.target.port = part.port;
        own.target.tls = part.tls;
        own.share = double(part.weight) / double(weights);
        const std::uint64_t before = settings.sessions * passed / weights;
        passed += part.weight;
        own.sessions = unsigned(settings.sessions * passed / weights - before);
        own.sessions = std::max(own.sessions, settings.threads);
        all.push_back(std::move(own));
    }
    return all;
}

std::optional<std::string> check_settings(const Settings& settings) {
    if (auto wrong = check_numbers(settings)) return wrong;
    if (auto wrong = check_profile(settings)) return wrong;
    if (auto wrong = check_mix(settings)) return wrong;
    if (auto wrong = check_goal(settings)) return wrong;
    if (settings.workload != Workload::mixed) {
        if (auto wrong = check_target(settings.target, settings)) return wrong;
    }
    if (settings.verifies) {
        if (settings.workload != Workload::smtp && settings.workload != Workload::submit) {
            return "only what smtp and submit send can be verified";
        }
        if (!settings.recipient_pattern.empty()) return "only mail to users can be verified";
        if (auto wrong = check_target(settings.verify_target, settings)) {
            return "to verify, by IMAP: " + *wrong;
        }
    }
    if (settings.workload == Workload::idle) {
        if (settings.rate_per_s <= 0) return "idle needs the rate of deliveries";
        if (auto wrong = check_target(settings.push_target, settings)) {
            return "to deliver, by SMTP: " + *wrong;
        }
    }
    if (settings.fault != Fault::none && !settings.verifies) return "a fault that nobody looks for";
    return std::nullopt;
}

}  // namespace postern::bench
