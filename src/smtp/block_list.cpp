// See block_list.hpp.
#include "smtp/block_list.hpp"

#include <arpa/inet.h>

#include <algorithm>

#include "base/ascii.hpp"
#include "message/mailbox.hpp"

namespace postern::smtp {
namespace {

constexpr std::uint32_t weight_max = 1'000;

std::optional<std::uint32_t> number_of(std::string_view address) {
    in_addr binary{};
    if (inet_pton(AF_INET, std::string(address).c_str(), &binary) != 1) return std::nullopt;
    return ntohl(binary.s_addr);
}

bool read_answers(std::string_view text, BlockList& list) {
    if (text.starts_with('&')) {
        const auto bits = parse_decimal32(text.substr(1));
        list.bits = bits.value_or(0);
        return list.bits != 0 && list.bits <= 0xffffff;
    }
    const std::size_t dash = std::min(text.find('-'), text.size());
    const auto from = number_of(text.substr(0, dash));
    const auto to = dash == text.size() ? from : number_of(text.substr(dash + 1));
    if (!from || !to || *from > *to || *from < list.from || *to > list.to) return false;
    list.from = *from;
    list.to = *to;
    return true;
}

bool read_weight(std::string_view text, BlockList& list) {
    const bool is_negative = text.starts_with('-');
    const auto weight = parse_decimal32(text.substr(is_negative ? 1 : 0));
    if (!weight || *weight > weight_max) return false;
    list.weight = is_negative ? -std::int32_t(*weight) : std::int32_t(*weight);
    return true;
}

}  // namespace

std::optional<BlockList> parse_block_list(std::string_view text) {
    BlockList list;
    const std::size_t equals = std::min(text.find('='), text.size());
    if (equals < text.size() && !read_weight(text.substr(equals + 1), list)) return std::nullopt;
    text = text.substr(0, equals);
    const std::size_t colon = std::min(text.find(':'), text.size());
    if (colon < text.size() && !read_answers(text.substr(colon + 1), list)) return std::nullopt;
    list.zone = to_lower(text.substr(0, colon));
    if (!message::parse_domain(list.zone) || !list.zone.contains('.')) return std::nullopt;
    return list;
}

bool is_listing(std::string_view answer, const BlockList& list) {
    const auto number = number_of(answer);
    if (!number || *number >> 24 != 127 || *number >> 8 == 0x7fffff) return false;
    if (*number < list.from || *number > list.to) return false;
    return list.bits == 0 || (*number & list.bits) != 0;
}

}  // namespace postern::smtp
