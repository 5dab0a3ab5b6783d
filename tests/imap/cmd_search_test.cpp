// SEARCH: refused programs, and every kind of key against three known messages.
#include <gtest/gtest.h>

#include "bed.hpp"

namespace postern::imap {
namespace {

constexpr std::string_view selected = R"(
    L: alice
    C: s SELECT INBOX
    S: * FLAGS ...
    S: * 3 EXISTS
    S: * 3 RECENT
    S: * OK [UNSEEN 1] ...
    S: * OK ...
    S: * OK ...
    S: * OK ...
    S: * OK ...
    S: * OK ...
    U: s OK ...
    C: f1 STORE 2 FLAGS.SILENT (\Seen todo)
    S: f1 OK ...
    C: f2 STORE 3 FLAGS.SILENT (\Deleted \Flagged)
    S: f2 OK ...
)";

class Search : public testing::Test {
 protected:
    void SetUp() override {
        bed.deliver(
            "alice",
            "Date: Tue, 1 Feb 1994 10:00:00 -0800\r\nFrom: \"Smith, Jo\" <jo@x.test>\r\n"
            "To: alice@example.test\r\nSubject: Lunch on Friday\r\nMessage-ID: <m1@x>\r\n\r\n"
            "Shall we eat?\r\n");
        bed.deliver(
            "alice",
            "Date: Thu, 3 Feb 1994 23:30:00 -0800\r\nFrom: bob@y.test\r\nCc: carol@z.test\r\n"
            "Subject: =?koi8-r?B?8Onz+O3v?=\r\nX-Odd: yes\r\nContent-Type: text/plain; "
            "charset=iso-8859-1\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
            "a=E7=E3o needed\r\n");
        bed.deliver("alice", "From: bob@y.test\r\nBcc: secret@z.test\r\nSubject: none\r\n\r\n" +
                                 std::string(3'000, 'x') + "\r\n");
    }
    // Each line "keys = numbers".
    void expect(std::initializer_list<std::pair<std::string, std::string>> rows) {
        std::string text(selected);
        for (const auto& [keys, numbers] : rows) {
            text += "C: a SEARCH " + keys + "\nS: * SEARCH" + (numbers.empty() ? "" : " ") +
                    numbers + "\nS: a OK SEARCH completed\n";
        }
        bed.play(text);
    }
    Bed bed;
};

TEST_F(Search, RefusedForms) {
    bed.play(std::string(selected) + R"(
        C: a SEARCH
        S: a BAD Missing argument
        C: a SEARCH FOO
        S: a BAD Unknown search key
        C: a SEARCH CHARSET X-KLINGON ALL
        S: a NO [BADCHARSET (US-ASCII UTF-8 ...)] Unknown charset
        C: a SEARCH (ALL
        S: a BAD Closing parenthesis expected
        C: a SEARCH KEYWORD \Seen
        S: a BAD Atom expected
        C: a SEARCH SINCE 31-Feb-2020
        S: a BAD Invalid date
        C: a SEARCH )" +
             std::string(10'000, '(') + R"(
        S: a BAD [LIMIT] Search keys nested deeper than 64
    )");
}

TEST_F(Search, FlagsNumbersAndSizes) {
    expect({{"ALL", "1 2 3"},
            {"SEEN", "2"},
            {"UNSEEN", "1 3"},
            {"DELETED", "3"},
            {"UNDELETED FLAGGED", ""},
            {"OR SEEN DELETED", "2 3"},
            {"NOT (SEEN)", "1 3"},
            {"KEYWORD todo", "2"},
            {"UNKEYWORD todo", "1 3"},
            {"KEYWORD never", ""},
            {"NEW", "1 3"},
            {"OLD", ""},
            {"RECENT", "1 2 3"},
            {"2:*", "2 3"},
            {"UID 1,3", "1 3"},
            {"9", ""},
            {"LARGER 3000", "3"},
            {"SMALLER 3000", "1 2"},
            {"ANSWERED", ""},
            {"UNDRAFT 1", "1"}});
}

TEST_F(Search, Dates) {
    expect({{"SENTON 1-Feb-1994", "1"},
            {"SENTSINCE 2-Feb-1994", "2"},
            {"SENTBEFORE 3-Feb-1994", "1"},
            {"SENTON 3-Feb-1994", "2"},
            {"BEFORE 1-Jan-2000", ""},
            {"SINCE 1-Jan-2000", "1 2 3"},
            {"ON 1-Jan-2000", ""}});
}

TEST_F(Search, HeadersAndTexts) {
    expect({{"SUBJECT lunch", "1"},
            {"FROM SMITH", "1"},
            {"FROM y.test", "2 3"},
            {"CC carol", "2"},
            {"BCC secret", "3"},
            {"TO alice", "1"},
            {"TO \"\"", "1"},
            {"HEADER X-Odd \"\"", "2"},
            {"HEADER x-odd YES", "2"},
            {"HEADER Message-ID m1@x", "1"},
            {"HEADER X-None \"\"", ""},
            {"BODY eat", "1"},
            {"TEXT lunch", "1"},
            {"BODY lunch", ""},
            {"TEXT xxxxx", "3"},
            {"BODY \"needed\" SEEN", "2"}});
}

TEST_F(Search, CharsetsAreDecoded) {
    bed.play(std::string(selected) +
             "C: a SEARCH CHARSET UTF-8 BODY {6+}\nC: A\xc3\x87\xc3\x83"
             "O\n"
             R"(
        S: * SEARCH 2
        S: a OK SEARCH completed
        C: b SEARCH CHARSET UTF-8 SUBJECT {12+})"
             "\nC: \xd0\xbf\xd0\xb8\xd1\x81\xd1\x8c\xd0\xbc\xd0\xbe"
             R"(
        S: * SEARCH 2
        S: b OK SEARCH completed
    )");
}

TEST_F(Search, UidSearch) {
    bed.play(std::string(selected) + R"(
        C: a EXPUNGE
        S: * 3 EXPUNGE
        S: a OK ...
        D: alice four
        C: b UID SEARCH ALL
        S: * SEARCH 1 2
        S: * 3 EXISTS
        S: * ... RECENT
        S: b OK UID SEARCH completed
        C: c UID SEARCH 3
        S: * SEARCH 4
        S: c OK UID SEARCH completed
    )");
}

}  // namespace
}  // namespace postern::imap
