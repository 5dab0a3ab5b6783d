// A server that does nothing as fast as it can, for --self-test: it answers SMTP, IMAP and POP3 as
// a server would and forgets everything. What the load generator reaches against it is the most it
// can measure. On shards of its own in the same process, on loopback; sessions end when the scope
// is cancelled.
// RFC 5321 §4.1.1, RFC 3030 §2 (BDAT), RFC 3501 §6, RFC 1939 §5: the commands that drivers send.
#pragma once

#include <cstdint>
#include <string>

#include "engine/scope.hpp"
#include "net/stream.hpp"

namespace postern::bench {

enum class NullProtocol : std::uint8_t { smtp, imap, pop3 };

// One connection, to its end.
engine::task<void> serve_null(net::Stream stream, NullProtocol protocol);

// Accepts on `port` of 127.0.0.1 until the scope is drained. Errors: the port is taken.
Result<std::uint16_t> start_null_server(engine::Scope* scope, NullProtocol protocol,
                                        std::uint16_t port);

}  // namespace postern::bench
