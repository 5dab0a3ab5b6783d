// STLS: everything the peer sent before the handshake is thrown away.
#include "pop3/session.hpp"

namespace postern::pop3 {

using engine::task;
using engine::try_;

// RFC 2595 §4, §2.4 (knowledge from before is forgotten)
task<Result<Reply>> Session::handle_stls(std::string_view) {
    if (stream_.is_secure()) co_return refusal("TLS is active already");
    if (utf8_ == Utf8Mode::on) co_return refusal("Not after UTF8");  // RFC 6856 §2.1
    if (!server_.has_tls()) co_return refusal("TLS is not offered");
    auto secure = server_.make_secure();
    if (secure == nullptr) {
        co_return refusal("TLS not available", ResponseCode::system_temporary);
    }
    const auto deadline = net::deadline_in(server_.limits().handshake_timeout);
    const std::string go_ahead = format_reply(ok("Begin TLS negotiation"), language_);
    co_await try_(stream_.start_tls(std::move(secure), go_ahead, deadline));
    user_name_.clear();
    language_ = Language::english;
    co_return Reply{};
}

}  // namespace postern::pop3
