// What a domain must publish so that mail reaches this gateway and is believed when it comes from
// it, compared with what the DNS says now; and whether port 25 to the outside is open. A task that
// asks the gateway's own resolver, on any shard. What cannot be found out is said to be unknown.
// RFC 5321 §5.1 (MX), RFC 7208 §3 (SPF), RFC 7489 §6.1 (DMARC).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "dns/resolver.hpp"
#include "engine/task.hpp"

namespace postern::admin {

enum class RecordState : unsigned char { good, missing, differs, unknown };

struct CheckedRecord {
    std::string name;
    std::string_view type;
    std::string value;  // to publish
    RecordState state = RecordState::unknown;
    std::vector<std::string> found;
    std::string_view note;
};

struct DnsCheck {
    dns::Resolver* resolver = nullptr;
    std::string host_name;
    std::vector<std::string> addresses;  // of this machine; loopback among them does not matter
    std::uint16_t port = 25;             // of other servers
    std::string via = "gmail.com";       // whose mail server is tried, unless the request says
    MonotonicTime deadline;              // of the questions; handle_dns_request sets it
};

bool is_dns_request(std::string_view line);

// `line` comes without its newline; the response ends in one and holds no other.
engine::task<std::string> handle_dns_request(DnsCheck check, std::string line);

// The records of a domain, in the order in which one publishes them.
engine::task<std::vector<CheckedRecord>> check_records(const DnsCheck* check, std::string domain);

// Whether an SPF record lets this gateway send: by "mx", "a:" with its name, an address of its, or
// because it lets everybody. Includes are not followed.
bool spf_allows(std::string_view record, std::string_view host_name,
                const std::vector<std::string>& addresses);

}  // namespace postern::admin
