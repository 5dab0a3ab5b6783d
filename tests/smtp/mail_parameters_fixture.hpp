// What the tests of MAIL's parameters share: one question to the parser, and one session that uses
// them.
#pragma once

#include <string>
#include <string_view>

#include "smtp/mail_parameters.hpp"
#include "smtp/session_fixture.hpp"

namespace postern::smtp {

inline constexpr std::int64_t asked_at_s = 1'795'339'800;  // 2026-11-22T09:30:00Z

struct Asked {
    std::string refusal;  // "501 5.5.4", or empty
    queue::Envelope wanted;
};

inline Asked ask(std::string_view text, bool is_submission = true, bool is_secure = true) {
    Asked asked;
    MailContext context{1'000, asked_at_s, is_secure, is_submission, is_submission};
    const std::string arguments = " " + std::string(text);
    const auto parameters = parse_parameters(arguments);
    if (!parameters) {
        asked.refusal = "(syntax)";
        return asked;
    }
    if (const auto reply = take_mail_parameters(*parameters, context, asked.wanted)) {
        const std::string line = format_reply(*reply);
        asked.refusal = line.substr(0, line.find(' ', 4));
    }
    return asked;
}

inline bool is_refused(std::string_view text) {
    const std::string refusal = ask(text).refusal;
    return refusal == "501 5.5.4" || refusal == "(syntax)";
}

inline GatewayOptions open_login() {
    GatewayOptions options = quiet();
    options.plaintext_login = true;
    return options;
}

// A whole session with one message; on the submission port as alice.
inline std::string send_with(Gateway& gateway, std::uint16_t port, std::string_view parameters,
                             std::string_view rcpt = "RCPT TO:<a@one.test>") {
    const std::string login =
        port == port_submission ? "AUTH PLAIN AGFsaWNlAHNlY3JldA==\r\n" : std::string();
    return gateway.talk(port, ehlo + login + "MAIL FROM:<alice@example.test>" +
                                  std::string(parameters) + "\r\n" + std::string(rcpt) +
                                  "\r\nDATA\r\nSubject: x\r\n\r\n.\r\nQUIT\r\n");
}

// The EHLO reply of a port: in the clear, or after the handshake of 465.
inline std::string greeted(std::uint16_t port, GatewayOptions options = quiet()) {
    Gateway gateway(std::move(options));
    const std::string_view word =
        port == port_submissions ? transcripts::handshake_word : std::string_view();
    return gateway.talk(port, std::string(word) + ehlo + "QUIT\r\n");
}

}  // namespace postern::smtp
