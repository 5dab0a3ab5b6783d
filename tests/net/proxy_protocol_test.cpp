// PROXY headers, malformed ones first, whole and cut at every byte.
#include "net/proxy_protocol.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace postern::net {
namespace {

const std::string signature("\r\n\r\n\0\r\nQUIT\n", 12);

std::string version2(char command, char family, std::string_view rest) {
    std::string text = signature + command + family;
    text += char(rest.size() >> 8);
    text += char(rest.size() & 0xff);
    return text + std::string(rest);
}

TEST(ProxyProtocol, Malformed) {
    for (const std::string& text : std::vector<std::string>{
             "EHLO x\r\n", "PROXY \r\n", "PROXY TCP4\r\n", "PROXY TCP4 1.2.3.4 5.6.7.8 1\r\n",
             "PROXY TCP4 1.2.3.4 5.6.7.8 1 65536\r\n", "PROXY TCP4 1.2.3.4 5.6.7.8 1 2 3\r\n",
             "PROXY TCP6 1.2.3.4 5.6.7.8 1 2\r\n", "PROXY TCP4 ::1 ::2 1 2\r\n",
             "PROXY TCP4 1.2.3 5.6.7.8 1 2\r\n", "PROXY TCP4  1.2.3.4 5.6.7.8 1 2\r\n",
             "PROXY UDP4 1.2.3.4 5.6.7.8 1 2\r\n", "PROXY " + std::string(101, 'x'),
             version2('\x31', '\x11', std::string(12, 'x')),
             version2('\x22', '\x11', std::string(12, 'x')),
             version2('\x21', '\x11', std::string(11, 'x')),
             version2('\x21', '\x21', std::string(35, 'x')),
             version2('\x21', '\x11', std::string(5'000, 'x'))}) {
        EXPECT_EQ(parse_proxy_header(text).outcome, ProxyOutcome::malformed) << text;
    }
}

void expect_header(const std::string& text, std::string_view source, unsigned port) {
    for (std::size_t size = 0; size < text.size(); ++size) {
        EXPECT_EQ(parse_proxy_header(text.substr(0, size)).outcome, ProxyOutcome::incomplete)
            << size;
    }
    const ProxyHeader header = parse_proxy_header(text + "EHLO x\r\n");
    EXPECT_EQ(header.outcome, ProxyOutcome::complete);
    EXPECT_EQ(header.bytes, text.size());
    EXPECT_EQ(header.source_address, source);
    EXPECT_EQ(header.source_port, port);
}

TEST(ProxyProtocol, Version1) {
    expect_header("PROXY TCP4 192.0.2.1 198.51.100.1 56324 25\r\n", "192.0.2.1", 56'324);
    expect_header("PROXY TCP6 2001:db8::1 2001:db8::2 1 25\r\n", "2001:db8::1", 1);
    expect_header("PROXY UNKNOWN\r\n", "", 0);
    expect_header("PROXY UNKNOWN ffff:: ffff:: 65535 65535\r\n", "", 0);
}

TEST(ProxyProtocol, Version2) {
    const std::string four("\xc0\x00\x02\x01\xc6\x33\x64\x01\x01\x02\x00\x19", 12);
    expect_header(version2('\x21', '\x11', four), "192.0.2.1", 0x102);
    expect_header(version2('\x21', '\x11', four + std::string("\x04\x00\x01x", 4)), "192.0.2.1",
                  0x102);
    const std::string six = std::string("\x20\x01\x0d\xb8", 4) + std::string(11, '\0') + "\x01" +
                            std::string(16, '\2') + std::string("\x00\x07\x00\x19", 4);
    expect_header(version2('\x21', '\x21', six), "2001:db8::1", 7);
    expect_header(version2('\x20', '\0', ""), "", 0);
    expect_header(version2('\x21', '\x31', std::string(216, 'u')), "", 0);
}

}  // namespace
}  // namespace postern::net
