// Records and policies; see mta_sts.hpp.
#include "smtp/client/mta_sts.hpp"

#include <algorithm>

#include "base/ascii.hpp"
#include "smtp/client/limits.hpp"

namespace postern::smtp::client {
namespace {

constexpr std::string_view magic = "postern-sts 1";
constexpr std::size_t id_bytes_max = 32;

// Up to LF, without CR LF; takes it off the front.
std::string_view take_line(std::string_view& text) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.ends_with('\r')) line.remove_suffix(1);
    return line;
}

bool is_pattern(std::string_view text) {
    if (text.starts_with("*.")) text.remove_prefix(2);
    return !text.empty() && text.size() <= 253 && std::ranges::all_of(text, [](char c) {
        return is_ascii_alnum(c) || c == '-' || c == '.' || c == '_';
    });
}

Result<void> read_field(std::string_view key, std::string_view value, StsPolicy& policy,
                        unsigned& seen) {
    constexpr unsigned version = 1, mode = 2, max_age = 4;
    if (key == "version" && (seen & version) == 0) {
        if (value != "STSv1") return fail_syntax("an unknown version of MTA-STS");
        seen |= version;
    } else if (key == "mode" && (seen & mode) == 0) {
        if (value == "enforce")
            policy.mode = StsMode::enforce;
        else if (value == "testing")
            policy.mode = StsMode::testing;
        else if (value != "none")
            return fail_syntax("an unknown mode of MTA-STS");
        seen |= mode;
    } else if (key == "max_age" && (seen & max_age) == 0) {
        const auto seconds = parse_decimal(value);
        if (!seconds || value.size() > 10) return fail_syntax("max_age is no number");
        policy.max_age_s = std::uint32_t(std::min<std::uint64_t>(*seconds, policy_age_max_s));
        seen |= max_age;
    } else if (key == "mx" && policy.exchangers.size() < policy_exchangers_max) {
        if (!is_pattern(value)) return fail_syntax("mx is no host name");
        policy.exchangers.push_back(to_lower(value));
    }
    return {};
}

bool is_id(std::string_view text) {
    return !text.empty() && text.size() <= id_bytes_max &&
           std::ranges::all_of(text, is_ascii_alnum);
}

}  // namespace

Result<StsPolicy> parse_sts_policy(std::string_view text) {
    if (text.size() > policy_bytes_max) return fail_syntax("a policy too long");
    StsPolicy policy;
    unsigned seen = 0;
    bool first = true;
    while (!text.empty()) {
        const std::string_view line = take_line(text);
        if (trim_wsp(line).empty()) continue;
        const std::size_t colon = line.find(':');
        if (colon == line.npos) return fail_syntax("a line that is no field");
        const std::string_view key = trim_wsp(line.substr(0, colon));
        if (first && key != "version") return fail_syntax("the version does not come first");
        first = false;
        const auto read = read_field(key, trim_wsp(line.substr(colon + 1)), policy, seen);
        if (!read) return std::unexpected(read.error());
    }
    if (seen != 7) return fail_syntax("version, mode or max_age is missing");
    if (policy.mode != StsMode::none && policy.exchangers.empty()) {
        return fail_syntax("a policy without mx");
    }
    return policy;
}

std::optional<std::string> find_sts_id(const std::vector<std::string>& texts) {
    std::optional<std::string> found;
    for (std::string_view text : texts) {
        if (!text.starts_with("v=STSv1")) continue;
        std::string_view rest = trim_wsp(text.substr(7));
        if (!rest.starts_with(';')) continue;
        if (found) return std::nullopt;
        found.emplace();
        while (!rest.empty()) {
            const std::size_t end = std::min(rest.find(';'), rest.size());
            const std::string_view field = trim_wsp(rest.substr(0, end));
            rest.remove_prefix(std::min(end + 1, rest.size()));
            if (!field.starts_with("id=") || !found->empty()) continue;
            if (is_id(field.substr(3))) *found = field.substr(3);
        }
    }
    if (found && found->empty()) return std::nullopt;
    return found;
}

bool allows_host(const StsPolicy& policy, std::string_view host) {
    return std::ranges::any_of(policy.exchangers, [host](const std::string& pattern) {
        if (!pattern.starts_with("*.")) return iequals(pattern, host);
        const std::size_t dot = host.find('.');
        return dot != host.npos && dot > 0 &&
               iequals(host.substr(dot + 1), std::string_view(pattern).substr(2));
    });
}

std::string format_cached_sts(const CachedSts& cached) {
    return std::string(magic) + "\n" + cached.id + "\n" + std::to_string(cached.expires_s) + "\n" +
           cached.text;
}

Result<CachedSts> parse_cached_sts(std::string_view text) {
    CachedSts cached;
    if (take_line(text) != magic) return fail_internal(ErrorCode::corrupt, "no cached policy");
    cached.id = take_line(text);
    const auto expires = parse_decimal(take_line(text));
    if (!is_id(cached.id) || !expires || *expires > std::uint64_t(INT64_MAX)) {
        return fail_internal(ErrorCode::corrupt, "a damaged cached policy");
    }
    cached.expires_s = std::int64_t(*expires);
    cached.text = text;
    auto policy = parse_sts_policy(text);
    if (!policy) return std::unexpected(policy.error());
    cached.policy = std::move(*policy);
    return cached;
}

}  // namespace postern::smtp::client
