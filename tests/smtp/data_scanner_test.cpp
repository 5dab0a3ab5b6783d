// The DATA scanner: what does not end a message first, then each message cut at every position.
// RFC 5321 §4.1.1.4, §4.5.2, §2.3.8.
#include "smtp/data_scanner.hpp"

#include <gtest/gtest.h>

#include <string>

namespace postern::smtp {
namespace {

struct ScanOutcome {
    std::string content;
    std::size_t taken = 0;
    bool ended = false;
    bool bare = false;
    bool nul = false;
    friend bool operator==(const ScanOutcome&, const ScanOutcome&) = default;
};

ScanOutcome scan(std::string_view wire, std::vector<std::size_t> cuts) {
    DataScanner scanner;
    ScanOutcome outcome;
    std::size_t begin = 0;
    cuts.push_back(wire.size());
    for (std::size_t end : cuts) {
        std::vector<std::string_view> slices;
        const std::string piece(wire.substr(begin, end - begin));  // memory of its own
        outcome.taken += scanner.scan(piece, slices);
        for (std::string_view slice : slices) outcome.content += slice;
        begin = end;
    }
    outcome.ended = scanner.ended();
    outcome.bare = scanner.has_bare_cr_or_lf();
    outcome.nul = scanner.has_nul();
    EXPECT_EQ(scanner.content_bytes(), outcome.content.size());
    return outcome;
}

// Whole, and cut at every one and every two positions: always the same.
ScanOutcome scan_cut(std::string_view wire) {
    const ScanOutcome whole = scan(wire, {});
    for (std::size_t a = 0; a <= wire.size(); ++a) {
        EXPECT_EQ(scan(wire, {a}), whole) << wire << " cut at " << a;
        for (std::size_t b = a; b <= wire.size(); ++b) {
            EXPECT_EQ(scan(wire, {a, b}), whole) << wire << " cut at " << a << " and " << b;
        }
    }
    return whole;
}

TEST(DataScanner, OnlyTheWholeMarkEndsTheData) {
    for (const char* form : {"a\n.\nQ", "a\n.\r\nQ", "a\r\n.\nQ", "a\r.\rQ", "a\r\n.\rQ",
                             "a\r.\r\nQ", "a\n.\rQ", "a\r\r.\r\nQ", "\n.\r\n", "a.\r\nQ",
                             "a\r\n.\r\r\nQ", "a\r\n\r.\r\nQ", "a\n\r\n\r.\r\n"}) {
        const ScanOutcome outcome = scan_cut(form);
        EXPECT_FALSE(outcome.ended) << form;
        EXPECT_EQ(outcome.bare, std::string_view(form) != "a.\r\nQ") << form;
    }
    EXPECT_FALSE(scan_cut(std::string_view("a\r\n\0.\r\n", 7)).ended);
    EXPECT_FALSE(scan_cut("a\r\n.").ended);
    EXPECT_FALSE(scan_cut("a\r\n.\r").ended);
    EXPECT_FALSE(scan_cut("a\r\n .\r\n").ended);
}

TEST(DataScanner, NotesBareLineEndsAndNul) {
    EXPECT_TRUE(scan_cut("a\nb\r\n.\r\n").bare);
    EXPECT_TRUE(scan_cut("a\rb\r\n.\r\n").bare);
    EXPECT_TRUE(scan_cut("a\r\r\n.\r\n").bare);
    EXPECT_TRUE(scan_cut("\na\r\n.\r\n").bare);
    EXPECT_TRUE(scan_cut(".\ra\r\n.\r\n").bare);
    EXPECT_FALSE(scan_cut("a\r\n\r\nb\r\n.\r\n").bare);
    EXPECT_TRUE(scan_cut(std::string_view("a\0b\r\n.\r\n", 8)).nul);
    EXPECT_FALSE(scan_cut("ab\r\n.\r\n").nul);
}

TEST(DataScanner, GoesOnToTheMarkAfterABareEnd) {
    const ScanOutcome outcome = scan_cut("a\n.\r\nb\r\n.\r\nQUIT");
    EXPECT_TRUE(outcome.ended);
    EXPECT_TRUE(outcome.bare);
    EXPECT_EQ(outcome.taken, 11u);
}

TEST(DataScanner, AnEmptyMessageIsAMessage) {
    const ScanOutcome outcome = scan_cut(".\r\nQUIT\r\n");
    EXPECT_TRUE(outcome.ended);
    EXPECT_EQ(outcome.content, "");
    EXPECT_EQ(outcome.taken, 3u);
}

TEST(DataScanner, TakesTheFirstDotOfALine) {
    const ScanOutcome outcome = scan_cut("..a\r\n.b\r\n...\r\n..\r\nc.\r\n.\r\nx");
    EXPECT_TRUE(outcome.ended);
    EXPECT_FALSE(outcome.bare);
    EXPECT_EQ(outcome.content, ".a\r\nb\r\n..\r\n.\r\nc.\r\n");
}

TEST(DataScanner, SlicesAreTheInputItself) {
    const std::string wire = "one\r\ntwo\r\n..three\r\nfour\r\n.\r\n";
    DataScanner scanner;
    std::vector<std::string_view> slices;
    EXPECT_EQ(scanner.scan(wire, slices), wire.size());
    ASSERT_EQ(slices.size(), 2u);
    EXPECT_EQ(slices[0].data(), wire.data());
    EXPECT_EQ(slices[0], "one\r\ntwo\r\n");
    EXPECT_EQ(slices[1].data(), wire.data() + 11);
    EXPECT_EQ(slices[1], ".three\r\nfour\r\n");
}

TEST(DataScanner, TakesNothingAfterTheEnd) {
    DataScanner scanner;
    std::vector<std::string_view> slices;
    scanner.scan("a\r\n.\r\n", slices);
    slices.clear();
    EXPECT_EQ(scanner.scan("more", slices), 0u);
    EXPECT_TRUE(slices.empty());
}

}  // namespace
}  // namespace postern::smtp
