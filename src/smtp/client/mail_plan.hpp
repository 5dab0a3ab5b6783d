// How a message is put to one server: which parameters MAIL and RCPT carry, how the body goes, what
// has to be converted; or why this server cannot have it. Pure.
// RFC 1870 (SIZE), RFC 6152 (8BITMIME), RFC 3030 (BINARYMIME, CHUNKING), RFC 6531 (SMTPUTF8),
// RFC 3461 (DSN), RFC 8689 (REQUIRETLS), RFC 2852 (DELIVERBY), RFC 6710 (MT-PRIORITY).
#pragma once

#include <cstdint>
#include <expected>
#include <string>

#include "base/time.hpp"
#include "queue/envelope.hpp"
#include "smtp/client/capabilities.hpp"
#include "smtp/client/report.hpp"
#include "smtp/client/tls_requirement.hpp"

namespace postern::smtp::client {

enum class BodyTransfer : std::uint8_t {
    data,       // DATA, encoded by DataEncoder
    bdat,       // one BDAT LAST with the bytes as they are
    converted,  // DATA, after the body was made 7-bit
};

struct MailPlan {
    std::string mail_command;  // without CRLF
    BodyTransfer transfer = BodyTransfer::data;
    bool is_smtputf8 = false;
    bool asks_for_delay = false;  // RFC 2852 §4.1.4.2: of every recipient but NOTIFY=NEVER
};

// RFC 6531 §3.5
Trouble no_utf8_header();

std::expected<MailPlan, Trouble> plan_mail(const queue::Envelope& envelope,
                                           const Capabilities& server, const TlsState& tls,
                                           WallTime now);

// "RCPT TO:<…> …" without CRLF.
std::expected<std::string, Trouble> rcpt_command(const queue::Recipient& recipient,
                                                 const MailPlan& plan, const Capabilities& server);

}  // namespace postern::smtp::client
