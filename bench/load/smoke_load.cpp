// A small load generator for tools/bench-smoke: a fixed number of messages through a fixed number
// of sessions, a blocking thread each, against any SMTP or IMAP server on loopback. Plain text
// only: it measures the server's way to the disk, not TLS. Prints one line of figures, and ends
// with status 1 and words at the first answer that is not the expected one.
//
//   smoke_load smtp PORT SESSIONS MESSAGES BYTES RECIPIENT…
//       Session s sends its share, one transaction each, to the recipients in turn.
//   smoke_load imap PORT SESSIONS MESSAGES PASSWORD USER…
//       Session s logs in as user s modulo their number and fetches BODY[] of message 1, 2, …
//
// RFC 5321 §4.1.1 (commands), RFC 3501 §6.4.5 (FETCH).
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace {

using Clock = std::chrono::steady_clock;
constexpr unsigned sessions_max = 1024;
constexpr int receive_timeout_s = 60;

[[noreturn]] void fail(const std::string& words) {
    std::fprintf(stderr, "smoke_load: %s\n", words.c_str());
    std::_Exit(1);
}

// A blocking connection that reads lines.
class Connection {
 public:
    explicit Connection(unsigned port) : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(static_cast<std::uint16_t>(port));
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        const int on = 1;
        const timeval timeout = {receive_timeout_s, 0};
        ::setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof timeout);
        if (::connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
            fail("cannot connect to port " + std::to_string(port));
        }
    }
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;
    ~Connection() { ::close(fd_); }

    void send(std::string_view bytes) {
        while (!bytes.empty()) {
            const ssize_t sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
            if (sent <= 0) fail("the connection broke while sending");
            bytes.remove_prefix(static_cast<std::size_t>(sent));
        }
    }

    // Without its CRLF; valid until the next call.
    std::string_view line() {
        std::size_t end = buffer_.find('\n', read_);
        while (end == std::string::npos) {
            fill();
            end = buffer_.find('\n', read_);
        }
        std::string_view text(buffer_.data() + read_, end - read_);
        read_ = end + 1;
        if (text.ends_with('\r')) text.remove_suffix(1);
        return text;
    }

    void skip(std::size_t bytes) {
        while (buffer_.size() - read_ < bytes) {
            bytes -= buffer_.size() - read_;
            read_ = buffer_.size();
            fill();
        }
        read_ += bytes;
    }

 private:
    void fill() {
        buffer_.erase(0, read_);
        read_ = 0;
        char chunk[65536];
        const ssize_t got = ::recv(fd_, chunk, sizeof chunk, 0);
        if (got <= 0) fail("the connection broke while receiving");
        buffer_.append(chunk, static_cast<std::size_t>(got));
    }

    int fd_;
    std::string buffer_;
    std::size_t read_ = 0;
};

struct Load {
    unsigned port = 0;
    unsigned sessions = 0;
    unsigned messages = 0;
    std::string extra;               // SMTP: the message; IMAP: the password
    std::vector<std::string> names;  // recipients or users
};

// One session's work; it appends the seconds that each message took.
using Session = void (*)(const Load& load, unsigned session, unsigned count,
                         std::vector<double>& seconds);

void expect_reply(Connection& connection, std::string_view code) {
    std::string_view line = connection.line();
    while (line.size() > 3 && line[3] == '-') line = connection.line();
    if (!line.starts_with(code)) fail("got «" + std::string(line) + "», not " + std::string(code));
}

void send_session(const Load& load, unsigned session, unsigned count,
                  std::vector<double>& seconds) {
    Connection connection(load.port);
    expect_reply(connection, "220");
    connection.send("EHLO load.test\r\n");
    expect_reply(connection, "250");
    for (unsigned i = 0; i < count; ++i) {
        const auto began = Clock::now();
        const std::string& recipient =
            load.names[(session + i * load.sessions) % load.names.size()];
        connection.send("MAIL FROM:<load@elsewhere.test>\r\nRCPT TO:<" + recipient +
                        ">\r\nDATA\r\n");
        expect_reply(connection, "250");
        expect_reply(connection, "250");
        expect_reply(connection, "354");
        connection.send(load.extra);
        expect_reply(connection, "250");
        seconds.push_back(std::chrono::duration<double>(Clock::now() - began).count());
    }
    connection.send("QUIT\r\n");
    expect_reply(connection, "221");
}

