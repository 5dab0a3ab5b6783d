// STLS: everything the peer sent before the handshake is thrown away.
#include "pop3/session.hpp"

namespace postern::pop3 {

using engine::task;
using engine::try_;

// RFC 2595 §4, §2.4 (knowledge from before is forgotten)
task<Result<Reply>> Session::handle_stls(std::string_view) {
    if (stream_.is_secure()) co_return refusal("TLS is active already");
    if (!server_.has_tls()) co_return refusal("TLS is not offered");
    auto secure = server_.make_secure();
    if (secure == nullptr) {
        co_return refusal("TLS not available", ResponseCode::system_temporary);
    }
    const auto deadline = net::deadline_in(server_.limits().handshake_timeout);
    co_await try_(stream_.start_tls(std::move(secure), "+OK Begin TLS negotiation\r\n", deadline));
    user_name_.clear();
    co_return Reply{};
}

}  // namespace postern::pop3
