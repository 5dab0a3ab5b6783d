// SORT (RFC 5256), SORT=DISPLAY (RFC 5957) and ESORT (RFC 5267 §3): refused forms, then every key
// against known messages.
#include <gtest/gtest.h>

#include "base/ascii.hpp"
#include "bed.hpp"
#include "engine/io.hpp"
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

// A mailbox of a hundred thousand, and of so many threads that answer each other in circles. The
// answers name every message once.
class ManyMessages : public testing::Test {
 protected:
    // In each command as many as APPEND takes. The simulated disk remembers each entry until its
    // directory is synced, which nobody needs of the spool.
    void fill() {
        for (unsigned n = 0; n < messages; n += append_messages_max) {
            std::string command = "b APPEND INBOX";
            for (unsigned i = n; i < n + append_messages_max; ++i) {
                const std::string text = message(i);
                command += " {" + std::to_string(text.size()) + "+}\r\n" + text;
            }
            const std::string said =
                bed.converse({"a LOGIN alice secret\r\n", command + "\r\n", "c LOGOUT\r\n"});
            ASSERT_NE(said.find("b OK [APPENDUID "), said.npos) << said.substr(0, 1'000);
            bed.run(0, forget_spool());
        }
    }
    static engine::task<void> forget_spool() {
        auto synced = co_await engine::sync_directory("/data/spool");
        EXPECT_TRUE(synced);
    }
    // Each answers two others, which answer it sooner or later.
    std::string message(unsigned n) const {
        auto id = [this](unsigned of) { return "<" + std::to_string(of % messages) + "@x>"; };
        return "Subject: " + std::to_string(n * 7'919 % messages) + "\r\nMessage-ID: " + id(n) +
               "\r\nReferences: " + id(n * 31 + 1) + ' ' + id(n + 1) + "\r\n\r\n";
    }
    void expect_all_in(const std::string& command, const std::string& head) {
        const std::string said = bed.converse(
            {"a LOGIN alice secret\r\nb EXAMINE INBOX\r\nc " + command + "\r\nd LOGOUT\r\n"});
        const std::size_t at = said.find("\r\n* " + head + ' ');
        ASSERT_NE(at, said.npos) << command;
        std::vector<bool> seen(messages + 1);
        unsigned found = 0;
        for (std::size_t i = said.find(' ', at + 4); said[i] != '\r';) {
            const std::size_t end = said.find_first_of(" ()\r", i);
            const auto number = parse_decimal32(std::string_view(said).substr(i, end - i));
            if (number && *number <= messages && !seen[*number]) {
                seen[*number] = true;
                ++found;
            } else if (end > i) {
                ADD_FAILURE() << said.substr(i, end - i);
                return;
            }
            i = said[end] == '\r' ? end : end + 1;
        }
        EXPECT_EQ(found, messages) << command;
    }

    const unsigned messages = is_large_run() ? 100'000 : 3'000;
    Bed bed;
};

TEST_F(ManyMessages, AreSortedAndThreaded) {
    fill();
    if (HasFatalFailure()) return;
    expect_all_in("SORT (SUBJECT REVERSE DATE) UTF-8 ALL", "SORT");
    expect_all_in("SORT (REVERSE SIZE FROM TO CC ARRIVAL) UTF-8 ALL", "SORT");
    for (const char* algorithm : {"REFERENCES", "REFS", "ORDEREDSUBJECT"}) {
        expect_all_in("THREAD " + std::string(algorithm) + " UTF-8 ALL", "THREAD");
    }
    const std::string said =
        bed.converse({"a LOGIN alice secret\r\nb EXAMINE INBOX\r\n"
                      "c SORT RETURN (COUNT PARTIAL 1:1) (SUBJECT) UTF-8 ALL\r\nd LOGOUT\r\n"});
    EXPECT_NE(said.find("PARTIAL (1:1 1) COUNT " + std::to_string(messages)), said.npos);
}

}  // namespace
}  // namespace postern::imap
