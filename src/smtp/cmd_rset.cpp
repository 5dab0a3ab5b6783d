// RSET: forget the transaction, keep the rest.
#include "smtp/session.hpp"

namespace postern::smtp {

// RFC 5321 §4.1.1.5
Reply Session::handle_rset(std::string_view) {
    forget_transaction();
    return {Code::ok, status::other, "Ok"};
}

}  // namespace postern::smtp
