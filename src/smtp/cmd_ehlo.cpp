// EHLO and HELO: the peer names itself and learns what is offered here and now.
// RFC 5321 §4.1.1.1, §4.1.4.
#include <algorithm>

#include "auth/authenticator.hpp"
#include "engine/shard.hpp"
#include "smtp/session.hpp"

namespace postern::smtp {

// RFC 5321 §4.1.4: a second EHLO is RSET too. RFC 4954 §4: the login stays.
Reply Session::greet_back(std::string_view arguments, Greeting greeting, std::string extensions) {
    if (!is_helo_name(arguments)) {
        return {Code::bad_arguments, status::bad_arguments,
                "Domain name or address literal, please"};
    }
    forget_transaction();
    state_ = State::ready;
    greeting_ = greeting;
    helo_ = claimed_helo_.empty() ? std::string(arguments) : claimed_helo_;
    return {Code::ok, status::absent, server_.settings().host_name + std::move(extensions)};
}

// RFC 5321 §4.1.1.1 (HELO)
Reply Session::handle_helo(std::string_view arguments) {
    return greet_back(arguments, Greeting::helo, "");
}

// RFC 5321 §4.1.1.1 (EHLO)
Reply Session::handle_ehlo(std::string_view arguments) {
    return greet_back(arguments, Greeting::ehlo, extensions());
}

// RFC 2033 §4.1
Reply Session::handle_lhlo(std::string_view arguments) {
    return greet_back(arguments, Greeting::lhlo, extensions());
}

// RFC 4954 §4: no mechanism is offered that may not be used: passwords go over TLS, unless the
// administrator says otherwise, and never in the clear on port 25.
bool Session::may_log_in() const {
    if (stream_.is_secure()) return true;
    return is_submission() && server_.settings().plaintext_login == auth::PlaintextLogin::allowed;
}

// The keywords: RFC 2920 §3, RFC 1870 §3, RFC 6152 §2, RFC 6531 §3.1, RFC 2034 §3, RFC 3030 §2 and
// §3, RFC 3461 §4, RFC 2852 §2, RFC 6710 §3, RFC 9422 §4, RFC 8689 §2, RFC 4865 §3, RFC 3207 §2,
// RFC 4954 §3.
std::string Session::extensions() const {
    std::string lines = "\nPIPELINING\nSIZE " + std::to_string(server_.limits().message_bytes_max);
    lines += "\n8BITMIME\nSMTPUTF8\nENHANCEDSTATUSCODES\nCHUNKING\nBINARYMIME\nDSN\nDELIVERBY";
    lines += "\nMT-PRIORITY\nLIMITS RCPTMAX=";
    lines += std::to_string(std::min(server_.limits().recipients_max, limits_value_max));
    if (stream_.is_secure()) lines += "\nREQUIRETLS";
    if (is_submission()) {
        const std::int64_t now_s = engine::Shard::current().kernel().wall_now().unix_seconds();
        lines += "\nFUTURERELEASE " + std::to_string(hold_s_max) + ' ';
        lines += format_utc_time(now_s + hold_s_max);
    }
    if (may_speak_for_others())
        lines += "\nXCLIENT NAME ADDR PORT PROTO HELO LOGIN DESTADDR DESTPORT";
    if (may_start_tls()) lines += "\nSTARTTLS";
    if (may_log_in()) {
        lines += "\nAUTH";
        for (std::string_view name : auth::Authenticator::mechanisms(stream_.secure())) {
            lines += ' ' + std::string(name);
        }
    }
    return lines;
}

}  // namespace postern::smtp
