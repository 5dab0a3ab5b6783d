// UIDL: names of messages that stay the same from session to session.
#include "pop3/session.hpp"

namespace postern::pop3 {

using engine::task;

// RFC 1939 §7 (UIDL)
task<Result<Reply>> Session::handle_uidl(std::string_view arguments) {
    return list_lines(arguments, &Session::format_unique_id);
}

std::string Session::format_unique_id(std::uint32_t number) const {
    return std::to_string(number) + " " + drop_->unique_id(drop_->items()[number - 1]);
}

}  // namespace postern::pop3
