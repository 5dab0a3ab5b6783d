// LOGIN: refused forms, privacy, wrong passwords and their end.
#include <gtest/gtest.h>

#include "bed.hpp"

namespace postern::imap {
namespace {

TEST(Login, RefusedForms) {
    Bed bed;
    bed.play(R"(
        S: * OK ...
        C: a LOGIN
        S: a BAD Missing argument
        C: a LOGIN alice
        S: a BAD Missing argument
        C: a LOGIN alice secret x
        S: a BAD Unexpected extra arguments
        C: a LOGIN "alice secret
        S: a BAD Invalid quoted string
        C: a LOGIN (alice) secret
        S: a BAD Invalid argument
        C: a LOGIN alice secret
        S: a OK [CAPABILITY ...
        C: a LOGIN alice secret
        S: a BAD Command not allowed now
    )");
}

TEST(Login, WrongPasswordsAndThenTheEnd) {
    Bed bed;
    bed.play(R"(
        S: * OK ...
        C: a LOGIN alice wrong
        S: a NO [AUTHENTICATIONFAILED] Wrong user name or password
        C: a LOGIN nobody secret
        S: a NO [AUTHENTICATIONFAILED] Wrong user name or password
        C: a LOGIN "" ""
        S: a NO [AUTHENTICATIONFAILED] ...
        C: a LOGIN alice@example.test "secret "
        S: * BYE Too many failed logins
        S: a NO [AUTHENTICATIONFAILED] ...
        E:
    )");
    EXPECT_EQ(bed.counters().failed_logins, 4u);
    EXPECT_EQ(bed.counters().logins, 0u);
}

TEST(Login, AllFormsOfStrings) {
    Bed bed;
    bed.play(R"(
        S: * OK ...
        C: a LOGIN {5}
        S: + Go ahead
        C: alice {6+}
        C: secret
        S: a OK [CAPABILITY ...
        S2: * OK ...
        C2: a login "alice@EXAMPLE.test" "secret"
        S2: a OK ...
    )");
}

// RFC 5530 §3 (PRIVACYREQUIRED)
TEST(Login, RefusedBeforeTls) {
    BedOptions options;
    options.with_tls = true;
    options.server.plaintext_login = auth::PlaintextLogin::refused;
    Bed bed(options);
    bed.play(R"(
        S: * OK [CAPABILITY IMAP4rev1 IMAP4rev2 LITERAL+ ID SASL-IR STARTTLS LOGINDISABLED...] ...
        C: a LOGIN alice secret
        S: a NO [PRIVACYREQUIRED] Passwords are accepted only after STARTTLS
        C: a AUTHENTICATE PLAIN
        S: a NO [PRIVACYREQUIRED] Passwords are accepted only after STARTTLS
    )");
    EXPECT_EQ(bed.counters().logins, 0u);
}

}  // namespace
}  // namespace postern::imap
