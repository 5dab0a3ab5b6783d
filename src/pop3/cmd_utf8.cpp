// UTF8: messages come as they are, also where their header is beyond ASCII. RFC 6856 §2.
#include "pop3/session.hpp"

namespace postern::pop3 {

// RFC 6856 §2.1
Reply Session::handle_utf8(std::string_view) {
    utf8_ = Utf8Mode::on;
    return ok("UTF-8 from now on");
}

}  // namespace postern::pop3
