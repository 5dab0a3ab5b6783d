// Records and policies; see mta_sts.hpp.
#include "smtp/client/mta_sts.hpp"

#include <algorithm>

#include "base/ascii.hpp"
#include "smtp/client/limits.hpp"

namespace postern::smtp::client {
namespace {

constexpr std::string_view magic = "postern-sts 2";
constexpr std::size_t id_bytes_max = 32;
constexpr std::size_t extension_name_bytes_max = 32;

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

// sts-extension, without its white space
bool is_extension(std::string_view field) {
    const std::size_t equals = std::min(field.find('='), field.size());
    const std::string_view name = field.substr(0, equals);
    if (name.empty() || name.size() > extension_name_bytes_max || !is_ascii_alnum(name.front())) {
        return false;
    }
    const bool is_name = std::ranges::all_of(
        name, [](char c) { return is_ascii_alnum(c) || c == '_' || c == '-' || c == '.'; });
    if (!is_name || equals + 1 >= field.size()) return false;
    return std::ranges::all_of(field.substr(equals + 1),
                               [](char c) { return c > ' ' && c < 0x7f && c != '='; });
}

// RFC 8461 §3.1: the fields after "v=STSv1". The first id counts, and other fields need only be
// well-formed; nothing when one is not, or there is no id.
std::optional<std::string> read_record(std::string_view rest) {
    std::optional<std::string> id;
    while (!rest.empty()) {
        if (rest.front() != ';') return std::nullopt;
        rest = trim_wsp(rest.substr(1));
        if (rest.empty()) break;
        const std::size_t end = std::min(rest.find(';'), rest.size());
        const std::string_view field = trim_wsp(rest.substr(0, end));
        rest.remove_prefix(end);
        if (field.starts_with("id=")) {
            if (!is_id(field.substr(3))) return std::nullopt;
            if (!id) id = field.substr(3);
        } else if (!is_extension(field)) {
            return std::nullopt;
        }
    }
    return id;
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
    constexpr std::string_view version = "v=STSv1";
    std::optional<std::string_view> record;
    for (std::string_view text : texts) {
        if (!text.starts_with(version)) continue;
        const std::string_view rest = trim_wsp(text.substr(version.size()));
        if (!rest.starts_with(';')) continue;
        if (record) return std::nullopt;
        record = rest;
    }
    return record ? read_record(*record) : std::nullopt;
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
    std::string out(magic);
    out += "\n" + cached.id;
    for (const std::int64_t time : {cached.expires_s, cached.fetched_s, cached.used_s}) {
        out += "\n" + std::to_string(time);
    }
    return out + "\n" + cached.text;
}

Result<CachedSts> parse_cached_sts(std::string_view text) {
    CachedSts cached;
    if (take_line(text) != magic) return fail_internal(ErrorCode::corrupt, "no cached policy");
    cached.id = take_line(text);
    if (!is_id(cached.id)) return fail_internal(ErrorCode::corrupt, "a damaged cached policy");
    for (std::int64_t* time : {&cached.expires_s, &cached.fetched_s, &cached.used_s}) {
        const auto seconds = parse_decimal(take_line(text));
        if (!seconds || *seconds > std::uint64_t(INT64_MAX)) {
            return fail_internal(ErrorCode::corrupt, "a damaged cached policy");
        }
        *time = std::int64_t(*seconds);
    }
    cached.text = text;
    auto policy = parse_sts_policy(text);
    if (!policy) return std::unexpected(policy.error());
    cached.policy = std::move(*policy);
    return cached;
}

}  // namespace postern::smtp::client
