// A console without a terminal for tests: keys in, rows out, and a daemon of fixed answers, which
// settle() gives to whatever is asked.
#pragma once

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "console/cells.hpp"
#include "console/console.hpp"

namespace postern::console {

constexpr const char* status_line =
    R"({"ok":true,"version":"9.9","host_name":"mail.example.test","uptime_s":61,"shards":2,)"
    R"("connections":5,"listeners":[{"protocol":"smtp","address":"*","port":25},)"
    R"({"protocol":"imaps","address":"*","port":993}],"counters":{"messages_received":7,)"
    R"("queue_delivered":3,"queue_entries":2},"data_directory":"/","certificate":{"sha256":)"
    R"("01:23:45:67:89:AB:CD:EF:01:23:45:67:89:AB:CD:EF:01:23:45:67:89:AB:CD:EF:01:23:45:67:89:)"
    R"(AB:CD:EF","not_after":1788220800},"plaintext_login":false,"domains":1,)"
    R"("admin_password":true})";
constexpr std::int64_t test_now_s = 1'785'628'800;  // 2026-08-02; the certificate has 30 days left

class AConsole {
 public:
    AConsole() : console_(test_formatters()) {
        answers["status"] = status_line;
        tick();
    }

    // Answers to everything that is asked, as often as more is asked.
    void settle() {
        for (auto questions = console_.take_questions(); !questions.empty();
             questions = console_.take_questions()) {
            for (const Question& each : questions) {
                asked.push_back(each.request);
                const std::string command = text_of(parse_json(each.request), "command");
                const auto known = answers.find(command);
                console_.answer(each.id,
                                read_answer(known == answers.end() ? std::string(R"({"ok":true})")
                                                                   : known->second));
            }
        }
    }
    void tick(std::int64_t more_s = 0) {
        machine.now_s += more_s;
        console_.tick(machine);
        settle();
    }
    AConsole& press(Key::Kind kind) {
        console_.handle({kind, {}, 0});
        settle();
        return *this;
    }
    AConsole& enter() { return press(Key::Kind::enter); }
    AConsole& type(const std::string& text) {
        for (const char c : text) console_.handle({Key::Kind::character, std::string(1, c), 0});
        settle();
        return *this;
    }
    void log_in() { enter().type("secret-secret").enter(); }

    std::string row(std::size_t number, Size size = {}) const {
        return plain_text(console_.draw(size).rows.at(number));
    }
    std::string screen(Size size = {}) const {
        std::string all;
        for (const Row& each : console_.draw(size).rows) all += plain_text(each) + "\n";
        return all;
    }
    bool shows(const std::string& text) const { return screen().contains(text); }
    bool has_asked(const std::string& request) const {
        return std::ranges::find(asked, request) != asked.end();
    }
    Console& console() { return console_; }

    std::map<std::string, std::string> answers;  // by command
    std::vector<std::string> asked;
    Machine machine = test_machine();

 private:
    static Formatters test_formatters() {
        Formatters formatters;
        formatters.response = [](std::string_view, std::string_view) { return "an entry\n"; };
        formatters.trace = [](std::string_view) { return "a trace\n"; };
        return formatters;
    }
    static Machine test_machine() {
        Machine machine;
        machine.host_name = "mail";
        machine.addresses = {{"eth0", "192.0.2.1/24"}};
        machine.uptime_s = 90'000;
        machine.now_s = test_now_s;
        machine.memory = {1024ULL << 20, 768ULL << 20};
        machine.disk_bytes = 100ULL << 30;
        machine.disk_bytes_available = 60ULL << 30;
        machine.clock = ClockState::synchronised;
        return machine;
    }
    Console console_;
};

}  // namespace postern::console
