// BINARY: parts without their transfer encoding, and binary literals. RFC 3516.
#include <gtest/gtest.h>

#include "bed.hpp"

namespace postern::imap {
namespace {

std::string multipart() {
    return "Subject: parts\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
           "--b\r\nContent-Type: text/plain\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
           "caf=C3=A9 =3D\r\n"
           "--b\r\nContent-Type: application/x-data\r\nContent-Transfer-Encoding: base64\r\n\r\n"
           "AAECAwQ=\r\n"
           "--b\r\nContent-Type: application/x-odd\r\nContent-Transfer-Encoding: "
           "x-odd\r\n\r\nodd\r\n"
           "--b--\r\n";
}

TEST(Binary, RefusedForms) {
    Bed bed;
    bed.deliver("alice", multipart());
    bed.play(R"(
        L: alice
        C: s SELECT INBOX
        U: s OK ...
        C: a FETCH 1 BINARY
        S: a BAD ...
        C: a FETCH 1 BINARY[TEXT]
        S: a BAD ...
        C: a FETCH 1 BINARY[1.MIME]
        S: a BAD Part number expected
        C: a FETCH 1 BINARY.SIZE[1]<0.5>
        S: a BAD ...
        C: a FETCH 1 BINARY.PEEK[1]<0.0>
        S: a BAD ...
        C: b FETCH 1 BINARY.PEEK[3]
        S: b NO [UNKNOWN-CTE] ...
        C: b FETCH 1 BINARY.SIZE[3]
        S: b NO [UNKNOWN-CTE] ...
        C: c FETCH 1 (BINARY.PEEK[9] BINARY.SIZE[9])
        S: * 1 FETCH (BINARY[9] NIL BINARY.SIZE[9] 0)
        S: c OK ...
    )");
}

TEST(Binary, PartsAreDecoded) {
    Bed bed;
    bed.deliver("alice", multipart());
    bed.play(R"(
        L: alice
        C: s SELECT INBOX
        U: s OK ...
        C: a FETCH 1 (BINARY.SIZE[1] BINARY.SIZE[2] BINARY.PEEK[1])
        S: * 1 FETCH (BINARY.SIZE[1] 7 BINARY.SIZE[2] 5 BINARY[1] {7}
        S: café =)
        S: a OK ...
        C: b FETCH 1 BINARY.PEEK[1]<1.2>
        S: * 1 FETCH (BINARY[1]<1> {2}
        S: af)
        S: b OK ...
        C: c FETCH 1 BINARY.PEEK[1]<100.2>
        S: * 1 FETCH (BINARY[1]<100> {0}
        S: )
        S: c OK ...
        C: d FETCH 1 BINARY[1]<0.3>
        S: * 1 FETCH (BINARY[1]<0> {3}
        S: caf FLAGS (\Seen \Recent))
        S: d OK ...
    )");
    std::string said = bed.converse(
        {"a LOGIN alice secret\r\nb EXAMINE INBOX\r\nc FETCH 1 BINARY[2]\r\nd LOGOUT\r\n"});
    EXPECT_NE(said.find("BINARY[2] ~{5}\r\n" + std::string("\0\1\2\3\4", 5) + ")\r\n"),
              std::string::npos);
}

// Larger than what is decoded at once, in pieces cut anywhere.
TEST(Binary, LargeParts) {
    std::string encoded;
    while (encoded.size() < 400'000) {
        for (int i = 0; i < 18; ++i) encoded += "YWJj";
        encoded += "\r\n";
    }
    std::size_t lines = encoded.size() / 74;
    Bed bed;
    bed.deliver("alice",
                "Content-Type: x/y\r\nContent-Transfer-Encoding: base64\r\n\r\n" + encoded);
    std::string size = std::to_string(lines * 54);
    bed.play(
        "L: alice\nC: s SELECT INBOX\nU: s OK ...\nC: a FETCH 1 BINARY.SIZE[1]\n"
        "S: * 1 FETCH (BINARY.SIZE[1] " +
        size +
        ")\nS: a OK ...\n"
        "C: b FETCH 1 BINARY.PEEK[1]<250000.6>\nS: * 1 FETCH (BINARY[1]<250000> {6}\n"
        "S: bcabca)\nS: b OK ...\n");
}

// RFC 3516 §4.4: a literal8 is a literal, but for NUL, which cannot be kept.
TEST(Binary, AppendTakesBinaryLiterals) {
    Bed bed;
    bed.play(R"(
        L: alice
        C: a APPEND Sent ~{6}
        S: + Go ahead
        C: a: b
        B: <CRLF>
        S: a OK [APPENDUID ... 1] ...
        C: b APPEND Sent ~{8+}
        B: a: b<NUL><CRLF>x<CRLF>
        S: b NO [UNKNOWN-CTE] ...
        C: c STATUS Sent (MESSAGES)
        S: * STATUS Sent (MESSAGES 1)
        S: c OK ...
    )");
}

}  // namespace
}  // namespace postern::imap
