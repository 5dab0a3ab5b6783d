// REQUIRETLS: offered and taken over TLS only, and kept with the message. RFC 8689 §2, §4.1.
// What the client does with it: client/journey_test.cpp.
#include <gtest/gtest.h>

#include "smtp/mail_parameters_fixture.hpp"

namespace postern::smtp {
namespace {

TEST(RequireTls, HasNoValue) {
    EXPECT_TRUE(is_refused("REQUIRETLS=yes"));
    EXPECT_TRUE(is_refused("REQUIRETLS REQUIRETLS"));
}

TEST(RequireTls, NeedsASecureSession) {
    EXPECT_EQ(ask("REQUIRETLS", true, false).refusal, "555 5.7.10");
    EXPECT_EQ(ask("REQUIRETLS", false, true).refusal, "");
    EXPECT_EQ(count_of(greeted(port_smtp), "REQUIRETLS"), 0u);
    EXPECT_EQ(count_of(greeted(port_submissions), "250-REQUIRETLS\r\n"), 1u);
}

TEST(RequireTls, IsKeptWithTheMessage) {
    for (const bool is_asked : {false, true}) {
        Gateway gateway(quiet());
        gateway.talk(port_submissions, std::string(transcripts::handshake_word) + ehlo +
                                           "AUTH PLAIN AGFsaWNlAHNlY3JldA==\r\n"
                                           "MAIL FROM:<alice@example.test>" +
                                           (is_asked ? " REQUIRETLS" : "") +
                                           "\r\nRCPT TO:<a@one.test>\r\nDATA\r\n\r\n.\r\nQUIT\r\n");
        const auto queued = gateway.queued();
        ASSERT_EQ(queued.size(), 1u);
        EXPECT_EQ(queued[0].envelope.requires_tls, is_asked);
    }
}

// RFC 8689 §3, §4.1: the field asks for less, unless MAIL asks for more.
TEST(RequireTls, TheFieldMakesTlsOptional) {
    const auto is_optional = [](const std::string& parameter, const std::string& field) {
        Gateway gateway(quiet());
        gateway.talk(port_submissions, std::string(transcripts::handshake_word) + ehlo +
                                           "AUTH PLAIN AGFsaWNlAHNlY3JldA==\r\n"
                                           "MAIL FROM:<alice@example.test>" +
                                           parameter + "\r\nRCPT TO:<a@one.test>\r\nDATA\r\n" +
                                           field + "\r\n\r\nTLS-Required: No\r\n.\r\nQUIT\r\n");
        return gateway.queued().at(0).envelope.tls_is_optional;
    };
    EXPECT_FALSE(is_optional("", "Subject: x")) << "the body has no fields";
    EXPECT_FALSE(is_optional("", "TLS-Required: Yes"));
    EXPECT_FALSE(is_optional("", "TLS-Required:"));
    EXPECT_FALSE(is_optional("", "X-TLS-Required: No"));
    EXPECT_TRUE(is_optional("", "TLS-Required: No"));
    EXPECT_TRUE(is_optional("", "tls-required:\r\n no"));
    EXPECT_FALSE(is_optional(" REQUIRETLS", "TLS-Required: No"));
}

}  // namespace
}  // namespace postern::smtp
