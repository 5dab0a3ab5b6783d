// CATENATE and URL-PARTIAL: messages put together from texts and parts of messages that are there.
// RFC 4469, RFC 5550 §5.7.
#include <gtest/gtest.h>

#include "bed.hpp"

namespace postern::imap {
namespace {

std::string draft() {
    return "Subject: draft\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
           "--b\r\nContent-Type: text/plain\r\n\r\nold text\r\n"
           "--b\r\nContent-Type: application/x-data\r\n\r\n0123456789\r\n--b--\r\n";
}

TEST(Catenate, RefusedForms) {
    Bed bed;
    bed.deliver("alice", draft());
    bed.play(R"~(
        L: alice
        C: a APPEND Sent CATENATE
        S: a BAD ...
        C: a APPEND Sent CATENATE ()
        S: a BAD TEXT or URL expected
        C: a APPEND Sent CATENATE (URL)
        S: a BAD ...
        C: a APPEND Sent CATENATE (URL "/INBOX/;UID=1"
        S: a BAD Closing parenthesis expected
        C: a APPEND Sent CATENATE (TEXT {3+}
        C: abc FOO)
        S: a BAD TEXT or URL expected
        C: b APPEND Sent CATENATE (URL "/INBOX/;UID=2")
        S: b NO [BADURL "/INBOX/;UID=2"] ...
        C: b APPEND Sent CATENATE (URL "/Nowhere/;UID=1")
        S: b NO [BADURL "/Nowhere/;UID=1"] ...
        C: b APPEND Sent CATENATE (URL "/INBOX;UIDVALIDITY=1/;UID=1")
        S: b NO [BADURL ...
        C: b APPEND Sent CATENATE (URL "imap://other.test/INBOX/;UID=1")
        S: b NO [BADURL ...
        C: b APPEND Sent CATENATE (URL ";UID=1")
        S: b NO [BADURL ...
        C: b APPEND Sent CATENATE (URL "/INBOX/;UID=1/;SECTION=7")
        S: b NO [BADURL ...
        C: b APPEND Sent CATENATE (URL "/a]b/;UID=1")
        S: b NO [BADURL ""] ...
        C: c APPEND Sent CATENATE (URL "/INBOX/;UID=9" TEXT {3+}
        C: abc URL {4+}
        C: /x/y)
        S: c NO [BADURL ...
        C: d STATUS Sent (MESSAGES)
        S: * STATUS Sent (MESSAGES 0)
        S: d OK ...
    )~");
}

// RFC 4469 example 1: an attachment taken over, a text replaced; \Seen is not set on the original.
TEST(Catenate, PartsAndTexts) {
    Bed bed;
    bed.deliver("alice", draft());
    bed.play(R"~(
        L: alice
        C: s SELECT INBOX
        U: * OK [UIDVALIDITY <v>] ...
        U: s OK ...
        C: a APPEND Sent CATENATE (URL "/INBOX;UIDVALIDITY=<v>/;UID=1/;section=HEADER" TEXT {10}
        S: + Go ahead
        B: --b<CRLF><CRLF>new URL "/INBOX/;UID=1/;SECTION=2/;PARTIAL=3.4" URL {19+}<CRLF>
        B: ;UID=1/;SECTION=2.M URL ";UID=1/;SECTION=HEADER.FIELDS%20(Subject)")<CRLF>
        S: a NO [BADURL ...
        C: b APPEND Sent CATENATE (URL "/INBOX;UIDVALIDITY=<v>/;UID=1/;section=HEADER" TEXT {10}
        S: + Go ahead
        B: --b<CRLF><CRLF>new URL "/INBOX/;UID=1/;SECTION=2/;PARTIAL=3.4" URL {22+}<CRLF>
        B: ;UID=1/;SECTION=2.MIME URL ";UID=1/;SECTION=HEADER.FIELDS%20(Subject)")<CRLF>
        S: b OK [APPENDUID ... 1] APPEND completed
        C: c FETCH 1 FLAGS
        S: * 1 FETCH (FLAGS (\Recent))
        S: c OK ...
        C: d SELECT Sent
        U: d OK ...
        C: e FETCH 1 (BODY.PEEK[] FLAGS)
        S: * 1 FETCH (BODY[] {...}
        S: Subject: draft
        S: Content-Type: multipart/mixed; boundary=b
        S:
        S: --b
        S:
        S: new3456Content-Type: application/x-data
        S:
        S: Subject: draft
        S:
        S:  FLAGS (\Recent))
        S: e OK ...
    )~");
}

TEST(Catenate, TheWholeMustNotBeTooBig) {
    BedOptions options;
    options.plan.disk_bytes = std::size_t{128} << 20;
    Bed bed(options);
    std::string big(10'000'000, 'x');
    bed.deliver("alice", "A: b\r\n\r\n" + big);
    std::string url = " URL \"/INBOX/;UID=1\"";
    bed.play("L: alice\nC: a APPEND Sent CATENATE (URL \"/INBOX/;UID=1\"" + url + url + url + url +
             url + ")\nS: a NO [TOOBIG] Too big\nC: b NOOP\nS: b OK ...\n");
}

}  // namespace
}  // namespace postern::imap
