// SORT (RFC 5256), SORT=DISPLAY (RFC 5957) and ESORT (RFC 5267 §3): refused forms, then every key
// against known messages.
#include <gtest/gtest.h>

#include "bed.hpp"
#include "imap/limits.hpp"

namespace postern::imap {
namespace {

class Sort : public testing::Test {
 protected:
    void deliver(std::string_view from, std::string_view to, std::string_view date,
                 std::string_view subject, std::size_t size) {
        std::string text = "From: " + std::string(from) + "\r\n";
        if (!to.empty()) text += "To: " + std::string(to) + "\r\nCc: " + std::string(to) + "\r\n";
        if (!date.empty()) text += "Date: " + std::string(date) + "\r\n";
        text += "Subject: " + std::string(subject) + "\r\n\r\n" + std::string(size, 'x') + "\r\n";
        bed.deliver("alice", text);
    }
    void SetUp() override {
        deliver("Zoe <bob@y.test>", "m@x.test", "Mon, 7 Feb 1994 10:00:00 +0000", "Re: beta", 500);
        deliver("=?koi8-r?B?4c7O?= <Carol@y.test>", "a@x.test", "Mon, 7 Feb 1994 11:30:00 +0200",
                "Alpha", 100);
        deliver("alice@y.test", "", "", "[list] BETA (fwd)", 900);
        deliver("Yan <alice@a.test>", "Z@x.test", "Tue, 1 Jan 1980 00:00:00 +0000", "beta", 300);
        deliver("\"\" <>", "group: q@x.test, b@x.test;", "nonsense", "=?utf-8?Q?=C3=84pfel?=", 200);
    }
    // Each row "criteria = numbers".
    void expect(std::initializer_list<std::pair<std::string, std::string>> rows) {
        std::string text = "L: alice\nC: s SELECT INBOX\nU: s OK ...\n";
        for (const auto& [criteria, numbers] : rows) {
            text += "C: a SORT " + criteria + " UTF-8 ALL\nS: * SORT " + numbers +
                    "\nS: a OK SORT completed\n";
        }
        bed.play(text);
    }
    Bed bed;
};

// RFC 5255 §4.6: its example. What is no UTF-8 comes after all that can be read.
TEST_F(Sort, WhatCannotBeDecodedComesLast) {
    Bed other;
    for (std::string_view subject :
         {"=?utf-8?B?0MDQvdC00YDQtdC5?=", "=?utf-8?B?0YHQldCg0JPQldCZ?=",
          "=?utf-8?B?0JLQsNGB0LjQu9C4/7k=?=", "=?koi8-r?B?4czFy9PFyg==?=", "zzz"}) {
        other.deliver("alice",
                      "From: a@x.test\r\nSubject: " + std::string(subject) + "\r\n\r\nx\r\n");
    }
    other.play(R"(
        L: alice
        C: s SELECT INBOX
        U: s OK ...
        C: a SORT (SUBJECT) UTF-8 ALL
        S: * SORT 5 4 2 3 1
        S: a OK SORT completed
        C: b SORT (REVERSE SUBJECT) UTF-8 ALL
        S: * SORT 1 3 2 4 5
        S: b OK SORT completed
    )");
}

TEST_F(Sort, RefusedForms) {
    std::string many = "ARRIVAL";
    for (std::size_t i = 0; i < sort_criteria_max; ++i) many += " ARRIVAL";
    bed.play(R"(
        L: alice
        C: a SORT (ARRIVAL) UTF-8 ALL
        S: a BAD Command not allowed now
        C: s SELECT INBOX
        U: s OK ...
        C: a SORT
        S: a BAD Missing argument
        C: a SORT ARRIVAL UTF-8 ALL
        S: a BAD Opening parenthesis expected
        C: a SORT () UTF-8 ALL
        S: a BAD Keyword expected
        C: a SORT (COLOUR) UTF-8 ALL
        S: a BAD Unknown sort key
        C: a SORT (REVERSE) UTF-8 ALL
        S: a BAD Space expected
        C: a SORT (ARRIVAL) UTF-8
        S: a BAD Missing argument
        C: a SORT (ARRIVAL) X-KLINGON ALL
        S: a NO [BADCHARSET ...
        C: a SORT ()" +
             many + R"() UTF-8 ALL
        S: a BAD Too many sort criteria
    )");
}

TEST_F(Sort, EveryKey) {
    expect({{"(ARRIVAL)", "1 2 3 4 5"},
            {"(REVERSE ARRIVAL)", "1 2 3 4 5"},  // delivered within one second
            {"(SIZE)", "2 5 4 1 3"},
            {"(REVERSE SIZE)", "3 1 4 5 2"},
            {"(DATE)", "4 2 1 3 5"},  // without a date: when it came
            {"(FROM)", "5 3 4 1 2"},
            {"(REVERSE FROM)", "2 1 3 4 5"},
            {"(TO)", "3 2 5 1 4"},
            {"(CC)", "3 2 5 1 4"},
            {"(DISPLAYFROM)", "5 3 4 1 2"},
            {"(DISPLAYTO)", "3 2 5 1 4"},
            {"(SUBJECT)", "2 5 1 3 4"},
            {"(SUBJECT REVERSE SIZE)", "2 5 3 1 4"},
            {"(REVERSE SUBJECT SIZE)", "4 1 3 5 2"}});
}

TEST_F(Sort, SearchesAndAnswersByUid) {
    bed.play(R"(
        L: alice
        C: s SELECT INBOX
        U: s OK ...
        C: x STORE 2 +FLAGS.SILENT (\Deleted)
        S: x OK ...
        C: y EXPUNGE
        S: * 2 EXPUNGE
        S: y OK ...
        C: a UID SORT (SIZE) US-ASCII SUBJECT beta
        S: * SORT 4 1 3
        S: a OK UID SORT completed
        C: b SORT (SIZE) US-ASCII SUBJECT beta
        S: * SORT 3 1 2
        S: b OK SORT completed
        C: c SORT (SIZE) UTF-8 SUBJECT nothing
        S: * SORT
        S: c OK SORT completed
        C: d SORT (SIZE) UTF-8 MODSEQ 1 UID 1
        S: * OK [HIGHESTMODSEQ ...
        S: * SORT 1 (MODSEQ ...)
        S: d OK SORT completed
    )");
}

// RFC 5267 §3.1, §3.2: MIN and MAX are the ends of the order, ranges ascend.
TEST_F(Sort, Extended) {
    bed.play(R"(
        L: alice
        C: s SELECT INBOX
        U: s OK ...
        C: a SORT RETURN () (REVERSE SIZE) UTF-8 ALL
        S: * ESEARCH (TAG "a") ALL 3,1,4:5,2
        S: a OK SORT completed
        C: b UID SORT RETURN (MIN MAX COUNT PARTIAL 2:3) (SIZE) UTF-8 ALL
        S: * ESEARCH (TAG "b") UID MIN 2 MAX 3 PARTIAL (2:3 5,4) COUNT 5
        S: b OK UID SORT completed
        C: c SORT RETURN (PARTIAL -1:-2 SAVE) (SIZE) UTF-8 ALL
        S: * ESEARCH (TAG "c") PARTIAL (-1:-2 1,3)
        S: c OK SORT completed
        C: d SEARCH $
        S: * SEARCH 1 3
        S: d OK SEARCH completed
    )");
}

}  // namespace
}  // namespace postern::imap
