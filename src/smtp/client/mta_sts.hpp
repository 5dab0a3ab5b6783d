// MTA-STS: a domain's word, fetched over HTTPS, that its mail servers do TLS with certificates that
// verify. The record and the policy as values, and their syntax. Pure; what does not follow the
// grammar is fail_syntax. RFC 8461 §3.1 (the TXT record), §3.2 (the policy), §4.1 (matching).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"

namespace postern::smtp::client {

enum class StsMode : std::uint8_t { none, testing, enforce };

struct StsPolicy {
    StsMode mode = StsMode::none;
    std::uint32_t max_age_s = 0;
    std::vector<std::string> exchangers;  // "mx1.example.org", "*.example.net"; lower case
    friend bool operator==(const StsPolicy&, const StsPolicy&) = default;
};

Result<StsPolicy> parse_sts_policy(std::string_view text);

// The id of the one record among a name's TXT records that begins with "v=STSv1"; nothing when
// there is none, or several, or it is not well-formed (RFC 8461 §3.1).
std::optional<std::string> find_sts_id(const std::vector<std::string>& texts);

// Whether the policy allows a host, by name (RFC 8461 §4.1: a wildcard stands for one label).
bool allows_host(const StsPolicy& policy, std::string_view host);

// A policy in the cache, as it is kept on disk:
//   line 1  "postern-sts 2"
//   line 2  the id of the record it came with
//   line 3  when it expires, Unix time in seconds
//   line 4  when it was fetched
//   line 5  when mail was sent by it, to the day
//   then    the policy as it was fetched
struct CachedSts {
    std::string id;
    std::int64_t expires_s = 0;
    std::int64_t fetched_s = 0;
    std::int64_t used_s = 0;
    std::string text;
    StsPolicy policy;
};
std::string format_cached_sts(const CachedSts& cached);
Result<CachedSts> parse_cached_sts(std::string_view text);

}  // namespace postern::smtp::client
