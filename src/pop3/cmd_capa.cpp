// CAPA: what can be asked for here and now.
#include "auth/authenticator.hpp"
#include "pop3/session.hpp"

namespace postern::pop3 {

// RFC 2449 §5, §6 (TOP, USER, SASL, RESP-CODES, PIPELINING, EXPIRE, UIDL, IMPLEMENTATION);
// RFC 2595 §4 (STLS); RFC 3206 §6 (AUTH-RESP-CODE). What is not allowed now is not announced.
Reply Session::handle_capa(std::string_view) {
    std::string lines = "+OK Capability list follows\r\nTOP\r\nUIDL\r\nPIPELINING\r\n";
    lines += "RESP-CODES\r\nAUTH-RESP-CODE\r\nEXPIRE NEVER\r\n";
    if (state_ == State::authorization) {
        if (may_start_tls()) lines += "STLS\r\n";
        if (may_log_in()) {
            lines += "USER\r\nSASL";
            for (std::string_view name : auth::Authenticator::mechanisms(stream_.secure())) {
                lines += ' ' + std::string(name);
            }
            lines += "\r\n";
        }
    }
    stream_.write(lines + "IMPLEMENTATION Postern\r\n.\r\n");
    return {};
}

}  // namespace postern::pop3
