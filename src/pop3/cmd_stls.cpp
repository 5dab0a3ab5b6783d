// STLS: everything the peer sent before the handshake is thrown away.
#include "pop3/session.hpp"

namespace postern::pop3 {

using engine::task;
using engine::try_;

// RFC 2595 §4, §2.4 (knowledge from before is forgotten)
task<Result<Reply>> Session::handle_stls(std::string_view) {
    if (stream_.is_secure()) co_return refusal("TLS is active already");
    if (!server_.make_secure()) co_return refusal("TLS is not offered");
    auto secure = make_secure();
    if (secure == nullptr) {
        co_return refusal("TLS not available", ResponseCode::system_temporary);
    }
    co_await try_(begin_tls(std::move(secure), "+OK Begin TLS negotiation\r\n"));
    user_name_.clear();
    co_return Reply{};
}

}  // namespace postern::pop3
