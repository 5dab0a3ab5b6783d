// RCPT, the last part: recipients of an inner server that no list names are asked of that server,
// when we are told to. What is unknown there is refused now; what cannot be asked waits for a
// better day, or is taken, as the administrator says. RFC 5321 §3.6.2, §4.5.3.2.
#include "base/log.hpp"
#include "smtp/session.hpp"

namespace postern::smtp {

using engine::task;

task<std::optional<Reply>> Session::call_out_for_last() {
    const std::string recipient = envelope_.recipients.back().call_out;
    if (recipient.empty()) co_return std::nullopt;
    const ProbeAnswer answer = co_await server_.call_outs().ask(recipient);
    switch (answer.existence) {
        case Existence::exists: break;
        case Existence::unknown:
            ++refused_recipients_;
            note_offence(Offence::unknown_recipient);
            co_return Reply{Code::refused, status::unknown_mailbox, "No such user here"};
        case Existence::untold:
            if (server_.settings().unverified == Unverified::taken) break;
            co_return Reply{Code::local_error, status::no_answer,
                            "Cannot verify the recipient now, try again later"};
    }
    co_return std::nullopt;
}

}  // namespace postern::smtp
