// The form, the question and the text; see parts.hpp.
#include <algorithm>
#include <utility>

#include "console/limits.hpp"
#include "console/parts.hpp"

namespace postern::console {
namespace {

constexpr int label_width = 26;

void add_wrapped(std::string_view text, int columns, Style style, Rows& rows) {
    for (const std::string& line : wrap(text, columns - 4)) rows.push_back({{"  " + line, style}});
}

void drop_last_character(std::string& text) {
    while (!text.empty() && (static_cast<unsigned char>(text.back()) & 0xc0) == 0x80) {
        text.pop_back();
    }
    if (!text.empty()) text.pop_back();
}

class FormScreen final : public Form {
 public:
    explicit FormScreen(FormDescription description) : form_(std::move(description)) {}
    // Passwords do not stay in memory that is given away.
    ~FormScreen() override {
        for (FormField& field : form_.fields) std::ranges::fill(field.value, '\0');
    }

    void complain(std::string text) override { problem_ = std::move(text); }

    std::string title(const Console& console) const override {
        return heading_of(console, form_.title, form_.of);
    }
    std::string keys(const Console& console) const override { return console.say(Text::keys_form); }

    Rows body(const Console& console, Size size) const override {
        Rows rows(1);
        if (form_.introduction != Text::nothing) {
            add_wrapped(console.say(form_.introduction), size.columns, Style::plain, rows);
            rows.emplace_back();
        }
        for (std::size_t i = 0; i < form_.fields.size(); ++i) {
            rows.push_back(field_row(console, size, i));
        }
        rows.emplace_back();
        const Text help = form_.fields[chosen_].help;
        if (help != Text::nothing) {
            add_wrapped(console.say(help), size.columns, Style::faint, rows);
        }
        if (!problem_.empty()) add_wrapped(problem_, size.columns, Style::bad, rows);
        return rows;
    }

    void handle(Console& console, const Key& key) override {
        if (console.is_waiting(*this)) return;  // a second Enter is not a second request
        if (key.kind == Key::Kind::escape) {
            console.pop();
        } else if (key.kind == Key::Kind::enter) {
            go_on(console);
        } else if (key.kind == Key::Kind::tab || key.kind == Key::Kind::down) {
            chosen_ = (chosen_ + 1) % form_.fields.size();
        } else if (key.kind == Key::Kind::back_tab || key.kind == Key::Kind::up) {
            chosen_ = (chosen_ + form_.fields.size() - 1) % form_.fields.size();
        } else {
            edit(form_.fields[chosen_], key);
        }
    }

 private:
    // Enter: to the next field, on the last one the form is sent.
    void go_on(Console& console) {
        problem_.clear();
        if (chosen_ + 1 < form_.fields.size()) {
            ++chosen_;
            return;
        }
        std::vector<std::string> values;
        for (const FormField& field : form_.fields) values.push_back(field.value);
        form_.submit(console, *this, values);
    }

    static void edit(FormField& field, const Key& key) {
        if (field.kind == FieldKind::choice) {
            choose(field, key);
        } else if (key.kind == Key::Kind::backspace) {
            drop_last_character(field.value);
        } else if (key.kind == Key::Kind::character && !key.text.empty() &&
                   static_cast<unsigned char>(key.text[0]) >= 0x20 && key.text[0] != '\x7f' &&
                   field.value.size() + key.text.size() <= field_bytes_max) {
            field.value += key.text;
        }
    }
    static void choose(FormField& field, const Key& key) {
        const auto at = std::ranges::find(field.choices, field.value);
        const auto index = std::size_t(at - field.choices.begin());
        const std::size_t count = field.choices.size();
        const bool next = key.kind == Key::Kind::right || key.text == " ";
        if (next) field.value = field.choices[(index + 1) % count];
        if (key.kind == Key::Kind::left) field.value = field.choices[(index + count - 1) % count];
    }

