// STARTTLS: what was sent in front of the handshake must not count (command injection).
#include <gtest/gtest.h>

#include "bed.hpp"

namespace postern::imap {
namespace {

BedOptions tls_only() {
    BedOptions options;
    options.with_tls = true;
    options.server.plaintext_login = auth::PlaintextLogin::refused;
    return options;
}

TEST(Starttls, NotOfferedWithoutTls) {
    Bed bed;
    bed.play("S: * OK ...\nC: a STARTTLS\nS: a BAD TLS is not available");
}

TEST(Starttls, InjectedCommandsAreThrownAway) {
    Bed bed(tls_only());
    bed.play(R"(
        S: * OK [CAPABILITY ... STARTTLS LOGINDISABLED...] ...
        C: a STARTTLS x
        S: a BAD Unexpected extra arguments
        B: b STARTTLS<CRLF>evil LOGIN alice secret<CRLF>
        S: b OK Begin TLS negotiation now
        W: 1
        C: c CAPABILITY
        S: * CAPABILITY ... AUTH=SCRAM-SHA-256-PLUS AUTH=SCRAM-SHA-1-PLUS AUTH=SCRAM-SHA-256 ...
        S: c OK CAPABILITY completed
        C: d STARTTLS
        S: d BAD TLS is active already
        C: e LOGIN alice secret
        S: e OK [CAPABILITY ...
        C: f STARTTLS
        S: f BAD Command not allowed now
    )");
    EXPECT_EQ(bed.counters().logins, 1u);
}

}  // namespace
}  // namespace postern::imap
