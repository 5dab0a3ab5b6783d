// APPEND: what is refused, and in step; then flags, dates, line ends, others being told.
#include <gtest/gtest.h>

#include "bed.hpp"
#include "store/limits.hpp"

namespace postern::imap {
namespace {

constexpr std::string_view append_inbox = R"(
    C: s SELECT INBOX
    S: * FLAGS ...
    S: * 0 EXISTS
    S: * 0 RECENT
    S: * OK ...
    S: * OK ...
    S: * OK ...
    S: * OK ...
    S: * OK ...
    U: s OK ...
)";

TEST(Append, RefusedBeforeTheMessageIsSent) {
    Bed bed;
    std::string too_big = std::to_string(store::message_bytes_max + 1);
    bed.play(R"(
        S: * OK ...
        C: a APPEND INBOX {5}
        S: a BAD Command not allowed now
        C: a LOGIN alice secret
        S: a OK ...
        C: a APPEND
        S: a BAD Missing argument
        C: a APPEND INBOX
        S: a BAD Missing argument
        C: a APPEND INBOX "text"
        S: a BAD Invalid date-time
        C: a APPEND INBOX (\Seen
        S: a BAD Closing parenthesis expected
        C: a APPEND INBOX (\Seen) {5
        S: a BAD Unexpected extra arguments
        C: a APPEND INBOX (\Foo) {5}
        S: a BAD ...
        C: a APPEND INBOX "32-Jan-2020 00:00:00 +0000" {5}
        S: a BAD Invalid date-time
        C: a APPEND Nowhere {5}
        S: a NO [TRYCREATE] No such mailbox
        C: a APPEND ../x {5}
        S: a NO [CANNOT] ...
        C: a APPEND INBOX {0}
        S: a NO [CANNOT] ...
        C: a APPEND INBOX {)" +
             too_big + R"(}
        S: a NO [TOOBIG] Too big
        C: a APPEND INBOX {99999999999999999999}
        S: a BAD ...
        C: a NOOP
        S: a OK NOOP completed
    )");
}

TEST(Append, NulAndTrailingTextAreRefused) {
    Bed bed;
    bed.play(R"(
        L: alice
        C: a APPEND INBOX {8}
        S: + Go ahead
        B: A: b<NUL><CRLF>x<CRLF>
        S: a BAD NUL in a message
        C: b APPEND INBOX {4}
        S: + Go ahead
        C: abcd (\Seen)
        S: b BAD Missing argument
        C: c STATUS INBOX (MESSAGES)
        S: * STATUS INBOX (MESSAGES 0)
        S: c OK STATUS completed
    )");
}

// RFC 3501 §6.3.11, RFC 4315 §3 (UIDPLUS: APPENDUID)
TEST(Append, FlagsAndDate) {
    Bed bed;
    bed.play("L1: alice\n" + std::string(append_inbox) + R"(
        C: a APPEND INBOX (\Seen $Junk custom) "17-Jul-1996 02:44:25 -0700" {32}
        S: + Go ahead
        B: Subject: x<CRLF><CRLF>body<CRLF>
        C: 0123456789ab
        S: * 1 EXISTS
        S: * 1 RECENT
        S: a OK [APPENDUID ... 1] APPEND completed
        C: b FETCH 1 (FLAGS INTERNALDATE RFC822.SIZE BODY.PEEK[])
        S: * 1 FETCH (FLAGS (\Seen $Junk ...) INTERNALDATE "17-Jul-1996 09:44:25 +0000" ... {32}
        S: Subject: x
        S:
        S: body
        S: 0123456789ab)
        S: b OK FETCH completed
    )");
}

TEST(Append, BareLineFeedsBecomeCrlf) {
    for (std::uint64_t seed = 1; seed <= 10; ++seed) {
        BedOptions options;
        options.seed = seed;
        Bed bed(options);
        std::string lf = "\n";
        // 10 bytes: "A: b" LF LF "c" LF "d" CR LF is 12; the CRLF stays one.
        bed.play("L1: alice\n" + std::string(append_inbox) + R"(
            C: a APPEND INBOX {12+}
            B: A: b<LF><LF>c<LF>d<CRLF>x<CRLF>
            S: * 1 EXISTS
            S: * 1 RECENT
            S: a OK [APPENDUID ... 1] APPEND completed
            C: b FETCH 1 (RFC822.SIZE RFC822)
            S: * 1 FETCH (RFC822.SIZE 15 RFC822 {15}
            S: A: b
            S:
            S: c
            S: d
            S: x FLAGS (\Seen \Recent))
            S: b OK FETCH completed
        )");
    }
}

TEST(Append, TheMailboxMayBeALiteral) {
    Bed bed;
    bed.play(R"(
        L: alice
        C: a APPEND {4}
        S: + Go ahead
        B: Sent {5}<CRLF>
        S: + Go ahead
        C: hello
        S: a OK [APPENDUID ... 1] APPEND completed
        C: b APPEND {4+}
        B: Sent {5+}<CRLF>hello<CRLF>
        S: b OK [APPENDUID ... 2] APPEND completed
    )");
}

TEST(Append, LargeMessagesArriveWhole) {
    Bed bed;
    std::string message = simple_message("large");
    while (message.size() < 300'000)
        message += std::string(70, char('a' + message.size() % 26)) + "\r\n";
    std::string size = std::to_string(message.size());
    std::string escaped;
    for (char c : message) {
        if (c == '\r')
            escaped += "<CRLF>";
        else if (c != '\n')
            escaped += c;
    }
    bed.play("L: alice\nC: a APPEND Sent {" + size + "}\nS: + Go ahead\nB: " + escaped +
             "<CRLF>\nS: a OK [APPENDUID ...] APPEND completed\nC: b EXAMINE Sent\nS: * FLAGS ...\n"
             "S: * 1 EXISTS\nS: * 1 RECENT\nS: * OK ...\nS: * OK ...\nS: * OK ...\nU: "
             "b OK ...\n"
             "C: c FETCH 1 BODY[]<299000.5>\nS: * 1 FETCH (BODY[]<299000> {5}\nS: " +
             message.substr(299'000, 5) + ")\nS: c OK FETCH completed");
}

TEST(Append, OtherSessionsAreTold) {
    Bed bed;
    bed.play("L1: alice\n" + std::string(append_inbox) + R"(
        L2: alice
        C2: a APPEND INBOX {5+}
        C2: hello
        S2: a OK [APPENDUID ... 1] APPEND completed
        C: n NOOP
        S: * 1 EXISTS
        S: * 1 RECENT
        S: n OK NOOP completed
    )");
}

TEST(Append, DiskFull) {
    BedOptions options;
    options.plan.disk_bytes = 600'000;
    Bed bed(options);
    std::string body(400'000, 'x');
    std::string announce =
        "APPEND INBOX {" + std::to_string(body.size()) + "}\nS: + Go ahead\nC: " + body + "\n";
    bed.play(
        "L: alice\nC: a " + announce + "S: a OK ...\nC: b " + announce +
        "S: b NO [UNAVAILABLE] No space left on the server\nC: c NOOP\nS: c OK NOOP completed");
}

}  // namespace
}  // namespace postern::imap
