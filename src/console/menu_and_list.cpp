// The menu and the list; see parts.hpp.
#include <algorithm>
#include <utility>

#include "console/parts.hpp"

namespace postern::console {
namespace {

constexpr int gap_columns = 2;

// The first row to show, so that `chosen` is among `room` rows.
std::size_t first_shown(std::size_t chosen, std::size_t count, std::size_t room) {
    if (count <= room || chosen < room / 2) return 0;
    return std::min(chosen - room / 2, count - room);
}

// Up, down, a page, the ends. Whether the key was one of those.
bool move_choice(const Key& key, std::size_t count, std::size_t& chosen) {
    constexpr std::size_t page = 15;
    const std::size_t last = count == 0 ? 0 : count - 1;
    switch (key.kind) {
        case Key::Kind::up: chosen -= chosen > 0 ? 1 : 0; return true;
        case Key::Kind::down: chosen = std::min(chosen + 1, last); return true;
        case Key::Kind::page_up: chosen -= std::min(chosen, page); return true;
        case Key::Kind::page_down: chosen = std::min(chosen + page, last); return true;
        case Key::Kind::home: chosen = 0; return true;
        case Key::Kind::end: chosen = last; return true;
        default: return false;
    }
}

class MenuScreen final : public Screen {
 public:
    explicit MenuScreen(Menu menu) : menu_(std::move(menu)) {}

    std::string title(const Console& console) const override {
        return heading_of(console, menu_.title, console.status().host_name);
    }
    Rows body(const Console& console, Size size) const override {
        Rows rows(1);
        for (std::size_t i = 0; i < menu_.entries.size(); ++i) {
            const std::string number = i < 9 ? std::to_string(i + 1) : " ";
            const std::string line = "  " + number + "  " + console.say(menu_.entries[i].label);
            const Style style = i == chosen_ ? Style::chosen : Style::plain;
            rows.push_back({{fit(line, size.columns), style}});
        }
        rows.emplace_back();
        add_lines(text_, size.columns, Style::plain, rows);
        add_lines(problem_, size.columns, Style::bad, rows);
        return rows;
    }
    std::string keys(const Console& console) const override {
        return std::string(console.say(Text::keys_menu)) + console.say(menu_.leave);
    }
    void appear(Console& console) override {
        if (!menu_.request.empty()) ask(console, menu_.request);
    }
    void tick(Console& console) override {
        if (!console.is_waiting(*this)) appear(console);
    }
    void handle(Console& console, const Key& key) override {
        if (move_choice(key, menu_.entries.size(), chosen_)) return;
        if (key.kind == Key::Kind::escape || key.is('0')) {
            console.pop();
            return;
        }
        if (key.kind == Key::Kind::character && key.text >= "1" && key.text <= "9") {
            const auto number = std::size_t(key.text[0] - '1');
            if (number >= menu_.entries.size()) return;
            chosen_ = number;
            open_chosen(console);
        } else if (key.kind == Key::Kind::enter && !menu_.entries.empty()) {
            open_chosen(console);
        }
    }

 private:
    void open_chosen(Console& console) {
        const MenuEntry& entry = menu_.entries[chosen_];
        problem_.clear();
        if (entry.request.empty()) {
            entry.open(console);
        } else {
            ask(console, entry.request);
        }
    }
    void ask(Console& console, const std::string& request) {
        console.ask(*this, request, [this, &console](const Answer& answer) {
            if (answer.ok) text_ = menu_.read(console, answer);
            if (!answer.ok) problem_ = answer.error;
        });
    }
    static void add_lines(std::string_view text, int columns, Style style, Rows& rows) {
        while (!text.empty()) {
            const std::string_view line = text.substr(0, text.find('\n'));
            for (const std::string& part : wrap(line, columns - 4)) {
                rows.push_back({{"  " + part, style}});
            }
            text.remove_prefix(std::min(line.size() + 1, text.size()));
        }
    }

    Menu menu_;
    std::size_t chosen_ = 0;
    std::string text_;
    std::string problem_;  // what was refused, until another entry is chosen
};

class ListScreen final : public Screen {
 public:
    explicit ListScreen(List list) : list_(std::move(list)) {}

