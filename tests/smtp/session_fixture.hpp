// What the tests of SMTP sessions share: a quiet gateway, dialogues as text, and looking at what
// came back.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "transcripts/gateway.hpp"

namespace postern::smtp {

using transcripts::Gateway;
using transcripts::GatewayOptions;
using transcripts::port_smtp;
using transcripts::port_submission;
using transcripts::port_submissions;

inline constexpr const char* alice = "example.test/alice";
inline constexpr const char* bob = "example.test/bob";

inline GatewayOptions quiet() {
    GatewayOptions options;
    options.plan = transcripts::quiet_plan();
    return options;
}

inline std::string repeat(std::string_view text, std::size_t count) {
    std::string out;
    out.reserve(text.size() * count);
    for (std::size_t i = 0; i < count; ++i) out += text;
    return out;
}

inline std::string mail_to(std::string_view recipient, std::string_view data) {
    return "MAIL FROM:<a@elsewhere.test>\r\nRCPT TO:<" + std::string(recipient) + ">\r\nDATA\r\n" +
           std::string(data);
}
inline std::string mail_to_bob(std::string_view data) {
    return mail_to("bob@example.test", data);
}
inline const std::string ehlo = "EHLO relay.elsewhere.test\r\n";

inline std::vector<std::string> lines_of(std::string_view text) {
    std::vector<std::string> lines;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find("\r\n"), text.size());
        lines.emplace_back(text.substr(0, end));
        text.remove_prefix(std::min(end + 2, text.size()));
    }
    return lines;
}

// "250 2.0.0" of the line that is so many lines before the last.
inline std::string code_before_the_end(const std::string& output, std::size_t back) {
    const auto lines = lines_of(output);
    if (lines.size() <= back) return output;
    const std::string& line = lines[lines.size() - 1 - back];
    return line.substr(0, line.find(' ', 4));
}

inline std::size_t count_of(const std::string& text, std::string_view word) {
    std::size_t count = 0;
    for (std::size_t i = text.find(word); i != std::string::npos; i = text.find(word, i + 1)) {
        ++count;
    }
    return count;
}

}  // namespace postern::smtp
