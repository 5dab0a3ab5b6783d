// Empties (or only looks at) a mailbox by POP3: an operation is a whole session, from connecting to
// QUIT. `drain` retrieves every message and, if asked to, deletes it; `check` asks for the list of
// unique ids and goes. Errors as Connection's. RFC 1939 §5, §7, RFC 2595 §4 (STLS), RFC 2449 §6.6
// (pipelining).
#include <algorithm>

#include "base/ascii.hpp"
#include "load/driver.hpp"

namespace postern::bench {
namespace {

using engine::task;
using engine::try_;

constexpr std::uint64_t window_commands = 16;  // sent ahead, with pipelining

class Pop3Driver final : public Driver {
 public:
    Pop3Driver(const Context& context, unsigned session)
        : context_(context), connection_(context.peer), session_(session) {}

    task<Result<void>> open() override { co_return {}; }
    task<Result<Done>> operate() override;
    task<void> close() override {
        connection_.drop();
        co_return;
    }
    void drop() override { connection_.drop(); }
    const std::string& words() const override { return connection_.words(); }

 private:
    task<Result<void>> begin();
    task<Result<std::string_view>> expect(std::string_view what);
    task<Result<std::string_view>> say(std::string_view command);
    task<Result<std::uint64_t>> skip_lines();
    task<Result<std::uint64_t>> count_messages();
    std::uint64_t ask_ahead(std::string_view verb, std::uint64_t asked, std::uint64_t got,
                            std::uint64_t messages);
    task<Result<std::uint64_t>> retrieve(std::uint64_t messages);
    task<Result<void>> remove(std::uint64_t messages);

    const Context& context_;
    Connection connection_;
    unsigned session_;
};

task<Result<std::string_view>> Pop3Driver::expect(std::string_view what) {
    auto line = co_await try_(connection_.line());
    if (!line.starts_with("+OK")) co_return connection_.refuse(what, line);
    co_return line;
}

task<Result<std::string_view>> Pop3Driver::say(std::string_view command) {
    connection_.stream().write(command);
    connection_.stream().write("\r\n");
    co_return co_await expect(command.substr(0, command.find(' ')));
}

task<Result<void>> Pop3Driver::begin() {
    const Users& users = context_.settings.users;
    co_await try_(connection_.open());
    co_await try_(expect("greeting"));
    if (context_.settings.target.tls == TlsMode::starttls) {
        co_await try_(say("STLS"));
        co_await try_(connection_.start_tls());
    }
    const std::string user = "USER " + user_name(users, session_ % users.count);
    co_await try_(say(user));
    const std::string password = "PASS " + users.password;
    co_await try_(say(password));
    co_return {};
}

// RFC 1939 §3: up to the line with a dot alone; bytes with their line ends.
task<Result<std::uint64_t>> Pop3Driver::skip_lines() {
    std::uint64_t bytes = 0;
    for (;;) {
        auto line = co_await try_(connection_.line());
        if (line == ".") co_return bytes;
        bytes += line.size() + 2;
    }
}

task<Result<std::uint64_t>> Pop3Driver::count_messages() {
    auto line = co_await try_(say("STAT"));
    line.remove_prefix(std::min<std::size_t>(line.size(), 4));
    const auto count = parse_decimal(line.substr(0, line.find(' ')));
    if (!count) co_return connection_.refuse("STAT", line);
    co_return *count;
}

// So many commands are under way at a time, "RETR 1" and on.
std::uint64_t Pop3Driver::ask_ahead(std::string_view verb, std::uint64_t asked, std::uint64_t got,
                                    std::uint64_t messages) {
    const std::uint64_t window =
        context_.settings.pipelining == Pipelining::on ? window_commands : 1;
    while (asked < messages && asked < got + window) {
        connection_.stream().write(std::string(verb) + ' ' + std::to_string(++asked) + "\r\n");
    }
    return asked;
}

task<Result<std::uint64_t>> Pop3Driver::retrieve(std::uint64_t messages) {
    std::uint64_t bytes = 0;
    std::uint64_t asked = 0;
    for (std::uint64_t got = 0; got < messages; ++got) {
        asked = ask_ahead("RETR", asked, got, messages);
        co_await try_(expect("RETR"));
        bytes += co_await try_(skip_lines());
    }
    co_return bytes;
}

task<Result<void>> Pop3Driver::remove(std::uint64_t messages) {
    std::uint64_t asked = 0;
    for (std::uint64_t got = 0; got < messages; ++got) {
        asked = ask_ahead("DELE", asked, got, messages);
        co_await try_(expect("DELE"));
    }
    co_return {};
}

task<Result<Done>> Pop3Driver::operate() {
    Done done;
    co_await try_(begin());
    const std::uint64_t messages = co_await try_(count_messages());
    done.items = std::max<std::uint64_t>(1, messages);
    if (context_.settings.profile == "check") {
        co_await try_(say("UIDL"));
        co_await try_(skip_lines());
    } else {
        done.bytes = co_await try_(retrieve(messages));
        if (context_.settings.after == AfterRetrieval::remove) co_await try_(remove(messages));
    }
    co_await try_(say("QUIT"));
    co_await connection_.close();
    co_return done;
}

}  // namespace

std::unique_ptr<Driver> make_pop3_driver(const Context& context, unsigned session) {
    return std::make_unique<Pop3Driver>(context, session);
}

}  // namespace postern::bench
