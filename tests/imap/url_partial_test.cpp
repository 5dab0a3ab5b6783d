// URL-PARTIAL (RFC 5550 §5.7.1): ";PARTIAL=" in the URLs of CATENATE.
#include <gtest/gtest.h>

#include "bed.hpp"

namespace postern::imap {
namespace {

TEST(UrlPartial, PartsOfAMessage) {
    Bed bed;
    bed.deliver("alice", "A: b\r\n\r\n0123456789\r\n");
    bed.play(R"~(
        S: * OK ...
        C: l LOGIN alice secret
        S: l OK [CAPABILITY ... URL-PARTIAL ...] ...
        C: a APPEND Sent CATENATE (URL "/INBOX/;UID=1/;SECTION=TEXT/;PARTIAL=x")
        S: a NO [BADURL ...
        C: b APPEND Sent CATENATE (TEXT {8+}
        B: B: c<CRLF><CRLF> URL "/INBOX/;UID=1/;SECTION=TEXT/;PARTIAL=2.3"
        B:  URL "/INBOX/;UID=1/;SECTION=TEXT/;PARTIAL=8")<CRLF>
        S: b OK [APPENDUID ...
        C: c EXAMINE Sent
        U: c OK ...
        C: d FETCH 1 BODY.PEEK[TEXT]
        S: * 1 FETCH (BODY[TEXT] {7}
        S: 23489
        S: )
        S: d OK ...
    )~");
}

}  // namespace
}  // namespace postern::imap
