// What the tests of SMTP sessions share: a quiet gateway, dialogues as text, and looking at what
// came back.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "transcripts/dialogue.hpp"
#include "transcripts/gateway.hpp"

namespace postern::smtp {

using transcripts::count_of;
using transcripts::Gateway;
using transcripts::GatewayOptions;
using transcripts::lines_of;
using transcripts::port_smtp;
using transcripts::port_submission;
using transcripts::port_submissions;
using transcripts::repeat;

inline constexpr const char* alice = "example.test/alice";
inline constexpr const char* bob = "example.test/bob";

inline GatewayOptions quiet() {
    GatewayOptions options;
    options.plan = transcripts::quiet_plan();
    return options;
}

inline std::string mail_to(std::string_view recipient, std::string_view data) {
    return "MAIL FROM:<a@elsewhere.test>\r\nRCPT TO:<" + std::string(recipient) + ">\r\nDATA\r\n" +
           std::string(data);
}
inline std::string mail_to_bob(std::string_view data) {
    return mail_to("bob@example.test", data);
}
inline const std::string ehlo = "EHLO relay.elsewhere.test\r\n";

// "250 2.0.0" of the line that is so many lines before the last.
inline std::string code_before_the_end(const std::string& output, std::size_t back) {
    const auto lines = lines_of(output);
    if (lines.size() <= back) return output;
    const std::string& line = lines[lines.size() - 1 - back];
    return line.substr(0, line.find(' ', 4));
}

}  // namespace postern::smtp
