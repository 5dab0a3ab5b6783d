// Widths, cuts and frames: broken UTF-8 first.
#include "console/page.hpp"

#include <gtest/gtest.h>

namespace postern::console {
namespace {

TEST(Page, BrokenTextHasSomeWidth) {
    EXPECT_EQ(width_of("\xff\xfe"), 2);
    EXPECT_EQ(width_of("a\xe2\x82"), 3);
    EXPECT_EQ(fit("\xd0", 3), "\xd0  ");
    EXPECT_EQ(fit("abc", -1), "");
    EXPECT_EQ(wrap("", 10), std::vector<std::string>{""});
    EXPECT_EQ(wrap("abcdef", 0).size(), 3U);
}

TEST(Page, WidthIsInColumns) {
    EXPECT_EQ(width_of("Почта"), 5);
    EXPECT_EQ(width_of("e\xcc\x81"), 1);  // with a combining accent
    EXPECT_EQ(width_of("日本"), 4);
    EXPECT_EQ(front_of("日本", 3), "日");
}

TEST(Page, FitCutsAndFills) {
    EXPECT_EQ(fit("abc", 5), "abc  ");
    EXPECT_EQ(fit("abc", 3), "abc");
    EXPECT_EQ(fit("abcd", 3), "ab~");
    EXPECT_EQ(fit("日本語", 4), "日 ~");
}

TEST(Page, WrapsAtSpaces) {
    const std::vector<std::string> expected = {"one two", "three", "fourfiv", "esix"};
    EXPECT_EQ(wrap("one two three fourfivesix", 7), expected);
    for (const std::string& line : wrap("слово слово слово", 6)) EXPECT_LE(width_of(line), 6);
}

TEST(Page, AFrameIsExactlyAsLargeAsTheTerminal) {
    for (const Size size : {Size{80, 24}, Size{20, 3}, Size{1, 1}, Size{0, 0}}) {
        Rows body;
        for (int i = 0; i < 40; ++i) body.push_back({{std::string(200, 'x'), Style::plain}});
        const Page page = frame(size, "title", body, "keys");
        EXPECT_EQ(page.rows.size(), std::size_t(size.rows));
        for (const Row& row : page.rows) EXPECT_LE(width_of(plain_text(row)), size.columns);
    }
    const Page page = frame({80, 24}, "title", {}, "keys");
    EXPECT_EQ(plain_text(page.rows.front()), fit("title", 80));
    EXPECT_EQ(plain_text(page.rows.back()), fit("keys", 80));
}

}  // namespace
}  // namespace postern::console
