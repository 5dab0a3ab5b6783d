// Spans to elements; see painter.hpp.
#include "console/painter.hpp"

#include <utility>

namespace postern::console {
namespace {

// The sixteen colours that every terminal has.
ftxui::Element styled(ftxui::Element element, Style style) {
    switch (style) {
        case Style::plain: return element;
        case Style::faint: return element | ftxui::dim;
        case Style::strong: return element | ftxui::bold;
        case Style::bar:
        case Style::chosen: return element | ftxui::inverted;
        case Style::good: return element | ftxui::color(ftxui::Color::Green);
        case Style::caution: return element | ftxui::color(ftxui::Color::Yellow);
        case Style::bad: return element | ftxui::color(ftxui::Color::Red) | ftxui::bold;
    }
    return element;
}

}  // namespace

ftxui::Element paint(const Page& page) {
    ftxui::Elements rows;
    for (const Row& row : page.rows) {
        ftxui::Elements spans;
        for (const Span& span : row) spans.push_back(styled(ftxui::text(span.text), span.style));
        if (spans.empty()) spans.push_back(ftxui::text(""));
        rows.push_back(ftxui::hbox(std::move(spans)));
    }
    return ftxui::vbox(std::move(rows));
}

}  // namespace postern::console
