// DANE for SMTP: which TLSA records count, and whether a certificate chain fits them. Pure but for
// the clock that certificates are judged by.
// RFC 6698 §2.1 (fields), RFC 7671 §5 (usages), RFC 7672 §3 (the profile for SMTP).
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "dns/records.hpp"

namespace postern::smtp::client {

// Those that SMTP knows: DANE-TA(2) and DANE-EE(3), with known selector and matching type, and data
// of the right size (RFC 7672 §3.1.3: PKIX-TA and PKIX-EE are unusable); of the digests for one
// usage and selector the strongest (RFC 7671 §9).
std::vector<dns::Tlsa> usable_tlsa(const std::vector<dns::Tlsa>& records);

// The chain in DER, the server's own certificate first. RFC 7672 §3.1.1: with DANE-EE neither names
// nor dates count; §3.1.2: with DANE-TA both do.
bool matches_tlsa(std::span<const std::string_view> chain, const std::vector<dns::Tlsa>& records,
                  const std::vector<std::string>& reference_names);

}  // namespace postern::smtp::client
