// Patterns of LIST: wildcards, the separator, INBOX, and patterns made to be slow.
#include "imap/list_pattern.hpp"

#include <gtest/gtest.h>

namespace postern::imap {
namespace {

bool match(std::string_view pattern, std::string_view name) {
    return ListPattern("", pattern).matches(name);
}

TEST(ListPattern, PlainNamesAreBytes) {
    EXPECT_TRUE(match("Work", "Work"));
    EXPECT_FALSE(match("work", "Work"));
    EXPECT_FALSE(match("Wor", "Work"));
    EXPECT_FALSE(match("Works", "Work"));
    EXPECT_TRUE(match("", ""));
}

TEST(ListPattern, PercentStopsAtTheSeparator) {
    EXPECT_TRUE(match("%", "Work"));
    EXPECT_FALSE(match("%", "Work/2024"));
    EXPECT_TRUE(match("%/%", "Work/2024"));
    EXPECT_TRUE(match("Work/%", "Work/2024"));
    EXPECT_FALSE(match("Work/%", "Work"));
    EXPECT_TRUE(match("W%k", "Wk"));
    EXPECT_FALSE(match("W%k", "W/k"));
}

TEST(ListPattern, StarMatchesAll) {
    EXPECT_TRUE(match("*", "Work/2024/May"));
    EXPECT_TRUE(match("*", ""));
    EXPECT_TRUE(match("*May", "Work/2024/May"));
    EXPECT_TRUE(match("W*y", "Work/2024/May"));
    EXPECT_TRUE(match("*%", "Work/2024"));
    EXPECT_TRUE(match("%*", "Work/2024"));
    EXPECT_FALSE(match("*x", "Work"));
    EXPECT_TRUE(match("*a%b", "xab/a1a2b"));
    EXPECT_FALSE(match("*a%b", "a/b"));
}

TEST(ListPattern, TheReferenceStandsInFront) {
    EXPECT_TRUE(ListPattern("Work/", "%").matches("Work/2024"));
    EXPECT_FALSE(ListPattern("Work/", "%").matches("Work"));
    EXPECT_TRUE(ListPattern("", "Work").matches("Work"));
}

// RFC 2683 §3.4.9: as one goes to a directory.
TEST(ListPattern, OneSeparatorIsBetweenThem) {
    for (const char* reference : {"Work", "Work/"}) {
        for (const char* pattern : {"%", "/%", "2024", "/2024"}) {
            EXPECT_TRUE(ListPattern(reference, pattern).matches("Work/2024")) << pattern;
            EXPECT_FALSE(ListPattern(reference, pattern).matches("Work")) << pattern;
            EXPECT_FALSE(ListPattern(reference, pattern).matches("Workshop")) << pattern;
        }
    }
    EXPECT_TRUE(ListPattern("Work", "*").matches("Work/2024/May"));
    EXPECT_TRUE(ListPattern("inbox", "%").matches("INBOX/a"));
    EXPECT_TRUE(ListPattern("Work", "").matches("Work"));
}

// RFC 3501 §5.1: INBOX in any case.
TEST(ListPattern, InboxInAnyCase) {
    for (auto pattern : {"inbox", "InBox", "inb%", "%BOX", "*", "i*x"}) {
        EXPECT_TRUE(match(pattern, "INBOX")) << pattern;
    }
    EXPECT_TRUE(match("inbox/%", "INBOX/a"));
    EXPECT_FALSE(match("inboxes", "INBOX"));
    EXPECT_FALSE(match("w*", "WORK"));
}

TEST(ListPattern, ManyWildcardsEndSoon) {
    std::string pattern;
    for (int i = 0; i < 1'000; ++i) pattern += "*a%";
    std::string name(500, 'a');
    ListPattern hostile("", pattern + "b");
    for (int i = 0; i < 1'000; ++i) EXPECT_FALSE(hostile.matches(name));
    std::string stars(4'000, '*');
    EXPECT_TRUE(match(stars, name));
    std::string some;
    for (int i = 0; i < 200; ++i) some += "%a*";
    EXPECT_TRUE(match(some, name));
    EXPECT_FALSE(match(some + "b", name));
}

}  // namespace
}  // namespace postern::imap
