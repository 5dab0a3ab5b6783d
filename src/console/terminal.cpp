// Two threads: the one of the terminal owns the Console and everything in it; the other one sends
// its questions to the daemon, one after the other, reads the machine's facts, and posts what came
// back to the first. A daemon that hangs thus never holds up a key.
#include "console/terminal.hpp"

#include <unistd.h>

#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <ftxui/component/component.hpp>
#include <ftxui/component/event.hpp>
#include <ftxui/component/loop.hpp>
#include <ftxui/component/screen_interactive.hpp>
#include <ftxui/screen/terminal.hpp>
#include <functional>
#include <mutex>
#include <optional>
#include <string_view>
#include <thread>
#include <utility>

#include "console/limits.hpp"
#include "console/painter.hpp"
#include "postern/control_client.hpp"

namespace postern::console {
namespace {

std::optional<Key> key_of(const ftxui::Event& event) {
    using ftxui::Event;
    using Kind = Key::Kind;
    if (event.is_character()) return Key{Kind::character, event.character(), 0};
    const std::pair<const Event&, Kind> plain[] = {{Event::Return, Kind::enter},
                                                   {Event::Escape, Kind::escape},
                                                   {Event::Backspace, Kind::backspace},
                                                   {Event::Delete, Kind::remove},
                                                   {Event::Tab, Kind::tab},
                                                   {Event::TabReverse, Kind::back_tab},
                                                   {Event::ArrowUp, Kind::up},
                                                   {Event::ArrowDown, Kind::down},
                                                   {Event::ArrowLeft, Kind::left},
                                                   {Event::ArrowRight, Kind::right},
                                                   {Event::Home, Kind::home},
                                                   {Event::End, Kind::end},
                                                   {Event::PageUp, Kind::page_up},
                                                   {Event::PageDown, Kind::page_down}};
    for (const auto& [known, kind] : plain) {
        if (event == known) return Key{kind, {}, 0};
    }
    if (event == Event::F2) return Key{Kind::function, {}, 2};
    return std::nullopt;
}

// The thread that talks to the daemon.
class Messenger {
 public:
    using Deliver = std::function<void(std::uint64_t id, Answer answer)>;
    using Tick = std::function<void(Machine machine)>;

    Messenger(const TerminalOptions& options, Deliver deliver, Tick tick)
        : socket_(options.socket),
          here_(options.here),
          deliver_(std::move(deliver)),
          tick_(std::move(tick)) {
        thread_ = std::thread([this] { work(); });
    }
    ~Messenger() {
        {
            const std::lock_guard lock(mutex_);
            ending_ = true;
        }
        changed_.notify_one();
        thread_.join();
    }
    Messenger(const Messenger&) = delete;
    Messenger& operator=(const Messenger&) = delete;

    void send_all(std::vector<Question> questions) {
        if (questions.empty()) return;
        const std::lock_guard lock(mutex_);
        for (Question& each : questions) questions_.push_back(std::move(each));
        changed_.notify_one();
    }
    bool is_busy() {
        const std::lock_guard lock(mutex_);
        return is_busy_;
    }
    void set_data_directory(const std::string& path) {
        const std::lock_guard lock(mutex_);
        data_directory_ = path;
    }

 private:
    void work() {
        const auto pause = std::chrono::seconds(refresh_s);
        auto next_tick = std::chrono::steady_clock::now();
        std::unique_lock lock(mutex_);
        while (!ending_) {
            if (std::chrono::steady_clock::now() >= next_tick) {
                next_tick += pause;
                const std::string directory = data_directory_;
                lock.unlock();
                tick_(read_machine(directory));
                lock.lock();
            } else if (!questions_.empty()) {
                const Question question = std::move(questions_.front());
                questions_.pop_front();
                is_busy_ = true;
                lock.unlock();
                deliver_(question.id, read_answer(ask(question.request)));
                lock.lock();
                is_busy_ = false;
            } else {
                changed_.wait_until(lock, next_tick);
            }
        }
    }

