// Columns, cuts and frames; see page.hpp.
#include "console/page.hpp"

#include <algorithm>
#include <utility>

namespace postern::console {
namespace {

struct Character {
    char32_t code = 0;
    std::size_t bytes = 1;
};

Character first_character(std::string_view text) {
    const auto lead = static_cast<unsigned char>(text[0]);
    const std::size_t bytes = lead < 0xc0 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    if (bytes == 1 || bytes > text.size()) return {lead, 1};
    char32_t code = lead & (0x7fU >> bytes);
    for (std::size_t i = 1; i < bytes; ++i) {
        code = (code << 6) | (static_cast<unsigned char>(text[i]) & 0x3fU);
    }
    return {code, bytes};
}

using Range = std::pair<char32_t, char32_t>;
constexpr Range combining[] = {{0x0300, 0x036f}, {0x0483, 0x0489}, {0x200b, 0x200f},
                               {0x20d0, 0x20ff}, {0xfe00, 0xfe0f}, {0xfe20, 0xfe2f}};
constexpr Range wide[] = {{0x1100, 0x115f},   {0x2e80, 0x303e},  {0x3041, 0xa4cf},
                          {0xac00, 0xd7a3},   {0xf900, 0xfaff},  {0xfe30, 0xfe6f},
                          {0xff00, 0xff60},   {0xffe0, 0xffe6},  {0x1f300, 0x1f64f},
                          {0x1f900, 0x1f9ff}, {0x20000, 0x3fffd}};

int width_of_code(char32_t code) {
    const auto holds = [&](const Range& range) {
        return code >= range.first && code <= range.second;
    };
    if (std::ranges::any_of(combining, holds)) return 0;
    return std::ranges::any_of(wide, holds) ? 2 : 1;
}

Row fit_row(const Row& row, int columns) {
    Row out;
    int left = columns;
    for (const Span& span : row) {
        const int width = width_of(span.text);
        if (width <= left) {
            out.push_back(span);
            left -= width;
            continue;
        }
        if (left > 0) out.push_back({fit(span.text, left), span.style});
        break;
    }
    return out;
}

}  // namespace

int width_of(std::string_view text) {
    int width = 0;
    while (!text.empty()) {
        const Character c = first_character(text);
        width += width_of_code(c.code);
        text.remove_prefix(c.bytes);
    }
    return width;
}

std::string_view front_of(std::string_view text, int columns) {
    std::size_t bytes = 0;
    while (bytes < text.size()) {
        const Character c = first_character(text.substr(bytes));
        columns -= width_of_code(c.code);
        if (columns < 0) break;
        bytes += c.bytes;
    }
    return text.substr(0, bytes);
}

std::string fit(std::string_view text, int columns) {
    columns = std::max(columns, 0);
    const int width = width_of(text);
    if (width <= columns) return std::string(text) + std::string(std::size_t(columns - width), ' ');
    if (columns == 0) return {};
    std::string cut(front_of(text, columns - 1));
    cut += std::string(std::size_t(columns - 1 - width_of(cut)), ' ');
    return cut + '~';
}

std::vector<std::string> wrap(std::string_view text, int columns) {
    columns = std::max(columns, 2);
    std::vector<std::string> lines;
    while (width_of(text) > columns) {
        const std::string_view front = front_of(text, columns);
        std::size_t end = front.size();
        if (text[end] != ' ') {
            const std::size_t space = front.find_last_of(' ');
            if (space != std::string_view::npos && space > 0) end = space;
        }
        lines.emplace_back(text.substr(0, end));
        text.remove_prefix(end);
        text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
    }
    if (!text.empty() || lines.empty()) lines.emplace_back(text);
    return lines;
}

Row ruler(std::string_view title, int columns) {
    std::string line;
    for (int i = width_of(title) + 4; i < columns; ++i) line += "─";
    return {{"──", Style::faint},
            {" " + std::string(title) + " ", Style::strong},
            {line, Style::faint}};
}

Row bar(std::string_view text, int columns) {
    return {{fit(text, columns), Style::bar}};
}

std::string plain_text(const Row& row) {
    std::string out;
    for (const Span& span : row) out += span.text;
    return out;
}

Page frame(Size size, std::string_view title, Rows body, std::string_view keys) {
    Page page{size, {}};
    page.rows.push_back(bar(title, size.columns));
    const auto room = std::size_t(std::max(size.rows - 2, 0));
    body.resize(room);
    for (const Row& row : body) page.rows.push_back(fit_row(row, size.columns));
    page.rows.push_back(bar(keys, size.columns));
    page.rows.resize(std::size_t(std::max(size.rows, 0)));
    return page;
}

}  // namespace postern::console
