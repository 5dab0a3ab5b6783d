// VRFY: polite, and no help to those who collect addresses.
#include "smtp/session.hpp"

namespace postern::smtp {

// RFC 5321 §4.1.1.6, §3.5.3, §7.3
Reply Session::handle_vrfy(std::string_view arguments) {
    if (arguments.empty()) {
        return {Code::bad_arguments, status::bad_arguments, "Syntax: VRFY address"};
    }
    return {Code::cannot_verify, status::other, "Cannot verify, but will try to deliver"};
}

}  // namespace postern::smtp
