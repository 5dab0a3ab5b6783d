// Certificate chains apart from a session: whether one leads to a given anchor, and the public key
// of a certificate as DANE compares it. Pure but for the clock that dates are judged by.
// RFC 5280 §6 (path validation), §4.1.2.7 (SubjectPublicKeyInfo).
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "base/error.hpp"

namespace postern::tls {

// The SubjectPublicKeyInfo of a certificate, both in DER.
Result<std::string> public_key_info(std::string_view certificate);

// Whether the first certificate of the chain is signed by the second and so on, and the last by
// `anchor`, an authority's certificate; all of them in force now, all but the first authorities.
// Trusts nobody but `anchor`. Everything in DER.
bool leads_to(std::span<const std::string_view> chain, std::string_view anchor);

}  // namespace postern::tls