    std::expected<std::string, std::string> ask(const std::string& request) {
        if (here_) {
            auto response = here_(request, [this](const std::string& line) { return send(line); });
            if (response) {
                client_.reset();  // the daemon may have been started anew by it
                return *response;
            }
        }
        return send(request);
    }
    // Never twice: what a lost connection was told may have been done.
    std::expected<std::string, std::string> send(const std::string& request) {
        if (!client_) {
            auto client = ControlClient::connect(socket_);
            if (!client) return std::unexpected(client.error());
            client_.emplace(std::move(*client));
        }
        auto response = client_->request(request);
        if (!response) client_.reset();
        return response;
    }

    std::string socket_;
    AnswerHere here_;
    Deliver deliver_;
    Tick tick_;
    std::optional<ControlClient> client_;  // the thread's
    std::mutex mutex_;                     // of what follows
    std::condition_variable changed_;
    std::deque<Question> questions_;
    std::string data_directory_;
    bool is_busy_ = false;
    bool ending_ = false;
    std::thread thread_;
};

// What is only for a terminal that can show Cyrillic: the kernel's own console cannot.
bool shows_only_latin() {
    const char* terminal = std::getenv("TERM");
    return terminal != nullptr && std::string_view(terminal) == "linux";
}

// While it is open, what comes from the messenger reaches the loop.
class Gate {
 public:
    explicit Gate(ftxui::ScreenInteractive& screen) : screen_(screen) {}
    void post(ftxui::Closure work) {
        const std::lock_guard lock(mutex_);
        if (!is_open_) return;
        screen_.Post(std::move(work));
        screen_.PostEvent(ftxui::Event::Custom);  // makes it draw
    }
    void close() {
        const std::lock_guard lock(mutex_);
        is_open_ = false;
    }

 private:
    ftxui::ScreenInteractive& screen_;
    std::mutex mutex_;
    bool is_open_ = true;
};

void show(Console& console, const TerminalOptions& options) {
    auto screen = ftxui::ScreenInteractive::Fullscreen();
    screen.TrackMouse(false);
    screen.SetCursor({0, 0, ftxui::Screen::Cursor::Hidden});  // FTXUI 5 leaves its shape to chance
    Gate gate(screen);
    std::optional<Messenger> messenger;
    const auto settle = [&] {
        if (messenger) {
            messenger->set_data_directory(console.status().data_directory);
            messenger->send_all(console.take_questions());
        }
        if (console.has_ended()) screen.Exit();
    };
    auto page = ftxui::Renderer([&] {
        const auto size = ftxui::Terminal::Size();
        return paint(console.draw({size.dimx, size.dimy}));
    });
    auto component = ftxui::CatchEvent(page, [&](const ftxui::Event& event) {
        if (const auto key = key_of(event)) console.handle(*key);
        if (console.language() == Language::ru && shows_only_latin()) {
            console.set_language(Language::en);
        }
        settle();
        return true;
    });
    {
        ftxui::Loop loop(&screen, component);
        messenger.emplace(
            options,
            [&](std::uint64_t id, Answer answer) {
                gate.post([&, id, answer = std::move(answer)] {
                    console.answer(id, answer);
                    settle();
                });
            },
            [&](Machine machine) {
                gate.post([&, machine = std::move(machine)] {
                    console.tick(machine);
                    settle();
                });
            });
        while (!loop.HasQuitted()) loop.RunOnceBlocking();
        gate.close();
    }
    // Whoever leaves does not wait for a daemon that hangs.
    if (messenger->is_busy()) std::_Exit(0);
}

}  // namespace

int run_on_terminal(const TerminalOptions& options, Formatters formatters) {
    if (::isatty(STDIN_FILENO) == 0 || ::isatty(STDOUT_FILENO) == 0) {
        std::fputs("postern: the console wants a terminal; postern --help lists the commands\n",
                   stderr);
        return 1;
    }
    Console console(std::move(formatters));
    console.set_language(options.language);
    show(console, options);
    return 0;
}

}  // namespace postern::console
