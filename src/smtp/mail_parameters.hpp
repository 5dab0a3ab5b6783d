// The parameters of MAIL: what each must look like, where it may be used, and what it asks of the
// queue. Pure. RFC 1870 (SIZE), RFC 6152 and RFC 3030 (BODY), RFC 6531 (SMTPUTF8), RFC 4954 §5
// (AUTH), RFC 3461 §4.3 and §4.4 (RET, ENVID), RFC 8689 (REQUIRETLS), RFC 2852 §4 (BY), RFC 4865
// (HOLDFOR, HOLDUNTIL), RFC 6710 §4.1 (MT-PRIORITY).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "queue/envelope.hpp"
#include "smtp/command_line.hpp"
#include "smtp/reply.hpp"

namespace postern::smtp {

// What a parameter is judged by.
struct MailContext {
    std::uint64_t message_bytes_max = 0;
    std::int64_t now_s = 0;  // Unix time
    bool is_secure = false;
    bool is_submission = false;
    bool is_authenticated = false;
};

// Sets in `wanted` what the parameters ask for, or gives the reply that refuses one. A priority
// above what this peer may have is lowered (RFC 6710 §4.1): compare wanted.priority with
// asked_priority().
std::optional<Reply> take_mail_parameters(const std::vector<Parameter>& parameters,
                                          const MailContext& context, queue::Envelope& wanted);

// RFC 6710 §7 (priority-value): -9 to 9.
std::optional<std::int8_t> parse_priority(std::string_view text);

// RFC 2852 §4 (by-value).
struct DeliverBy {
    std::int64_t seconds = 0;
    queue::DeliverByMode mode = queue::DeliverByMode::none;
    bool wants_trace = false;
    friend bool operator==(const DeliverBy&, const DeliverBy&) = default;
};
std::optional<DeliverBy> parse_deliver_by(std::string_view text);

// RFC 3339 §5.6 in UTC, as RFC 4865 §4 wants it: "2026-11-22T09:30:00Z", as Unix time.
std::optional<std::int64_t> parse_utc_time(std::string_view text);
std::string format_utc_time(std::int64_t unix_s);

}  // namespace postern::smtp
