// DELE: marks a message; QUIT removes it.
#include "pop3/session.hpp"

namespace postern::pop3 {

// RFC 1939 §5 (DELE)
Reply Session::handle_dele(std::string_view arguments) {
    const auto item = find_message(arguments);
    if (!item) return item.error();
    const std::uint32_t number = *parse_message_number(arguments);
    marked_[number - 1] = true;
    return ok("Message # deleted", number);
}

}  // namespace postern::pop3
