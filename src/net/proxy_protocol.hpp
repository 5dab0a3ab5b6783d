// The PROXY protocol, versions 1 and 2: a load balancer in front of us says who the client is,
// before the client's first byte. Parsing is pure; accept_proxied() reads the header off a stream
// and gives one that has the client's address. Only what comes from a proxy of ours may be read
// this way: the caller has looked at the address. No RFC; the format is haproxy's.
//
//   v1   "PROXY" SP ("TCP4" / "TCP6") SP source SP destination SP port SP port CRLF, or
//        "PROXY UNKNOWN" … CRLF; at most 107 bytes
//   v2   12 bytes signature, version and command, family, 16-bit length, addresses, TLVs
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "engine/task.hpp"
#include "net/stream.hpp"

namespace postern::net {

enum class ProxyOutcome : std::uint8_t { incomplete, malformed, complete };

struct ProxyHeader {
    ProxyOutcome outcome = ProxyOutcome::incomplete;
    std::size_t bytes = 0;       // of the header, when it is complete
    std::string source_address;  // empty: the proxy speaks for itself (LOCAL, UNKNOWN)
    std::uint16_t source_port = 0;
};

// Of the bytes at the start of a connection.
ProxyHeader parse_proxy_header(std::string_view bytes);

// Errors: peer_syntax, and what the stream gives.
engine::task<Result<Stream>> accept_proxied(Stream stream, MonotonicTime deadline);

}  // namespace postern::net
