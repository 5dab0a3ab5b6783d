// HELP: for people on a terminal.
#include "smtp/session.hpp"

namespace postern::smtp {

// RFC 5321 §4.1.1.8
Reply Session::handle_help(std::string_view) {
    return {Code::help, status::other,
            "Postern speaks RFC 5321\n"
            "EHLO HELO MAIL RCPT DATA BDAT RSET NOOP VRFY HELP QUIT STARTTLS AUTH"};
}

}  // namespace postern::smtp
