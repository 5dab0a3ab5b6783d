// QUIT: the orderly end.
#include "smtp/session.hpp"

namespace postern::smtp {

// RFC 5321 §4.1.1.10; the reply's code closes the session.
Reply Session::handle_quit(std::string_view) {
    return {Code::closing, status::other, server_.settings().host_name + " Goodbye"};
}

}  // namespace postern::smtp
