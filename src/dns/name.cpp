// Names; see name.hpp. IDNA is libidn2's.
#include "dns/name.hpp"

#include <arpa/inet.h>
#include <idn2.h>

#include <algorithm>

#include "base/ascii.hpp"
#include "dns/limits.hpp"

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
    const std::string text(address);
    unsigned char bytes[16];
    std::string out;
    if (inet_pton(AF_INET, text.c_str(), bytes) == 1) {
        for (int i = 3; i >= 0; --i) out += std::to_string(bytes[i]) + (i > 0 ? "." : "");
        return out;
    }
    if (inet_pton(AF_INET6, text.c_str(), bytes) != 1) return std::nullopt;
    constexpr std::string_view digits = "0123456789abcdef";
    for (int i = 15; i >= 0; --i) {
        out += digits[bytes[i] & 15];
        out += '.';
        out += digits[bytes[i] >> 4];
        if (i > 0) out += '.';
    }
    return out;
}

std::optional<std::string> reverse_name(std::string_view address) {
    auto reversed = reversed_address(address);
    if (!reversed) return std::nullopt;
    return *reversed + (address.contains(':') ? ".ip6.arpa" : ".in-addr.arpa");
}

}  // namespace postern::dns
