// Every sequence that some server takes for the end of data, at every offset around the edge of a
// receive buffer and byte by byte, by DATA and by BDAT, plain and over TLS: one message or a 5yz,
// never a second command. RFC 5321 §2.3.8, §4.1.1.4, §4.5.2, RFC 3030 §2.
#include <gtest/gtest.h>

#include <array>

#include "engine/limits.hpp"
#include "smtp/session_fixture.hpp"
#include "transcripts/transcript.hpp"

namespace postern::smtp {
namespace {

using namespace std::string_view_literals;

constexpr std::array false_ends = {
    "\n.\n"sv,       "\n.\r\n"sv,       "\r\n.\n"sv,       "\r.\r"sv,
    "\r\n.\r"sv,     "\r.\r\n"sv,       "\r.\n"sv,         "\n.\r"sv,
    "\r\n.\r\r\n"sv, "\r\r\n.\r\r\n"sv, "\r\n.\0\r\n"sv,   "\r\n\0.\r\n"sv,
    "\n\n.\r\n"sv,   "\r\n.\n\r\n"sv,   "\r\n\x85.\x85"sv, "\0\r\n.\n"sv,
};
constexpr std::string_view smuggled =
    "MAIL FROM:<evil@elsewhere.test>\r\nRCPT TO:<alice@example.test>\r\n"sv;

std::string envelope_lines() {
    return "MAIL FROM:<a@elsewhere.test>\r\nRCPT TO:<bob@example.test>\r\n";
}

struct Way {
    std::uint16_t port;
    bool is_chunked;
};

std::string dialogue(const Way& way, std::string_view false_end, std::size_t padding) {
    const std::string data = "Subject: x\r\n\r\n" + std::string(padding, 'x') +
                             std::string(false_end) + std::string(smuggled);
    const std::string body = way.is_chunked
                                 ? "BDAT " + std::to_string(data.size()) + " LAST\r\n" + data
                                 : "DATA\r\n" + data + ".\r\n";
    return ehlo + envelope_lines() + body + "QUIT\r\n";
}

void expect_one_or_refused(const std::string& output, std::string_view false_end) {
    EXPECT_EQ(count_of(output, "250 2.1.0"), 1u)
        << testing::PrintToString(std::string(false_end)) << "\n"
        << output;
    EXPECT_EQ(count_of(output, "Queued as") + count_of(output, "550 5.6."), 1u) << output;
    EXPECT_EQ(count_of(output, "221 2.0.0"), 1u) << output;
}

TEST(EndOfData, NothingElseEndsAMessage) {
    Gateway gateway(quiet());
    for (const bool is_chunked : {false, true}) {
        for (const std::string_view false_end : false_ends) {
            expect_one_or_refused(
                gateway.talk(port_smtp, dialogue({port_smtp, is_chunked}, false_end, 10)),
                false_end);
        }
    }
    EXPECT_TRUE(gateway.inbox(alice).empty());
}

// Each form, at each offset, by both ways, in the clear and over TLS.
void smuggle_around_the_edge(bool is_secure, bool is_chunked) {
    Gateway gateway(quiet());
    const std::string first(is_secure ? "STARTTLS\r\n" : "");
    const std::string word(is_secure ? transcripts::handshake_word : "");
    const Way way{port_smtp, is_chunked};
    constexpr std::size_t whole = 1'000'000;  // in one segment
    const std::size_t head = word.size() + dialogue(way, "", 0).find("Subject: x\r\n\r\n") + 14;
    for (const std::string_view false_end : false_ends) {
        for (std::size_t offset = 0; offset < 12; ++offset) {
            const std::size_t padding = engine::receive_buffer_bytes - head - 8 + offset;
            const std::string text = dialogue(way, false_end, padding);
            expect_one_or_refused(gateway.talk_slowly(port_smtp, first, word + text, whole),
                                  false_end);
        }
    }
    EXPECT_TRUE(gateway.inbox(alice).empty());
}

TEST(EndOfData, AroundTheEdgeOfABuffer) {
    for (const bool is_secure : {false, true}) {
        for (const bool is_chunked : {false, true}) smuggle_around_the_edge(is_secure, is_chunked);
    }
}

// The real end, at every offset too: the message is taken whole.
TEST(EndOfData, TheRealEndAroundTheEdgeOfABuffer) {
    Gateway gateway(quiet());
    const std::size_t edge = engine::receive_buffer_bytes;
    const std::string before = ehlo + envelope_lines() + "DATA\r\nSubject: x\r\n\r\n";
    std::size_t sent = 0;
    for (std::size_t offset = 0; offset < 12; ++offset, ++sent) {
        const std::string output =
            gateway.talk(port_smtp, before + std::string(edge - before.size() - 8 + offset, 'x') +
                                        "\r\n.\r\nQUIT\r\n");
        EXPECT_EQ(count_of(output, "Queued as"), 1u) << output;
    }
    EXPECT_EQ(gateway.inbox(bob).size(), sent);
}

// One byte a segment, in the clear and over TLS.
TEST(EndOfData, ByteByByte) {
    for (const bool is_secure : {false, true}) {
        for (const bool is_chunked : {false, true}) {
            Gateway gateway(quiet());
            for (const std::string_view false_end : false_ends) {
                const std::string text = dialogue({port_smtp, is_chunked}, false_end, 1);
                std::string output;
                const std::string word(is_secure ? transcripts::handshake_word : "");
                output =
                    gateway.talk_slowly(port_smtp, is_secure ? "STARTTLS\r\n" : "", word + text);
                expect_one_or_refused(output, false_end);
            }
            EXPECT_TRUE(gateway.inbox(alice).empty());
        }
    }
}

}  // namespace
}  // namespace postern::smtp
