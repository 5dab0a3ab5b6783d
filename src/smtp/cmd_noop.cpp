// NOOP and the commands we know and do not perform.
#include "smtp/session.hpp"

namespace postern::smtp {

// RFC 5321 §4.1.1.9: an argument is ignored.
Reply Session::handle_noop(std::string_view) {
    return {Code::ok, status::other, "Ok"};
}

// RFC 5321 §4.2.4: EXPN would show who is on a list; ETRN (RFC 1985), TURN, SEND and the like are
// of another age.
Reply Session::handle_not_implemented(std::string_view) {
    return {Code::not_implemented, status::bad_command, "Command not implemented"};
}

}  // namespace postern::smtp
