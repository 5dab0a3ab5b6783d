// CAPA: what can be asked for here.
#include "auth/authenticator.hpp"
#include "pop3/session.hpp"

namespace postern::pop3 {

// RFC 2449 §6.7: before the login the least that any account is granted, then the account's own.
std::string Session::format_expire() const {
    const auto days_of = [](auth::RetentionDays days) {
        return days ? std::to_string(*days) : std::string("NEVER");
    };
    if (state_ != State::authorization) return "EXPIRE " + days_of(retention_) + "\r\n";
    const auto range = server_.authenticator().directory()->pop3_retention();
    return "EXPIRE " + days_of(range.shortest) + (range.differs ? " USER\r\n" : "\r\n");
}

// RFC 2449 §5, §6 (TOP, USER, SASL, RESP-CODES, LOGIN-DELAY, PIPELINING, EXPIRE, UIDL,
// IMPLEMENTATION): what is there before the login is announced after it too. RFC 2595 §4 (STLS):
// where it is permitted. RFC 3206 §6 (AUTH-RESP-CODE), RFC 6856 §2 and §3 (UTF8, LANG).
Reply Session::handle_capa(std::string_view) {
    std::string lines = format_reply(ok("Capability list follows"), language_);
    lines += "TOP\r\nUIDL\r\nPIPELINING\r\nRESP-CODES\r\nAUTH-RESP-CODE\r\nUTF8 USER\r\nLANG\r\n";
    lines += format_expire();
    const Duration delay = server_.settings().login_delay;
    if (delay.ns > 0) {
        lines += "LOGIN-DELAY " + std::to_string(delay.ns / seconds(1).ns) + "\r\n";
    }
    if (state_ == State::authorization && may_start_tls()) lines += "STLS\r\n";
    if (may_log_in()) {
        lines += "USER\r\nSASL";
        for (std::string_view name : auth::Authenticator::mechanisms(stream_.secure())) {
            lines += ' ' + std::string(name);
        }
        lines += "\r\n";
    }
    stream_.write(lines + "IMPLEMENTATION Postern\r\n.\r\n");
    return {};
}

}  // namespace postern::pop3
