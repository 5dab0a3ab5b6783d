// Resource records by their data, as it stands in an answer with names uncompressed. Pure; what
// does not follow its format is fail_syntax.
// RFC 1035 §3.3 (MX, PTR, CNAME, TXT), §3.4.1 (A), RFC 3596 §2.2 (AAAA), RFC 6698 §2.1 (TLSA),
// RFC 7505 §3 (null MX).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"

namespace postern::dns {

enum class Type : std::uint16_t {
    a = 1,
    ns = 2,
    cname = 5,
    ptr = 12,
    mx = 15,
    txt = 16,
    aaaa = 28,
    tlsa = 52,
};

struct Mx {
    std::uint16_t preference = 0;
    std::string exchange;  // lower case, no final dot; empty: "." (RFC 7505 §3)
    friend bool operator==(const Mx&, const Mx&) = default;
};

// RFC 7505 §3: one record, preference 0 as it should be, and no name.
bool is_null_mx(const std::vector<Mx>& records);

struct Tlsa {
    std::uint8_t usage = 0;     // RFC 6698 §2.1.1: 2 DANE-TA, 3 DANE-EE
    std::uint8_t selector = 0;  // §2.1.2: 0 the certificate, 1 its public key
    std::uint8_t matching = 0;  // §2.1.3: 0 the whole, 1 SHA-256, 2 SHA-512
    std::string data;           // bytes
    friend bool operator==(const Tlsa&, const Tlsa&) = default;
};

// "192.0.2.1", "2001:db8::1".
Result<std::string> parse_a(std::string_view rdata);
Result<std::string> parse_aaaa(std::string_view rdata);
Result<Mx> parse_mx(std::string_view rdata);
// The character-strings joined, as SPF, DKIM and MTA-STS read them (RFC 7208 §3.3).
Result<std::string> parse_txt(std::string_view rdata);
Result<Tlsa> parse_tlsa(std::string_view rdata);
// PTR, CNAME, NS. A byte that is no visible ASCII character, and a dot within a label, is "\DDD".
Result<std::string> parse_name(std::string_view rdata);

}  // namespace postern::dns
