// RCPT after MAIL FROM:<>: what comes from nobody is a notice to one who has sent something.
#include "smtp/session.hpp"

namespace postern::smtp {

// RFC 5321 §4.5.5, §4.5.3.1.10: nothing is lost, as the client sends the rest in other
// transactions; who sends bounces to many at once is slowed down.
std::optional<Reply> Session::check_null_sender() const {
    const std::uint32_t most = server_.limits().null_sender_recipients_max;
    if (envelope_.reverse_path.kind != message::PathKind::null || role_ != Role::relay ||
        account_ != nullptr || most == 0 || envelope_.recipients.size() < most) {
        return std::nullopt;
    }
    return Reply{Code::no_storage, status::too_many_recipients,
                 "Mail from nobody has few recipients at a time"};
}

}  // namespace postern::smtp
