// What a server says it can do, from its answer to EHLO. Pure; a keyword that is not understood is
// passed over. RFC 5321 §4.1.1.1 (ehlo-line) and the sections named beside each.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "smtp/client/remote_reply.hpp"

namespace postern::smtp::client {

struct Capabilities {
    bool is_esmtp = false;                // EHLO was understood
    bool is_last_hop = false;             // it delivers itself (RFC 2033)
    bool pipelining = false;              // RFC 2920
    bool size = false;                    // RFC 1870
    std::uint64_t message_bytes_max = 0;  // 0: it does not say
    bool eight_bit_mime = false;          // RFC 6152
    bool binary_mime = false;             // RFC 3030
    bool chunking = false;                // RFC 3030
    bool smtputf8 = false;                // RFC 6531
    bool dsn = false;                     // RFC 3461
    bool starttls = false;                // RFC 3207
    bool require_tls = false;             // RFC 8689
    bool deliver_by = false;              // RFC 2852
    std::uint32_t deliver_by_s_min = 0;   // 0: it does not say
    bool mt_priority = false;             // RFC 6710
    std::uint32_t recipients_max = 0;     // RFC 9422 RCPTMAX; 0: it does not say
    std::uint32_t messages_max = 0;       // RFC 9422 MAILMAX
    std::vector<std::string> auth;        // RFC 4954, upper case

    bool offers_auth(std::string_view mechanism) const;
};

// Of the reply to EHLO (or LHLO), 250.
Capabilities parse_capabilities(const RemoteReply& reply);

}  // namespace postern::smtp::client
