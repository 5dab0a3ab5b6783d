// RSET: no message is marked any more.
#include "pop3/session.hpp"

namespace postern::pop3 {

// RFC 1939 §5 (RSET)
Reply Session::handle_rset(std::string_view) {
    marked_.assign(marked_.size(), false);
    return ok("Nothing is marked");
}

}  // namespace postern::pop3
