// Console: the state of the full-screen program, apart from any terminal. It draws pages, takes
// keys, and says what it wants to ask the daemon; terminal.cpp brings it to life. One thread.
//
// A stack of screens: the status lies at the bottom and is shown without a login; everything that
// changes something lies above the login. After idle_logout_s without a key only the status is
// left. Whatever is asked goes through the control protocol, so each of these steps is a command
// too.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "console/backup_pages.hpp"
#include "console/key.hpp"
#include "console/machine.hpp"
#include "console/page.hpp"
#include "console/request.hpp"
#include "console/status_facts.hpp"
#include "console/texts.hpp"

namespace postern::console {

class Console;

class Screen : public std::enable_shared_from_this<Screen> {
 public:
    virtual ~Screen() = default;
    // At most size.rows rows.
    virtual Rows body(const Console& console, Size size) const = 0;
    virtual std::string title(const Console& console) const = 0;
    virtual std::string keys(const Console& console) const = 0;
    virtual void handle(Console& console, const Key& key) = 0;
    // Put on top, or on top again: what it shows may be old.
    virtual void appear(Console&) {}
    // Every refresh_s while it is on top.
    virtual void tick(Console&) {}
};

struct Question {
    std::uint64_t id = 0;
    std::string request;
};

// What the program around it lends: texts that commands print, too.
struct Formatters {
    // (command, response) as people read it.
    std::function<std::string(std::string_view, std::string_view)> response;
    std::function<std::string(std::string_view)> trace;
};

class Console {
 public:
    using OnAnswer = std::function<void(const Answer&)>;

    explicit Console(Formatters formatters);

    Page draw(Size size) const;
    void handle(const Key& key);
    // Every refresh_s.
    void tick(Machine machine);
    bool has_ended() const { return ended_; }
    void end() { ended_ = true; }

    // What is to be sent to the daemon now, in order.
    std::vector<Question> take_questions();
    void answer(std::uint64_t id, const Answer& answer);
    // Dropped when the screen that asks is gone by then.
    void ask(Screen& asker, std::string request, OnAnswer on_answer);
    // Whether an answer to this screen is to come.
    bool is_waiting(const Screen& asker) const;
    // For any answer, for so long that one wants to be told.
    bool is_waiting_long() const;

    void push(std::shared_ptr<Screen> screen);
    void pop();
    // Back to this screen, which is below; what lay above it is gone.
    void pop_to(const Screen& screen);
    void log_out();
    // Each wrong password in a row adds to the pause before the next try.
    void note_login(bool was_right);
    std::int64_t login_pause_s() const;

    const StatusFacts& status() const { return status_; }
    const BackupFacts& backups() const { return backups_; }
    const Machine& machine() const { return machine_; }
    const History& history() const { return history_; }
    const Formatters& formatters() const { return formatters_; }
    Language language() const { return language_; }
    void set_language(Language language) { language_ = language; }
    const char* say(Text text) const { return console::say(language_, text); }
    // Ask for the status now: something has changed it.
    void refresh();

 private:
    struct Waiting {
        std::uint64_t id = 0;
        std::weak_ptr<Screen> asker;
        OnAnswer on_answer;
        std::uint64_t asked_tick = 0;
    };
    Screen& top() const { return *screens_.back(); }
    void take_status(const Answer& answer);
    void look_at_backups();

    Formatters formatters_;
    std::vector<std::shared_ptr<Screen>> screens_;
    std::vector<std::shared_ptr<Screen>> gone_;  // until the key that ended them has been handled
    std::deque<Question> questions_;
    std::vector<Waiting> waiting_;
    std::uint64_t next_id_ = 1;
    std::uint64_t status_id_ = 0;   // of the status that is asked for; 0: none
    std::uint64_t backups_id_ = 0;  // the same of the backups
    StatusFacts status_;
    BackupFacts backups_;
    Machine machine_;
    History history_;
    Language language_ = Language::en;
    std::int64_t last_key_s_ = 0;
    std::uint64_t ticks_ = 0;
    int wrong_passwords_ = 0;
    std::int64_t last_wrong_s_ = 0;
    bool ended_ = false;
};

// `text` with each %1, %2 … replaced by a value.
std::string fill_in(std::string_view text, const std::vector<std::string>& values);

}  // namespace postern::console