    Row field_row(const Console& console, Size size, std::size_t index) const {
        const FormField& field = form_.fields[index];
        const bool is_chosen = index == chosen_;
        Row row = {{is_chosen ? "> " : "  ", Style::strong},
                   {fit(console.say(field.label), label_width), Style::plain}};
        const int room = size.columns - label_width - 6;
        if (field.kind == FieldKind::choice) {
            for (const std::string& choice : field.choices) {
                const bool is_value = choice == field.value;
                row.push_back({is_value ? "[" + choice + "] " : " " + choice + "  ",
                               is_value ? Style::strong : Style::faint});
            }
            return row;
        }
        std::string shown = field.value;
        if (field.kind == FieldKind::password) {
            shown = std::string(std::size_t(width_of(field.value)), '*');
        }
        // The end of what is typed is what one looks at.
        while (width_of(shown) > room) shown.erase(0, front_of(shown, 1).size());
        row.push_back({shown, Style::strong});
        if (is_chosen) row.push_back({" ", Style::chosen});
        const int left = room - width_of(shown) - (is_chosen ? 1 : 0);
        row.push_back({std::string(std::size_t(std::max(left, 0)), '_'), Style::faint});
        return row;
    }

    FormDescription form_;
    std::size_t chosen_ = 0;
    std::string problem_;
};

class ConfirmationScreen final : public Screen {
 public:
    explicit ConfirmationScreen(Confirmation confirmation) : asked_(std::move(confirmation)) {}

    std::string title(const Console& console) const override {
        return heading_of(console, asked_.title, {});
    }
    std::string keys(const Console& console) const override {
        return console.say(may_go_on() ? Text::keys_question : Text::key_back);
    }
    Rows body(const Console& console, Size size) const override {
        Rows rows(1);
        for (const std::string& words : asked_.words) {
            add_wrapped(words, size.columns, Style::plain, rows);
        }
        rows.emplace_back();
        if (is_planning_) add_wrapped(console.say(Text::waiting), size.columns, Style::faint, rows);
        if (may_go_on()) add_wrapped(console.say(Text::sure), size.columns, Style::caution, rows);
        add_wrapped(done_, size.columns, Style::bad, rows);
        return rows;
    }
    void appear(Console& console) override {
        if (asked_.plan_request.empty()) return;
        is_planning_ = true;
        console.ask(*this, asked_.plan_request, [this, &console](const Answer& answer) {
            is_planning_ = false;
            done_ = answer.error;
            if (!answer.ok) return;
            PlannedWords planned = asked_.plan(console, answer);
            asked_.words = std::move(planned.words);
            is_possible_ = planned.is_possible;
        });
    }
    void handle(Console& console, const Key& key) override {
        const bool may_leave = is_planning_ && key.kind == Key::Kind::escape;
        if (console.is_waiting(*this) && !may_leave) return;
        const bool yes = may_go_on() && (key.is('y') || key.text == console.say(Text::yes_key));
        const bool is_undone = !yes && may_go_on() && !asked_.request_on_no.empty();
        if (!yes && !is_undone) {
            console.pop();
            return;
        }
        const std::string& request = yes ? asked_.request : asked_.request_on_no;
        console.ask(*this, request, [this, &console](const Answer& answer) {
            done_ = answer.error;
            if (!answer.ok) return;
            console.refresh();
            if (asked_.then) {
                console.log_out();
                asked_.then(console);
                return;
            }
            for (int i = 0; i <= asked_.screens_below; ++i) console.pop();
        });
    }

 private:
    bool may_go_on() const { return done_.empty() && !is_planning_ && is_possible_; }

    Confirmation asked_;
    std::string done_;  // what went wrong
    bool is_planning_ = false;
    bool is_possible_ = true;
};

class ReadingScreen final : public Screen {
 public:
    explicit ReadingScreen(Reading reading) : reading_(std::move(reading)) { take(reading_.text); }

