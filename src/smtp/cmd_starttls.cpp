// STARTTLS: everything the peer sent before the handshake is thrown away, commands and knowledge
// alike, so that nobody in between can put words into the mouth of the client.
#include "smtp/session.hpp"

namespace postern::smtp {

using engine::task;
using engine::try_;

// RFC 3207 §4, §4.1 (injected commands), §4.2 (state after the handshake)
task<Result<Reply>> Session::handle_starttls(std::string_view) {
    if (stream_.is_secure()) {
        co_return Reply{Code::bad_sequence, status::bad_command, "TLS is active already"};
    }
    if (!server_.has_tls()) {
        co_return Reply{Code::not_implemented, status::bad_command, "TLS is not offered"};
    }
    auto secure = server_.make_secure();
    if (secure == nullptr) {
        co_return Reply{Code::temporary_login_failure, status::security,
                        "TLS not available, try again later"};
    }
    const Reply go_ahead{Code::service_ready, status::other, "Ready to start TLS"};
    const std::string text = format_reply(go_ahead);
    co_await try_(begin_tls(std::move(secure), text));
    co_return Reply{};
}

}  // namespace postern::smtp
