// The lines of a SASL exchange on a connection: challenges out, responses in, until it is over.
// What SMTP (RFC 4954 §4), IMAP (RFC 9051 §6.2.2) and POP3 (RFC 5034 §4) have in common; they
// differ in the word before a challenge.
#pragma once

#include <optional>
#include <string_view>

#include "auth/sasl.hpp"
#include "base/time.hpp"
#include "engine/task.hpp"
#include "net/stream.hpp"

namespace postern::auth {

struct SaslWire {
    std::string_view prefix = "+ ";  // of a challenge; "334 " in SMTP
    Duration reply_timeout;          // for the peer to take what is sent
    Duration response_timeout;       // for it to answer
};

// The step that ends the exchange: never a challenge. Fails only when the connection is gone. The
// stream and the exchange must live until then; the initial response only until the first
// challenge.
engine::task<Result<SaslStep>> converse_sasl(net::Stream* stream, SaslExchange* exchange,
                                             std::optional<std::string_view> initial_response,
                                             SaslWire wire);

}  // namespace postern::auth