// Reads to the tagged answer, over literals.
void expect_ok(Connection& connection, std::string_view tag) {
    while (true) {
        const std::string_view line = connection.line();
        if (line.starts_with(tag)) {
            if (line.substr(tag.size()).starts_with(" OK")) return;
            fail("got «" + std::string(line) + "», not OK");
        }
        const std::size_t brace = line.rfind('{');
        if (line.ends_with('}') && brace != std::string_view::npos) {
            connection.skip(std::strtoul(std::string(line.substr(brace + 1)).c_str(), nullptr, 10));
        }
    }
}

void fetch_session(const Load& load, unsigned session, unsigned count,
                   std::vector<double>& seconds) {
    Connection connection(load.port);
    connection.line();
    const std::string& user = load.names[session % load.names.size()];
    connection.send("a LOGIN " + user + " \"" + load.extra + "\"\r\n");
    expect_ok(connection, "a");
    connection.send("b EXAMINE INBOX\r\n");
    unsigned long exists = 0;
    for (std::string_view line = connection.line(); !line.starts_with("b ");
         line = connection.line()) {
        if (line.ends_with(" EXISTS")) {
            exists = std::strtoul(std::string(line.substr(2)).c_str(), nullptr, 10);
        }
    }
    if (exists == 0) fail("the mailbox of " + user + " is empty");
    for (unsigned i = 0; i < count; ++i) {
        const auto began = Clock::now();
        connection.send("c FETCH " + std::to_string(i % exists + 1) + " BODY.PEEK[]\r\n");
        expect_ok(connection, "c");
        seconds.push_back(std::chrono::duration<double>(Clock::now() - began).count());
    }
    connection.send("d LOGOUT\r\n");
    expect_ok(connection, "d");
}

std::string make_message(std::size_t bytes) {
    std::string text =
        "From: <load@elsewhere.test>\r\nSubject: load\r\n"
        "Date: Mon, 02 Mar 2026 10:00:00 +0000\r\nMessage-ID: <load@test>\r\n\r\n";
    while (text.size() + 72 < bytes) text += std::string(70, 'x') + "\r\n";
    return text + ".\r\n";
}

void run(const Load& load, Session session) {
    std::vector<std::vector<double>> seconds(load.sessions);
    std::vector<std::thread> threads;
    const auto began = Clock::now();
    for (unsigned s = 0; s < load.sessions; ++s) {
        const unsigned count = load.messages / load.sessions + (s < load.messages % load.sessions);
        threads.emplace_back(session, std::cref(load), s, count, std::ref(seconds[s]));
    }
    for (std::thread& thread : threads) thread.join();
    const double whole = std::chrono::duration<double>(Clock::now() - began).count();
    std::vector<double> all;
    for (const auto& part : seconds) all.insert(all.end(), part.begin(), part.end());
    std::ranges::sort(all);
    std::printf("%u messages %.3f seconds %.0f per_second %.2f ms_median %.2f ms_99th\n",
                load.messages, whole, load.messages / whole, all[all.size() / 2] * 1e3,
                all[all.size() * 99 / 100] * 1e3);
}

}  // namespace

int main(int argc, char** argv) {
    const std::string_view what = argc > 6 ? argv[1] : "";
    if (what != "smtp" && what != "imap") {
        fail(
            "usage: smoke_load smtp PORT SESSIONS MESSAGES BYTES RECIPIENT…, or "
            "smoke_load imap PORT SESSIONS MESSAGES PASSWORD USER…");
    }
    Load load;
    load.port = static_cast<unsigned>(std::strtoul(argv[2], nullptr, 10));
    load.sessions = static_cast<unsigned>(std::strtoul(argv[3], nullptr, 10));
    load.messages = static_cast<unsigned>(std::strtoul(argv[4], nullptr, 10));
    load.names.assign(argv + 6, argv + argc);
    if (load.sessions == 0 || load.sessions > sessions_max || load.messages < load.sessions) {
        fail("1 to 1024 sessions, and a message for each");
    }
    load.extra = what == "smtp" ? make_message(std::strtoul(argv[5], nullptr, 10)) : argv[5];
    run(load, what == "smtp" ? send_session : fetch_session);
    return 0;
}
