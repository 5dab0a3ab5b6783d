// What is asked of TLS with one host, and what came of it. Values.
// RFC 7435 (opportunistic), RFC 7672 (DANE), RFC 8461 (MTA-STS), RFC 8689 (REQUIRETLS).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "dns/records.hpp"

namespace postern::smtp::client {

enum class TlsLevel : std::uint8_t {
    off,      // never
    may,      // where it is offered and works; unverified
    encrypt,  // always; unverified (RFC 7672 §2.2: TLSA records, none of them usable)
    dane,     // always; the certificate by TLSA records
    verify,   // always; the certificate by the authorities, and the host's name
};
// What the host and its domain say about TLS counts as well.
constexpr bool is_open(TlsLevel level) {
    return level == TlsLevel::may || level == TlsLevel::encrypt;
}
enum class TlsStart : std::uint8_t { starttls, implicit };

struct TlsRequirement {
    TlsLevel level = TlsLevel::may;
    TlsStart start = TlsStart::starttls;
    std::string server_name;                   // for SNI, and verified where names count
    std::vector<dns::Tlsa> tlsa;               // dane: the usable ones
    std::vector<std::string> reference_names;  // dane: for DANE-TA (RFC 7672 §3.2.2)
    bool is_sts = false;                       // `verify` because of a policy of the domain
    bool is_sts_testing = false;               // a policy that is only to be reported about
    bool is_unnamed = false;                   // that policy does not name the host

    bool must_encrypt() const { return level >= TlsLevel::encrypt; }
};

struct TlsState {
    bool is_secure = false;
    bool is_verified = false;  // by DANE or by the authorities
    bool would_verify = true;  // where that is watched: by the authorities
    std::string description;   // "TLSv1.3 TLS_AES_128_GCM_SHA256"
};

}  // namespace postern::smtp::client
