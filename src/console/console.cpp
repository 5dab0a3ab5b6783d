// The stack of screens and the questions under way; see console.hpp.
#include "console/console.hpp"

#include <algorithm>
#include <utility>

#include "console/limits.hpp"
#include "console/status_screen.hpp"

namespace postern::console {

Console::Console(Formatters formatters) : formatters_(std::move(formatters)) {
    screens_.push_back(make_status_screen());
    refresh();
}

Page Console::draw(Size size) const {
    if (size.columns < columns_min || size.rows < rows_min) {
        Rows body;
        for (std::string& line : wrap(say(Text::too_small), std::max(size.columns, 2))) {
            body.push_back({{std::move(line), Style::caution}});
        }
        return frame(size, " Postern", std::move(body), "");
    }
    const Size room{size.columns, size.rows - 2};
    const std::string keys =
        is_waiting_long() ? std::string(" ") + say(Text::waiting) : " " + top().keys(*this);
    return frame(size, " " + top().title(*this), top().body(*this, room), keys);
}

void Console::handle(const Key& key) {
    last_key_s_ = machine_.now_s;
    // It may end itself meanwhile.
    const std::shared_ptr<Screen> screen = screens_.back();
    screen->handle(*this, key);
    gone_.clear();
}

void Console::tick(Machine machine) {
    machine_ = std::move(machine);
    ++ticks_;
    if (last_key_s_ == 0) last_key_s_ = machine_.now_s;
    if (screens_.size() > 1 && machine_.now_s - last_key_s_ > idle_logout_s) log_out();
    refresh();
    look_at_backups();
    top().tick(*this);
}

void Console::refresh() {
    if (status_id_ != 0) return;
    status_id_ = next_id_++;
    questions_.push_back({status_id_, make_request("status")});
}

void Console::look_at_backups() {
    if (backups_id_ != 0 || ticks_ % backup_look_ticks != 1) return;
    backups_id_ = next_id_++;
    questions_.push_back({backups_id_, make_request("backup.show")});
}

void Console::take_status(const Answer& answer) {
    if (!answer.ok) {
        status_.reached = false;
        status_.problem = answer.error;
        return;
    }
    status_ = read_status(answer.line);
    history_.add(status_, machine_.now_s);
}

std::vector<Question> Console::take_questions() {
    std::vector<Question> taken(std::make_move_iterator(questions_.begin()),
                                std::make_move_iterator(questions_.end()));
    questions_.clear();
    return taken;
}

void Console::ask(Screen& asker, std::string request, OnAnswer on_answer) {
    questions_.push_back({next_id_, std::move(request)});
    waiting_.push_back({next_id_++, asker.weak_from_this(), std::move(on_answer), ticks_});
}

bool Console::is_waiting(const Screen& asker) const {
    return std::ranges::any_of(
        waiting_, [&](const Waiting& each) { return each.asker.lock().get() == &asker; });
}

bool Console::is_waiting_long() const {
    return std::ranges::any_of(waiting_,
                               [this](const Waiting& each) { return each.asked_tick < ticks_; });
}

void Console::answer(std::uint64_t id, const Answer& answer) {
    if (id == status_id_) {
        status_id_ = 0;
        take_status(answer);
        return;
    }
    if (id == backups_id_) {
        backups_id_ = 0;
        backups_ = answer.ok ? read_backup_facts(answer.line) : BackupFacts();
        return;
    }
    const auto found = std::ranges::find(waiting_, id, &Waiting::id);
    if (found == waiting_.end()) return;
    const Waiting waiting = std::move(*found);
    waiting_.erase(found);
    const std::shared_ptr<Screen> asker = waiting.asker.lock();
    if (asker != nullptr) waiting.on_answer(answer);
    gone_.clear();
}

void Console::push(std::shared_ptr<Screen> screen) {
    screens_.push_back(std::move(screen));
    top().appear(*this);
}

void Console::pop() {
    if (screens_.size() == 1) return;
    gone_.push_back(std::move(screens_.back()));
    screens_.pop_back();
    top().appear(*this);
}

void Console::pop_to(const Screen& screen) {
    while (screens_.size() > 1 && screens_.back().get() != &screen) {
        gone_.push_back(std::move(screens_.back()));
        screens_.pop_back();
    }
    top().appear(*this);
}

void Console::log_out() {
    pop_to(*screens_.front());
}

void Console::note_login(bool was_right) {
    wrong_passwords_ = was_right ? 0 : wrong_passwords_ + 1;
    last_wrong_s_ = machine_.now_s;
}

std::int64_t Console::login_pause_s() const {
    const std::int64_t until_s = last_wrong_s_ + wrong_passwords_ * wrong_password_pause_s;
    return std::max<std::int64_t>(until_s - machine_.now_s, 0);
}

std::string fill_in(std::string_view text, const std::vector<std::string>& values) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool is_mark = text[i] == '%' && i + 1 < text.size() && text[i + 1] >= '1' &&
                             std::size_t(text[i + 1] - '1') < values.size();
        if (is_mark) {
            out += values[std::size_t(text[++i] - '1')];
        } else {
            out += text[i];
        }
    }
    return out;
}

}  // namespace postern::console
