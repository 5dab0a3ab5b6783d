// NOOP: still here.
#include "pop3/session.hpp"

namespace postern::pop3 {

// RFC 1939 §5 (NOOP)
Reply Session::handle_noop(std::string_view) {
    return ok("Still here");
}

}  // namespace postern::pop3
