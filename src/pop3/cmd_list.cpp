// LIST: scan listings, of one message or of all, and what UIDL has in common with it. Lines are
// flushed as they are made, so that a maildrop of any size needs no memory. RFC 1939 §5.
#include "pop3/session.hpp"

namespace postern::pop3 {

using engine::task;
using engine::try_;

// RFC 1939 §5 (LIST). The size is what RETR sends, without the dots of byte-stuffing.
task<Result<Reply>> Session::handle_list(std::string_view arguments) {
    return list_lines(arguments, &Session::format_size);
}

std::string Session::format_size(std::uint32_t number) const {
    return std::to_string(number) + " " + std::to_string(announced_bytes(number - 1));
}

// One line for one message, or a multi-line answer for all that are not marked as deleted.
task<Result<Reply>> Session::list_lines(std::string_view arguments, FormatLine format) {
    if (!arguments.empty()) {
        const auto found = find_message(arguments);
        if (!found) co_return found.error();
        co_return ok((this->*format)(*parse_message_number(arguments)));
    }
    stream_.write("+OK\r\n");
    for (std::uint32_t i = 0; i < marked_.size(); ++i) {
        if (marked_[i]) continue;
        stream_.write((this->*format)(i + 1) + "\r\n");
        co_await try_(stream_.flush_if_full(net::deadline_in(server_.limits().reply_timeout)));
    }
    stream_.write(".\r\n");
    co_return Reply{};
}

}  // namespace postern::pop3
