// Record data; see records.hpp.
#include "dns/records.hpp"

#include <arpa/inet.h>

#include "base/ascii.hpp"
#include "dns/limits.hpp"

namespace postern::dns {
namespace {

std::uint8_t byte_at(std::string_view bytes, std::size_t i) {
    return static_cast<unsigned char>(bytes[i]);
}

// RFC 1035 §5.1 (\DDD)
void append_octet(std::string& out, char c) {
    if (c > ' ' && c < 0x7f && c != '.' && c != '\\') {
        out += ascii_lower(c);
        return;
    }
    const unsigned value = static_cast<unsigned char>(c);
    out += '\\';
    out += char('0' + value / 100);
    out += char('0' + value / 10 % 10);
    out += char('0' + value % 10);
}

Result<std::string> parse_address(int family, std::size_t bytes, std::string_view rdata) {
    char text[INET6_ADDRSTRLEN] = "";
    if (rdata.size() != bytes || inet_ntop(family, rdata.data(), text, sizeof text) == nullptr) {
        return fail_syntax("an address record of the wrong size");
    }
    return std::string(text);
}

}  // namespace

Result<std::string> parse_a(std::string_view rdata) {
    return parse_address(AF_INET, 4, rdata);
}

Result<std::string> parse_aaaa(std::string_view rdata) {
    return parse_address(AF_INET6, 16, rdata);
}

Result<std::string> parse_name(std::string_view rdata) {
    std::string out;
    if (rdata.size() > wire_name_bytes_max) return fail_syntax("a name too long");
    while (!rdata.empty()) {
        const std::size_t size = byte_at(rdata, 0);
        rdata.remove_prefix(1);
        if (size == 0) {
            if (!rdata.empty()) return fail_syntax("bytes after a name");
            return out;
        }
        if (size > label_bytes_max) return fail_syntax("a compressed or unknown label");
        if (size > rdata.size()) break;
        if (!out.empty()) out += '.';
        for (char c : rdata.substr(0, size)) append_octet(out, c);
        rdata.remove_prefix(size);
    }
    return fail_syntax("a name without its end");
}

Result<Mx> parse_mx(std::string_view rdata) {
    if (rdata.size() < 3) return fail_syntax("an MX record too short");
    auto exchange = parse_name(rdata.substr(2));
    if (!exchange) return std::unexpected(exchange.error());
    return Mx{std::uint16_t(byte_at(rdata, 0) << 8 | byte_at(rdata, 1)), std::move(*exchange)};
}

bool is_null_mx(const std::vector<Mx>& records) {
    return records.size() == 1 && records.front().exchange.empty();
}

Result<std::string> parse_txt(std::string_view rdata) {
    std::string out;
    if (rdata.empty() || rdata.size() > text_record_bytes_max) {
        return fail_syntax("a TXT record of the wrong size");
    }
    while (!rdata.empty()) {
        const std::size_t size = byte_at(rdata, 0);
        rdata.remove_prefix(1);
        if (size > rdata.size()) return fail_syntax("a character-string without its end");
        out += rdata.substr(0, size);
        rdata.remove_prefix(size);
    }
    return out;
}

Result<Tlsa> parse_tlsa(std::string_view rdata) {
    if (rdata.size() < 4) return fail_syntax("a TLSA record too short");
    return Tlsa{byte_at(rdata, 0), byte_at(rdata, 1), byte_at(rdata, 2),
                std::string(rdata.substr(3))};
}

}  // namespace postern::dns
