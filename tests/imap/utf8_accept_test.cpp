// UTF8=ACCEPT: names and headers in UTF-8. RFC 6855.
#include <gtest/gtest.h>

#include "bed.hpp"

namespace postern::imap {
namespace {

// RFC 6855 §4: without ENABLE a header with more than ASCII is refused; a body may hold it.
TEST(Utf8Accept, HeadersNeedEnable) {
    Bed bed;
    bed.play(R"(
        L: alice
        C: a APPEND Sent {15+}
        B: Subject: ação<CRLF>
        S: a NO [UNKNOWN-CTE] ...
        C: b APPEND Sent {13+}
        B: A: b<LF><LF>ação<LF><CRLF>
        S: b OK ...
        C: c ENABLE UTF8=ACCEPT
        S: * ENABLED UTF8=ACCEPT
        S: c OK ...
        C: d APPEND Sent UTF8 (~{15}
        S: + Go ahead
        B: Subject: ação)<CRLF>
        S: d OK [APPENDUID ... 2] ...
        C: e APPEND Sent UTF8 (~{15+}
        B: Subject: ação<CRLF>
        S: e BAD ...
        C: f APPEND Sent UTF8 "x"
        S: f BAD ...
        C: g APPEND Sent CATENATE (UTF8 (~{15+}
        B: Subject: ação))<CRLF>
        S: g OK ...
    )");
}

TEST(Utf8Accept, NamesAreUtf8) {
    Bed bed;
    bed.play(R"(
        L: alice
        C: a ENABLE UTF8=ACCEPT
        U: a OK ...
        C: b CREATE "Входящие"
        S: b OK ...
        C: c LIST "" "В*"
        S: * LIST (\HasNoChildren) "/" "Входящие"
        S: c OK ...
        C: d SELECT "Входящие"
        U: d OK ...
        C: e FETCH 1 FLAGS
        S: e BAD ...
    )");
}

}  // namespace
}  // namespace postern::imap
