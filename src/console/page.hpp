// What the console shows, before any terminal: rows of spans with a style, and the arithmetic of
// columns. Pure. Texts here are UTF-8 that holds no control character: whoever makes a span of what
// somebody else sent escapes it first (cells.hpp).
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace postern::console {

struct Size {
    int columns = 80;
    int rows = 24;
    friend bool operator==(const Size&, const Size&) = default;
};

enum class Style : unsigned char { plain, faint, strong, bar, chosen, good, caution, bad };

struct Span {
    std::string text;
    Style style = Style::plain;
};
using Row = std::vector<Span>;
using Rows = std::vector<Row>;

// Exactly size.rows rows, none wider than size.columns.
struct Page {
    Size size;
    Rows rows;
};

// Columns that a terminal gives to UTF-8 text: two for the wide characters of East Asia, none for
// combining ones.
int width_of(std::string_view text);
// The longest front of `text` that fits.
std::string_view front_of(std::string_view text, int columns);
// Exactly `columns` wide: cut, which "~" shows, or filled with spaces.
std::string fit(std::string_view text, int columns);
// Lines of at most `columns`, broken at spaces where there are any. At least one line.
std::vector<std::string> wrap(std::string_view text, int columns);

// "── Title ─────", as wide as the page.
Row ruler(std::string_view title, int columns);
// A row of one style, filled to the width.
Row bar(std::string_view text, int columns);
// The text of a row without styles.
std::string plain_text(const Row& row);

// Cuts and fills: `body` between a bar above and a bar below.
Page frame(Size size, std::string_view title, Rows body, std::string_view keys);

}  // namespace postern::console
