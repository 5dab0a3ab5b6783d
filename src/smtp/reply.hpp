// Replies as typed values: a code (RFC 5321 §4.2), an enhanced status code (RFC 3463; its class is
// the first digit of the code) and text of one or more lines. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.hpp"

namespace postern::smtp {

enum class Code : std::uint16_t {
    none = 0,  // nothing is sent: the handler has answered already
    help = 214,
    service_ready = 220,
    closing = 221,
    authenticated = 235,
    ok = 250,
    cannot_verify = 252,
    challenge = 334,
    start_input = 354,
    unavailable = 421,  // and the connection is closed
    mailbox_busy = 450,
    local_error = 451,
    no_storage = 452,
    temporary_login_failure = 454,
    bad_command = 500,
    bad_arguments = 501,
    not_implemented = 502,
    bad_sequence = 503,
    bad_parameter = 504,
    login_required = 530,
    login_failed = 535,
    encryption_required = 538,
    refused = 550,
    too_big = 552,
    bad_mailbox_name = 553,
    failed = 554,
    unknown_parameter = 555,
    takes_no_mail = 556,  // RFC 7504 §4
};

// The subject and detail of an enhanced status code.
struct Status {
    std::uint8_t subject = 0;
    std::uint8_t detail = 0;
    friend bool operator==(const Status&, const Status&) = default;
};

namespace status {
// RFC 2034 §3: the greeting, EHLO and intermediate replies carry none.
inline constexpr Status absent{255, 255};
inline constexpr Status other{0, 0};
inline constexpr Status sender_ok{1, 0};
inline constexpr Status unknown_mailbox{1, 1};
inline constexpr Status bad_recipient_domain{1, 2};
inline constexpr Status bad_recipient_syntax{1, 3};
inline constexpr Status recipient_ok{1, 5};
inline constexpr Status bad_sender_syntax{1, 7};
inline constexpr Status bad_sender_domain{1, 8};
inline constexpr Status null_mx_recipient{1, 10};  // RFC 7505 §6
inline constexpr Status list_expansion{2, 4};
inline constexpr Status system{3, 0};
inline constexpr Status system_full{3, 1};
inline constexpr Status not_accepting{3, 2};
inline constexpr Status not_capable{3, 3};
inline constexpr Status too_big{3, 4};
inline constexpr Status priority_changed{3, 6};  // RFC 6710 §4.1
inline constexpr Status no_answer{4, 1};
inline constexpr Status timed_out{4, 2};
inline constexpr Status loop{4, 6};
inline constexpr Status bad_command{5, 1};
inline constexpr Status bad_syntax{5, 2};
inline constexpr Status too_many_recipients{5, 3};
inline constexpr Status bad_arguments{5, 4};
inline constexpr Status line_too_long{5, 6};  // RFC 4954 §6
inline constexpr Status bad_media{6, 0};
inline constexpr Status no_utf8_address{6, 7};  // RFC 6531 §4.4
inline constexpr Status bare_cr_or_lf{6, 11};
inline constexpr Status security{7, 0};
inline constexpr Status not_authorized{7, 1};
inline constexpr Status bad_credentials{7, 8};       // RFC 4954 §6
inline constexpr Status encryption_needed{7, 10};    // RFC 5248
inline constexpr Status later_quota{7, 16};          // RFC 4865 §6 (5)
inline constexpr Status no_reverse_name{7, 25};      // RFC 7372 §3.3
inline constexpr Status null_mx_sender{7, 27};       // RFC 7505 §6
inline constexpr Status encryption_required{7, 11};  // RFC 4954 §6
}  // namespace status

struct Reply {
    Code code = Code::none;
    Status status = status::absent;
    std::string text;  // lines separated by LF; no other control characters

    bool is_error() const { return int(code) >= 400; }
    bool is_permanent_error() const { return int(code) >= 500; }
    bool closes() const { return code == Code::closing || code == Code::unavailable; }
};

// RFC 5321 §4.2.1 (Reply-line), with CRLF; every line carries the codes (RFC 2034 §4).
std::string format_reply(const Reply& reply);

// How an error of our own (store, authenticator) is answered: nobody's fault but ours.
Reply reply_to_failure(const Error& error);

}  // namespace postern::smtp
