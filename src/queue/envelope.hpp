// The envelope of a queued message, as values: what the sender asked for, and for each recipient
// what has become of it. An entry of the queue is one message for one next hop; its recipients are
// those that go there. Pure data; envelope_file.hpp makes it durable, the queue of the
// destination's shard owns it.
// RFC 3461 §4 (NOTIFY, RET, ENVID, ORCPT), RFC 2852 (DELIVERBY), RFC 4865 (FUTURERELEASE),
// RFC 6710 (MT-PRIORITY), RFC 8689 (REQUIRETLS), RFC 6531 (SMTPUTF8).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace postern::queue {

// RFC 3461 §4.1 (NOTIFY). Bits; 0: the parameter was not given, which means failure and delay.
namespace notify {
inline constexpr std::uint8_t never = 1;
inline constexpr std::uint8_t success = 2;
inline constexpr std::uint8_t failure = 4;
inline constexpr std::uint8_t delay = 8;
inline constexpr std::uint8_t all = 15;
}  // namespace notify

enum class ReturnKind : std::uint8_t { unspecified, full, headers };       // RFC 3461 §4.3 (RET)
enum class BodyKind : std::uint8_t { seven_bit, eight_bit, binary };       // BODY=
enum class DeliverByMode : std::uint8_t { none, notify_sender, give_up };  // RFC 2852 §4: N, R

// What the bytes of a message need from the next hop, found as they arrived.
struct MessageFacts {
    std::uint64_t size_bytes = 0;  // of what is to be sent: from content_offset on
    // Where in the file it begins: behind the Return-Path field, which is for mailboxes here alone
    // (RFC 5321 §4.4).
    std::uint64_t content_offset = 0;
    bool has_8bit = false;         // any byte above 0x7f: needs 8BITMIME, or is converted
    bool has_utf8_header = false;  // in the header section: needs SMTPUTF8 (RFC 6532)
    bool is_binary = false;        // NUL, bare CR or LF, or long lines: needs BINARYMIME
    friend bool operator==(const MessageFacts&, const MessageFacts&) = default;
};

// What has become of a recipient.
enum class RecipientState : std::uint8_t {
    pending,    // still to be delivered
    delivered,  // the next hop has taken the responsibility
    failed,     // refused for good, expired or given up; the sender has been told, if it is due
    deleted,    // taken out by the administrator; nobody is told
};

struct Recipient {
    std::string address;             // "local@domain", quoted where it must be, as RCPT has it
    std::string original_recipient;  // ORCPT as given, "rfc822;a+2Bb@example.org"; empty: none
    std::uint8_t notify = 0;         // bits of namespace notify
    RecipientState state = RecipientState::pending;
    friend bool operator==(const Recipient&, const Recipient&) = default;
};

struct Envelope {
    std::string id;           // of the message, as in its Received field and the log
    std::string sender;       // "local@domain"; empty: the null reverse-path
    std::string envelope_id;  // ENVID as given (xtext); empty: none
    std::string account;      // who submitted it; empty: came from another server or from ourselves
    ReturnKind ret = ReturnKind::unspecified;
    BodyKind body = BodyKind::seven_bit;
    bool is_smtputf8 = false;
    bool requires_tls = false;
    bool tls_is_optional = false;  // RFC 8689 §3 (TLS-Required: No)
    std::int8_t priority = 0;      // RFC 6710: -9 to 9
    DeliverByMode deliver_by_mode = DeliverByMode::none;
    bool deliver_by_trace = false;  // RFC 2852 §4: the T
    std::int64_t deliver_by_s = 0;  // Unix time; only with a mode
    std::int64_t hold_until_s = 0;  // Unix time of release; 0: at once
    // RFC 4865 §5.1.2: "for;100", "until;2026-11-22T09:30:00Z"; empty: not asked for.
    std::string hold_request;
    std::int64_t arrived_s = 0;  // Unix time
    MessageFacts facts;
    std::vector<Recipient> recipients;
    friend bool operator==(const Envelope&, const Envelope&) = default;
};

}  // namespace postern::queue
