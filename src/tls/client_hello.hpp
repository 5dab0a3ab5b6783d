// The first record of a TLS client, looked at before a session exists for it: is it TLS at all, is
// it whole, which host does it ask for. So half a handshake costs the bytes it sent and nothing
// else, and the session is made under the right certificate. Reads bytes, keeps nothing.
// RFC 8446 §4.1.2 and §5.1, RFC 6066 §3 (server_name).
#pragma once

#include <string>
#include <string_view>

#include "base/error.hpp"

namespace postern::tls {

struct ClientHello {
    bool whole = false;       // false: more bytes are needed, nothing else is set
    std::string server_name;  // lower case; empty when none, or none that is a host name
};

// `bytes` is everything the client has sent so far. Fails when they are not the beginning of a TLS
// client: plain text, an SSL 2 hello, a record that is no handshake or over its size.
Result<ClientHello> parse_client_hello(std::string_view bytes);

}  // namespace postern::tls