    std::string title(const Console& console) const override {
        return heading_of(console, reading_.title, reading_.of);
    }
    std::string keys(const Console& console) const override {
        std::string keys;
        if (is_typing_) return fill_in(console.say(Text::keys_filter), {filter_});
        const bool may_ask_again = !reading_.request.empty() && !reading_.refreshes;
        if (may_ask_again) keys = std::string("R ") + console.say(Text::key_again) + "  ";
        if (reading_.has_filter) keys = std::string("/ ") + console.say(Text::key_filter) + "  ";
        return keys + console.say(Text::keys_reading);
    }
    Rows body(const Console& console, Size size) const override {
        Rows rows;
        std::vector<std::string> lines;
        for (const std::string& line : lines_) {
            if (!filter_.empty() && line.find(filter_) == std::string::npos) continue;
            for (std::string& part : wrap(line, size.columns - 2)) lines.push_back(std::move(part));
        }
        const auto room = std::size_t(size.rows);
        // The scroll is kept as a distance from the end when the text grows there.
        const std::size_t most = lines.size() > room ? lines.size() - room : 0;
        const std::size_t offset = std::min(scroll_, most);
        const std::size_t from = reading_.refreshes ? most - offset : offset;
        for (std::size_t i = from; i < lines.size() && rows.size() < room; ++i) {
            rows.push_back({{" " + lines[i], Style::plain}});
        }
        if (lines.empty()) {
            const Text text = console.is_waiting(*this) ? Text::waiting : Text::none;
            rows.push_back({{std::string(" ") + console.say(text), Style::faint}});
        }
        return rows;
    }
    void handle(Console& console, const Key& key) override {
        if (is_typing_) {
            type_filter(key);
            return;
        }
        constexpr std::size_t page = 20;
        const bool upwards = reading_.refreshes;
        const auto move = [&](std::size_t by, bool back) {
            if (back != upwards) {
                scroll_ -= std::min(scroll_, by);
            } else {
                scroll_ = std::min(scroll_ + by, lines_.size() * 8);
            }
        };
        switch (key.kind) {
            case Key::Kind::escape: console.pop(); return;
            case Key::Kind::up: move(1, true); break;
            case Key::Kind::down: move(1, false); break;
            case Key::Kind::page_up: move(page, true); break;
            case Key::Kind::page_down: move(page, false); break;
            case Key::Kind::home: scroll_ = upwards ? lines_.size() : 0; break;
            case Key::Kind::end: scroll_ = upwards ? 0 : lines_.size(); break;
            default:
                is_typing_ = reading_.has_filter && key.text == "/";
                if (key.is('r') && !console.is_waiting(*this)) appear(console);
                break;
        }
    }
    void appear(Console& console) override {
        if (reading_.request.empty()) return;
        console.ask(*this, reading_.request, [this, &console](const Answer& answer) {
            take(answer.ok ? reading_.read(console, answer) : answer.error);
        });
    }
    void tick(Console& console) override {
        if (reading_.refreshes && !console.is_waiting(*this)) appear(console);
    }

 private:
    void take(std::string_view text) {
        lines_.clear();
        while (!text.empty()) {
            const std::string_view line = text.substr(0, text.find('\n'));
            lines_.emplace_back(line);
            text.remove_prefix(std::min(line.size() + 1, text.size()));
        }
    }
    void type_filter(const Key& key) {
        if (key.kind == Key::Kind::enter) is_typing_ = false;
        if (key.kind == Key::Kind::escape) {
            is_typing_ = false;
            filter_.clear();
        }
        if (key.kind == Key::Kind::backspace) drop_last_character(filter_);
        if (key.kind == Key::Kind::character && filter_.size() < field_bytes_max) {
            filter_ += key.text;
        }
    }

    Reading reading_;
    std::vector<std::string> lines_;
    std::size_t scroll_ = 0;
    std::string filter_;
    bool is_typing_ = false;
};

}  // namespace

std::string heading_of(const Console& console, Text title, const std::string& of) {
    return "Postern   " + std::string(console.say(title)) + (of.empty() ? "" : "   " + of);
}

FormField make_field(Text label, Text help, FieldKind kind) {
    FormField field;
    field.label = label;
    field.kind = kind;
    field.help = help;
    return field;
}

void send_form(Console& console, Form& form, std::string request,
               std::function<void(Console&, const Answer&)> then) {
    console.ask(form, std::move(request), [&console, &form, then](const Answer& answer) {
        if (!answer.ok) {
            form.complain(answer.error);
            return;
        }
        console.refresh();
        if (then) {
            then(console, answer);
        } else {
            console.pop();
        }
    });
}

std::shared_ptr<Form> make_form(FormDescription description) {
    return std::make_shared<FormScreen>(std::move(description));
}

std::shared_ptr<Screen> make_confirmation(Confirmation confirmation) {
    return std::make_shared<ConfirmationScreen>(std::move(confirmation));
}

void ask_first(Console& console, Text title, Text words, const std::vector<std::string>& values,
               std::string request) {
    Confirmation confirmation;
    confirmation.title = title;
    confirmation.words = {fill_in(console.say(words), values)};
    confirmation.request = std::move(request);
    console.push(make_confirmation(std::move(confirmation)));
}

std::shared_ptr<Screen> make_reading(Reading reading) {
    return std::make_shared<ReadingScreen>(std::move(reading));
}

}  // namespace postern::console
