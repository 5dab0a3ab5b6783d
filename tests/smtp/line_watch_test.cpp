// Bare CR and LF and NUL, in pieces cut anywhere. RFC 5321 §2.3.8.
#include "smtp/line_watch.hpp"

#include <gtest/gtest.h>

#include <string>

namespace postern::smtp {
namespace {

// By the letter: every CR has its LF, every LF its CR; a CR at the end still waits.
bool is_bare(std::string_view text) {
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '\n' && (i == 0 || text[i - 1] != '\r')) return true;
        if (text[i] == '\r' && i + 1 < text.size() && text[i + 1] != '\n') return true;
    }
    return false;
}

TEST(LineWatch, EveryShortText) {
    constexpr std::string_view alphabet("\r\nx\0", 4);
    for (unsigned number = 0; number < 4 * 4 * 4 * 4 * 4 * 4; ++number) {
        std::string text;
        for (unsigned rest = number, i = 0; i < 6; ++i, rest /= 4) text += alphabet[rest % 4];
        for (const std::size_t step : {1u, 2u, 3u, 6u}) {
            LineWatch watch;
            for (std::size_t i = 0; i < text.size(); i += step) {
                watch.feed(std::string_view(text).substr(i, step));
            }
            EXPECT_EQ(watch.has_bare_cr_or_lf(), is_bare(text)) << number << " " << step;
            EXPECT_EQ(watch.has_nul(), text.find('\0') != std::string::npos);
            EXPECT_EQ(watch.at_line_start(), text.ends_with("\r\n")) << number << " " << step;
            EXPECT_EQ(watch.bytes(), text.size());
        }
    }
}

TEST(LineWatch, NothingIsTheStartOfALine) {
    LineWatch watch;
    EXPECT_TRUE(watch.at_line_start());
    watch.feed("");
    EXPECT_TRUE(watch.at_line_start());
}

}  // namespace
}  // namespace postern::smtp
