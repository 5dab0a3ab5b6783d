// ENHANCEDSTATUSCODES: every reply but the greeting, the answers to EHLO and HELO, 354 and the
// steps of AUTH has a code, of the class of its reply. RFC 2034 §3, §4; RFC 3463 §2.
#include <gtest/gtest.h>

#include "base/ascii.hpp"
#include "smtp/mail_parameters_fixture.hpp"

namespace postern::smtp {
namespace {

// "250 2.1.5 …": three numbers, the first that of the reply, none longer than three digits.
bool has_enhanced_code(std::string_view line) {
    if (line.size() < 9 || line[4] != line[0]) return false;
    std::string_view code = line.substr(4, line.find(' ', 4) - 4);
    unsigned parts = 0;
    while (!code.empty()) {
        const std::string_view part = code.substr(0, code.find('.'));
        code.remove_prefix(std::min(part.size() + 1, code.size()));
        const auto number = parse_decimal(part);
        if (!number || *number > 999 || part.size() > 3) return false;
        ++parts;
    }
    return parts == 3;
}

TEST(EnhancedStatusCodes, EveryReplyHasOne) {
    Gateway gateway(open_login());
    const std::string output = gateway.talk(
        port_submission,
        "BOGUS\r\nMAIL FROM:<>\r\nHELO\r\n" + ehlo +
            "MAIL FROM:<>\r\nSTARTTLS x\r\nAUTH\r\nAUTH NONE\r\nAUTH PLAIN AGFsaWNlAHdyb25n\r\n"
            "AUTH PLAIN AGFsaWNlAHNlY3JldA==\r\nRCPT TO:<a@b.test>\r\nDATA\r\nBDAT x\r\n"
            "MAIL FROM:<bob@example.test>\r\nMAIL FROM:<alice@example.test> SIZE=99999999999\r\n"
            "MAIL FROM:<alice@example.test> NOSUCH=1\r\nMAIL FROM:<alice@example.test>\r\n"
            "MAIL FROM:<alice@example.test>\r\nDATA\r\nRCPT TO:<x\r\nRCPT TO:<nobody@example.test>"
            "\r\nRCPT TO:<bob@example.test>\r\nDATA\r\nbare\nline\r\n.\r\nVRFY bob\r\nEXPN x\r\n"
            "TURN\r\nHELP\r\nNOOP\r\nRSET\r\nQUIT\r\n");
    const auto lines = lines_of(output);
    ASSERT_GT(lines.size(), 30u) << output;
    for (std::size_t i = 1; i < lines.size(); ++i) {
        const std::string& line = lines[i];
        const bool is_of_ehlo = line.starts_with("250-") || line == lines_of(output)[0];
        const bool has_none = line.starts_with("354 ") || is_of_ehlo ||
                              lines[i - 1].starts_with("250-");  // the last line of EHLO's
        EXPECT_EQ(has_enhanced_code(line), !has_none) << line;
    }
}

TEST(EnhancedStatusCodes, IsOffered) {
    EXPECT_EQ(count_of(greeted(port_smtp), "250-ENHANCEDSTATUSCODES\r\n"), 1u);
}

}  // namespace
}  // namespace postern::smtp
