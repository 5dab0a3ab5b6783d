// A place for text of several lines, pasted or typed; see parts.hpp.
#include <algorithm>
#include <utility>

#include "console/limits.hpp"
#include "console/parts.hpp"

namespace postern::console {
namespace {

class PasteScreen final : public Form {
 public:
    explicit PasteScreen(Paste paste) : paste_(std::move(paste)) {}
    // There may be a key in it.
    ~PasteScreen() override { std::ranges::fill(text_, '\0'); }

    void complain(std::string text) override { problem_ = std::move(text); }
    std::string title(const Console& console) const override {
        return heading_of(console, paste_.title, {});
    }
    std::string keys(const Console& console) const override {
        return console.say(Text::keys_paste);
    }
    Rows body(const Console& console, Size size) const override {
        Rows rows(1);
        const auto add = [&](std::string_view words, Style style) {
            for (const std::string& line : wrap(words, size.columns - 4)) {
                rows.push_back({{"  " + line, style}});
            }
        };
        add(console.say(paste_.introduction), Style::plain);
        add(problem_, Style::bad);
        rows.emplace_back();
        const auto room = std::size_t(std::max(size.rows - int(rows.size()), 1));
        std::vector<std::string> lines(1);
        for (const char c : text_) {
            if (c == '\n') {
                lines.emplace_back();
            } else {
                lines.back() += c;
            }
        }
        const std::size_t from = lines.size() > room ? lines.size() - room : 0;
        for (std::size_t i = from; i < lines.size(); ++i) {
            rows.push_back({{"  " + fit(lines[i], std::min(width_of(lines[i]), size.columns - 4)),
                             Style::plain}});
        }
        return rows;
    }
    void handle(Console& console, const Key& key) override {
        if (console.is_waiting(*this)) return;
        const bool is_end = !text_.empty() && text_.back() == '\n';
        switch (key.kind) {
            case Key::Kind::escape: console.pop(); return;
            case Key::Kind::enter: take("\n"); return;
            case Key::Kind::backspace:
                if (!text_.empty()) text_.pop_back();
                return;
            case Key::Kind::character: take(key.text); return;
            case Key::Kind::function: break;
            default: return;
        }
        if (key.is_function(2)) paste_.submit(console, *this, is_end ? text_ : text_ + "\n");
    }

 private:
    void take(std::string_view more) {
        if (text_.size() + more.size() <= pasted_bytes_max) text_ += more;
    }

    Paste paste_;
    std::string text_;
    std::string problem_;
};

}  // namespace

std::shared_ptr<Form> make_paste(Paste paste) {
    return std::make_shared<PasteScreen>(std::move(paste));
}

}  // namespace postern::console
