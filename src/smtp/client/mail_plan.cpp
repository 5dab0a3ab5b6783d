// Parameters and refusals; see mail_plan.hpp.
#include "smtp/client/mail_plan.hpp"

#include <array>
#include <optional>

#include "auth/names.hpp"
#include "base/ascii.hpp"
#include "dns/name.hpp"
#include "message/xtext.hpp"
#include "net/limits.hpp"

namespace postern::smtp::client {
namespace {

// RFC 6531 §3.2, §3.7.4: to a server without SMTPUTF8 a domain goes as A-labels; a local part has
// no other form. Empty: it cannot go there.
std::string wire_address(const std::string& address, bool utf8) {
    if (utf8 || !has_8bit(address)) return address;
    const auth::AddressParts parts = auth::split_address(address);
    if (parts.domain.empty() || has_8bit(parts.local_part)) return {};
    auto domain = dns::to_ascii_name(parts.domain);
    if (!domain) return {};
    return std::string(parts.local_part) + '@' + *domain;
}

Trouble no_utf8_address() {
    return failed("5.6.7", "the next server takes no internationalised addresses (SMTPUTF8)");
}

// RFC 6531 §3.2: a header within the message may be internationalised too, which is not known
// without reading it: encoding what may be encoded tells, and is all that helps.
bool may_hide_utf8_header(const queue::Envelope& envelope) {
    return envelope.is_smtputf8 && envelope.facts.has_8bit;
}

// The transfer, and the BODY parameter that goes with it.
BodyTransfer choose_transfer(const queue::Envelope& envelope, const Capabilities& server,
                             std::string& parameters) {
    const queue::MessageFacts& facts = envelope.facts;
    if (facts.is_binary && server.binary_mime && server.chunking) {
        parameters += " BODY=BINARYMIME";
        return BodyTransfer::bdat;
    }
    if (facts.is_binary && envelope.body == queue::BodyKind::binary) {
        return BodyTransfer::converted;  // RFC 3030 §3
    }
    if (may_hide_utf8_header(envelope) && !server.smtputf8) return BodyTransfer::converted;
    if (facts.has_8bit) {
        if (!server.eight_bit_mime) return BodyTransfer::converted;  // RFC 6152 §3
        parameters += " BODY=8BITMIME";
    }
    // Only clean lines may go as they are.
    const bool large = facts.size_bytes >= net::splice_bytes_min;
    return server.chunking && large && !facts.is_binary ? BodyTransfer::bdat : BodyTransfer::data;
}

// RFC 3461 §4.3 and §4.4
void add_dsn(const queue::Envelope& envelope, std::string& parameters) {
    if (envelope.ret == queue::ReturnKind::full) parameters += " RET=FULL";
    if (envelope.ret == queue::ReturnKind::headers) parameters += " RET=HDRS";
    if (!envelope.envelope_id.empty()) parameters += " ENVID=" + envelope.envelope_id;
}

// RFC 2852 §4: what is left of the time, which may be less than nothing with mode N.
void add_deliver_by(const queue::Envelope& envelope, WallTime now, std::string& parameters) {
    if (envelope.deliver_by_mode == queue::DeliverByMode::none) return;
    const bool notify = envelope.deliver_by_mode == queue::DeliverByMode::notify_sender;
    parameters += " BY=" + std::to_string(envelope.deliver_by_s - now.unix_seconds());
    parameters += notify ? ";N" : ";R";
    if (envelope.deliver_by_trace) parameters += 'T';
}

// RFC 2852 §4.1.4.1: by-mode R goes only to who will keep to the time.
std::optional<Trouble> check_time(const queue::Envelope& envelope, const Capabilities& server,
                                  WallTime now) {
    if (envelope.deliver_by_mode != queue::DeliverByMode::give_up || server.is_last_hop) {
        return std::nullopt;
    }
    if (!server.deliver_by) {
        return failed("5.3.3", "the next server does not keep to a time of delivery (DELIVERBY)");
    }
    if (envelope.deliver_by_s - now.unix_seconds() < std::int64_t(server.deliver_by_s_min)) {
        return failed("5.4.7", "the next server needs more time than is left (DELIVERBY)");
    }
    return std::nullopt;
}

std::optional<Trouble> check(const queue::Envelope& envelope, const Capabilities& server,
                             const TlsState& tls, WallTime now) {
    // RFC 8689 §4.2.1; §5: reports go whatever the server knows.
    const bool is_safe = tls.is_verified && server.require_tls;
    if (envelope.requires_tls && !envelope.sender.empty() && !is_safe) {
        return failed("5.7.30", "the sender requires TLS all the way (REQUIRETLS)");
    }
    // RFC 1870 §6.1 (4)
    if (server.message_bytes_max != 0 && envelope.facts.size_bytes > server.message_bytes_max) {
        return failed("5.3.4", "the message is larger than the next server takes");
    }
    // RFC 6531 §3.5. Bytes above 0x7f in a header that nobody has declared go on as they came.
    if (envelope.is_smtputf8 && envelope.facts.has_utf8_header && !server.smtputf8) {
        return no_utf8_header();
    }
    return check_time(envelope, server, now);
}

bool needs_smtputf8(const queue::Envelope& envelope) {
    if (may_hide_utf8_header(envelope)) return true;
    if (has_8bit(envelope.sender)) return true;
    for (const queue::Recipient& recipient : envelope.recipients) {
        if (has_8bit(recipient.address)) return true;
    }
    return false;
}

constexpr std::array<std::pair<std::uint8_t, std::string_view>, 3> notify_words = {{
    {queue::notify::success, "SUCCESS"},
    {queue::notify::failure, "FAILURE"},
    {queue::notify::delay, "DELAY"},
}};

// RFC 3461 §4.1
std::string notify_value(std::uint8_t notify) {
    if ((notify & queue::notify::never) != 0) return "NEVER";
    std::string out;
    for (auto [bit, word] : notify_words) {
        if ((notify & bit) == 0) continue;
        if (!out.empty()) out += ',';
        out += word;
    }
    return out;
}

std::uint8_t notify_of(const queue::Recipient& recipient, const MailPlan& plan) {
    if (!plan.asks_for_delay || (recipient.notify & queue::notify::never) != 0) {
        return recipient.notify;
    }
    if (recipient.notify == 0) return queue::notify::failure | queue::notify::delay;
    return recipient.notify | queue::notify::delay;
}

// RFC 6533 §3: without SMTPUTF8 the 7-bit form.
std::string wire_original(const std::string& orcpt, bool utf8) {
    const std::size_t semicolon = orcpt.find(';');
    if (utf8 || !has_8bit(orcpt) || semicolon == orcpt.npos) return orcpt;
    const std::string_view address = std::string_view(orcpt).substr(semicolon + 1);
    const std::string plain = message::decode_unitext(address).value_or(std::string(address));
    return orcpt.substr(0, semicolon + 1) + message::encode_unitext(plain);
}

}  // namespace

Trouble no_utf8_header() {
    return failed("5.6.9", "the next server takes no internationalised header (SMTPUTF8)");
}

std::expected<MailPlan, Trouble> plan_mail(const queue::Envelope& envelope,
                                           const Capabilities& server, const TlsState& tls,
                                           WallTime now) {
    if (auto trouble = check(envelope, server, tls, now))
        return std::unexpected(std::move(*trouble));
    MailPlan plan;
    plan.is_smtputf8 = server.smtputf8 && needs_smtputf8(envelope);
    const std::string sender = wire_address(envelope.sender, plan.is_smtputf8);
    if (sender.empty() && !envelope.sender.empty()) return std::unexpected(no_utf8_address());
    std::string parameters;
    plan.transfer = choose_transfer(envelope, server, parameters);
    if (server.size) parameters += " SIZE=" + std::to_string(envelope.facts.size_bytes);
    if (plan.is_smtputf8) parameters += " SMTPUTF8";
    if (server.dsn) add_dsn(envelope, parameters);
    if (envelope.requires_tls && server.require_tls && tls.is_secure) parameters += " REQUIRETLS";
    if (server.deliver_by) add_deliver_by(envelope, now, parameters);
    if (server.mt_priority && envelope.priority != 0) {
        parameters += " MT-PRIORITY=" + std::to_string(int(envelope.priority));
    }
    plan.asks_for_delay = envelope.deliver_by_mode == queue::DeliverByMode::notify_sender &&
                          !server.deliver_by && !server.is_last_hop;
    plan.mail_command = "MAIL FROM:<" + sender + ">" + parameters;
    return plan;
}

std::expected<std::string, Trouble> rcpt_command(const queue::Recipient& recipient,
                                                 const MailPlan& plan, const Capabilities& server) {
    const std::string address = wire_address(recipient.address, plan.is_smtputf8);
    if (address.empty()) return std::unexpected(no_utf8_address());
    std::string line = "RCPT TO:<" + address + ">";
    if (server.dsn) {
        const std::uint8_t notify = notify_of(recipient, plan);
        if (notify != 0) line += " NOTIFY=" + notify_value(notify);
        if (!recipient.original_recipient.empty()) {
            line += " ORCPT=" + wire_original(recipient.original_recipient, plan.is_smtputf8);
        }
    }
    return line;
}

}  // namespace postern::smtp::client