    std::string title(const Console& console) const override {
        return heading_of(console, list_.title, list_.of);
    }
    std::string keys(const Console& console) const override {
        std::string keys;
        bool is_first = true;
        for (const ListAction& action : list_.actions) {
            if (!std::exchange(is_first, false) || !action.needs_row) {
                keys += char(action.key - 32);
            } else {
                keys += console.say(Text::key_enter);
            }
            keys += std::string(" ") + console.say(action.label) + "  ";
        }
        return keys + console.say(Text::key_back);
    }

    Rows body(const Console& console, Size size) const override {
        Rows rows;
        if (!error_.empty()) {
            for (const std::string& line : wrap(error_, size.columns - 2)) {
                rows.push_back({{" " + line, Style::bad}});
            }
            return rows;
        }
        if (table_.rows.empty()) {
            const Text text = is_loaded_ ? list_.when_empty : Text::waiting;
            rows.push_back({{std::string(" ") + console.say(text), Style::faint}});
            return rows;
        }
        const std::vector<int> widths = column_widths(size.columns);
        rows.push_back({{line_of(table_.heading, widths), Style::strong}});
        const auto room = std::size_t(std::max(size.rows - 1, 1));
        const std::size_t from = first_shown(chosen_, table_.rows.size(), room);
        for (std::size_t i = from; i < table_.rows.size() && i < from + room; ++i) {
            const Style style = i == chosen_ ? Style::chosen : Style::plain;
            rows.push_back({{fit(line_of(table_.rows[i], widths), size.columns), style}});
        }
        return rows;
    }

    void handle(Console& console, const Key& key) override {
        if (key.kind == Key::Kind::escape) {
            console.pop();
            return;
        }
        if (move_choice(key, table_.rows.size(), chosen_)) return;
        const std::vector<std::string> row =
            chosen_ < table_.rows.size() ? table_.rows[chosen_] : std::vector<std::string>();
        bool is_first = true;
        for (const ListAction& action : list_.actions) {
            const bool entered =
                std::exchange(is_first, false) && action.needs_row && key.kind == Key::Kind::enter;
            if (!entered && !key.is(action.key)) continue;
            if (!action.needs_row || !row.empty()) action.run(console, row);
            return;
        }
    }

    void appear(Console& console) override {
        console.ask(*this, list_.request, [this, &console](const Answer& answer) {
            is_loaded_ = answer.ok;
            error_ = answer.error;
            if (!answer.ok) return;
            table_ = list_.read(console, answer.line);
            chosen_ = std::min(chosen_, table_.rows.empty() ? 0 : table_.rows.size() - 1);
        });
    }
    void tick(Console& console) override {
        if (list_.refreshes && !console.is_waiting(*this)) appear(console);
    }

 private:
    // As wide as their cells, the widest cut until all fit.
    std::vector<int> column_widths(int columns) const {
        std::vector<int> widths;
        const auto take = [&](const std::vector<std::string>& row) {
            widths.resize(std::max(widths.size(), row.size()));
            for (std::size_t i = 0; i < row.size(); ++i) {
                widths[i] = std::max(widths[i], width_of(row[i]));
            }
        };
        take(table_.heading);
        for (const auto& row : table_.rows) take(row);
        const int room = columns - 2 - gap_columns * int(widths.size());
        int total = 0;
        for (const int width : widths) total += width;
        while (total > room && !widths.empty()) {
            int& widest = *std::ranges::max_element(widths);
            if (widest <= 4) break;
            --widest;
            --total;
        }
        return widths;
    }
    static std::string line_of(const std::vector<std::string>& row,
                               const std::vector<int>& widths) {
        std::string line = " ";
        for (std::size_t i = 0; i < row.size() && i < widths.size(); ++i) {
            line += fit(row[i], widths[i]) + std::string(gap_columns, ' ');
        }
        return line;
    }

    List list_;
    Table table_;
    std::string error_;
    std::size_t chosen_ = 0;
    bool is_loaded_ = false;
};

}  // namespace

std::shared_ptr<Screen> make_menu(Menu menu) {
    return std::make_shared<MenuScreen>(std::move(menu));
}

std::shared_ptr<Screen> make_list(List list) {
    return std::make_shared<ListScreen>(std::move(list));
}

}  // namespace postern::console
