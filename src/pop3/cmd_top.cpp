// TOP: the header section and the first lines of the body.
#include "pop3/session.hpp"

namespace postern::pop3 {

using engine::task;
using engine::try_;

// RFC 1939 §7 (TOP)
task<Result<Reply>> Session::handle_top(std::string_view arguments) {
    const auto top = parse_top_arguments(arguments);
    if (!top) co_return refusal("Syntax: TOP message lines");
    const auto item = find_message(top->message_number);
    if (!item) co_return item.error();
    const auto facts = co_await drop_->facts(*item);
    if (!facts) co_return reply_to_failure(facts.error());
    const auto message = co_await drop_->open_message(*item);
    if (!message) co_return reply_to_failure(message.error());
    auto surrogate = co_await make_surrogate(&*item, &*message, *facts);
    if (!surrogate) co_return reply_to_failure(surrogate.error());
    send(ok("Top of message follows"));
    // The header of a surrogate is sent before the cut begins.
    const TopCut cut(*surrogate ? 0 : facts->header_size, top->lines);
    co_await try_(send_stuffed(&*message, cut, std::move(*surrogate)));
    co_return Reply{};
}

}  // namespace postern::pop3
