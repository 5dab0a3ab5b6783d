// STAT: how much there is; and looking up message numbers, which most commands take.
// RFC 1939 §5.
#include "pop3/session.hpp"

namespace postern::pop3 {

// RFC 1939 §5 (STAT): messages marked as deleted are not counted.
Reply Session::handle_stat(std::string_view) {
    std::uint64_t count = 0;
    std::uint64_t bytes = 0;
    for (std::size_t i = 0; i < marked_.size(); ++i) {
        if (marked_[i]) continue;
        ++count;
        bytes += announced_bytes(i);
    }
    return ok(std::to_string(count) + " " + std::to_string(bytes));
}

std::uint64_t Session::announced_bytes(std::size_t index) const {
    const auto surrogate = surrogate_bytes_.find(index);
    return surrogate != surrogate_bytes_.end() ? surrogate->second
                                               : drop_->items()[index].size_bytes;
}

std::expected<store::Drop::Item, Reply> Session::find_message(std::uint32_t number) const {
    if (number > marked_.size() || marked_[number - 1]) {
        return std::unexpected(refusal("No such message"));
    }
    return drop_->items()[number - 1];
}

// RFC 1939 §5: a message marked as deleted cannot be referred to.
std::expected<store::Drop::Item, Reply> Session::find_message(std::string_view arguments) const {
    const auto number = parse_message_number(arguments);
    if (!number) return std::unexpected(refusal("Not a message number"));
    return find_message(*number);
}

}  // namespace postern::pop3
