// Names; see name.hpp. IDNA is libidn2's.
#include "dns/name.hpp"

#include <idn2.h>

#include <algorithm>

#include "base/ascii.hpp"
#include "base/hex.hpp"
#include "dns/limits.hpp"
#include "net/network.hpp"

namespace postern::dns {
namespace {

template <class Good>
bool all_labels(std::string_view name, Good good) {
    if (name.empty() || name.size() > name_bytes_max) return false;
    for (;;) {
        const std::size_t end = std::min(name.find('.'), name.size());
        const std::string_view label = name.substr(0, end);
        if (label.empty() || label.size() > label_bytes_max || !good(label)) return false;
        if (end == name.size()) return true;
        name.remove_prefix(end + 1);
    }
}

}  // namespace

bool is_query_name(std::string_view name) {
    return all_labels(name, [](std::string_view label) {
        return std::ranges::all_of(label, [](char c) { return c > ' ' && c < 0x7f && c != '\\'; });
    });
}

bool is_host_name(std::string_view name) {
    return all_labels(name, [](std::string_view label) {
        return label.front() != '-' && label.back() != '-' &&
               std::ranges::all_of(
                   label, [](char c) { return is_ascii_alnum(c) || c == '-' || c == '_'; });
    });
}

Result<std::string> to_ascii_name(std::string_view name) {
    if (name.ends_with('.')) name.remove_suffix(1);
    std::string out = to_lower(name);
    if (has_8bit(name)) {
        char* encoded = nullptr;
        const int result =
            idn2_to_ascii_8z(out.c_str(), &encoded, IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL);
        if (result != IDN2_OK || name.contains('\0')) {
            if (result == IDN2_OK) idn2_free(encoded);
            return fail_syntax("a domain that has no A-labels");
        }
        out = encoded;
        idn2_free(encoded);
    }
    if (!is_query_name(out)) return fail_syntax("not a domain name");
    return out;
}

std::optional<std::string> reversed_address(std::string_view address) {
    const auto bytes = net::parse_address(address);
    if (!bytes) return std::nullopt;
    std::string out;
    if (net::is_ipv4(*bytes)) {
        for (std::size_t i = 16; i-- > 12;) out += std::to_string((*bytes)[i]) + '.';
    } else {
        for (std::size_t i = 16; i-- > 0;) {
            out += {hex_digit((*bytes)[i]), '.', hex_digit((*bytes)[i] >> 4U), '.'};
        }
    }
    out.pop_back();
    return out;
}

std::optional<std::string> reverse_name(std::string_view address) {
    auto reversed = reversed_address(address);
    if (!reversed) return std::nullopt;
    return *reversed + (address.contains(':') ? ".ip6.arpa" : ".in-addr.arpa");
}

}  // namespace postern::dns
