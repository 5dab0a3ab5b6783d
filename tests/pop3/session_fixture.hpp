// What the tests of POP3 sessions share: a quiet gateway that takes passwords without TLS,
// messages for alice, and dialogues as text.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "transcripts/dialogue.hpp"
#include "transcripts/gateway.hpp"
#include "transcripts/transcript.hpp"

namespace postern::pop3 {

using transcripts::count_of;
using transcripts::Cuts;
using transcripts::Gateway;
using transcripts::GatewayOptions;
using transcripts::port_pop3;
using transcripts::port_pop3s;
using transcripts::port_smtp;
using transcripts::repeat;

inline constexpr const char* alice = "example.test/alice";

inline GatewayOptions quiet() {
    GatewayOptions options;
    options.plan = transcripts::quiet_plan();
    options.plaintext_login = true;
    return options;
}

inline void mail_to_alice(Gateway& gateway, const std::string& data, std::size_t count = 1) {
    const std::string mail =
        "MAIL FROM:<>\r\nRCPT TO:<alice@example.test>\r\nDATA\r\n" + data + ".\r\n";
    const std::string output =
        gateway.talk(port_smtp, "HELO x\r\n" + repeat(mail, count) + "QUIT\r\n");
    ASSERT_EQ(count_of(output, "250 2.0.0 Queued"), count) << output;
}

inline const std::string login = "USER alice\r\nPASS secret\r\n";

inline std::string replay(Gateway& gateway, std::string_view text) {
    return transcripts::replay(gateway, transcripts::parse_transcript(text), Cuts::none);
}

// What alice gets for these commands, between the login and QUIT.
inline std::string ask_as_alice(Gateway& gateway, std::string_view commands) {
    const std::string output = gateway.talk(port_pop3, login + std::string(commands) + "QUIT\r\n");
    const std::size_t begin = output.find(" messages\r\n");
    const std::size_t end = output.rfind("+OK Goodbye\r\n");
    if (begin == std::string::npos || end == std::string::npos) return "(no session) " + output;
    return output.substr(begin + 11, end - begin - 11);
}

}  // namespace postern::pop3
