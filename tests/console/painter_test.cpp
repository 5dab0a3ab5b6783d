// A page through FTXUI onto a screen of fixed size: the same text, cell by cell.
#include "console/painter.hpp"

#include <gtest/gtest.h>

#include <ftxui/screen/screen.hpp>

#include "console/a_console.hpp"

namespace postern::console {
namespace {

std::string painted_row(ftxui::Screen& screen, int y) {
    std::string row;
    for (int x = 0; x < screen.dimx(); ++x) row += screen.PixelAt(x, y).character;
    return row;
}

TEST(Painter, PaintsEveryRowOfAPage) {
    AConsole console;
    for (int language = 0; language < language_count; ++language) {
        const Page page = console.console().draw({80, 24});
        auto screen =
            ftxui::Screen::Create(ftxui::Dimension::Fixed(80), ftxui::Dimension::Fixed(24));
        ftxui::Render(screen, paint(page));
        for (int y = 0; y < 24; ++y) {
            EXPECT_EQ(painted_row(screen, y), fit(plain_text(page.rows[std::size_t(y)]), 80));
        }
        EXPECT_TRUE(screen.PixelAt(0, 0).inverted);
        console.type("l");
    }
}

}  // namespace
}  // namespace postern::console
