// Domain names as text: A-labels, validity, reverse names. Pure. Names have no final dot and are
// lower case here. RFC 1035 §2.3.4 (sizes), §3.1 (wire form), §3.5 and RFC 3596 §2.5 (reverse
// names), RFC 5890 §2.3.2.1 (A-labels), RFC 5782 §2.1 (reversed addresses in block lists).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/error.hpp"

namespace postern::dns {

// A name that can be asked for: labels of 1 to 63 visible ASCII characters, at most 253 in all.
bool is_query_name(std::string_view name);

// A host name by its letters (RFC 1123 §2.1), which an MX record must name: letters, digits,
// hyphens, and underscores, which some have.
bool is_host_name(std::string_view name);

// A-labels for U-labels, lower case, without a final dot (RFC 5891 §4). Fails with syntax when the
// result is no name.
Result<std::string> to_ascii_name(std::string_view name);

// "192.0.2.1" gives "1.2.0.192"; an IPv6 address its 32 nibbles. Nothing for anything else.
std::optional<std::string> reversed_address(std::string_view address);
// "1.2.0.192.in-addr.arpa", "….ip6.arpa".
std::optional<std::string> reverse_name(std::string_view address);

}  // namespace postern::dns
