// Log lines on their way to servers that are there, are not, come back, or take nothing.
#include "app/remote_log.hpp"

#include <gtest/gtest.h>

#include <vector>

#include "app/log_receiver.hpp"
#include "app/log_writer.hpp"

namespace postern::app {
namespace {

using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

const LogSenderTimes quick{milliseconds(20), milliseconds(40), milliseconds(50), milliseconds(500)};

void push(RemoteLog& log, const std::string& line) {
    log.push(log::Level::info, 0, line);
}

std::string tail_of(const std::optional<std::string>& message) {
    if (!message) return "(none)";
    return message->substr(message->rfind(" - - ") + 5);
}

// A port that nobody listens on.
std::uint16_t free_port(LogTransport transport) {
    return LogReceiver(transport).port();
}

std::string name_of(LogTransport transport, std::uint16_t port) {
    return (transport == LogTransport::udp ? "udp:127.0.0.1:" : "tcp:127.0.0.1:") +
           std::to_string(port);
}

// `text` to a LogWriter's file, as it stands there.
class LogFile {
 public:
    LogFile() { EXPECT_EQ(pipe(ends_), 0); }
    ~LogFile() {
        for (const int fd : ends_) close(fd);
    }
    int fd() const { return ends_[1]; }
    bool tells(const std::string& words) {
        for (const auto end = Clock::now() + std::chrono::seconds(10); Clock::now() < end;) {
            if (text_.contains(words)) return true;
            pollfd one{ends_[0], POLLIN, 0};
            if (poll(&one, 1, 100) <= 0) continue;
            char bytes[4096];
            text_.append(bytes, std::size_t(std::max<ssize_t>(read(ends_[0], bytes, 4096), 0)));
        }
        return text_.contains(words);
    }
    const std::string& text() const { return text_; }

 private:
    int ends_[2] = {-1, -1};
    std::string text_;
};

class RemoteLogOf : public testing::TestWithParam<LogTransport> {};
INSTANTIATE_TEST_SUITE_P(Transports, RemoteLogOf,
                         testing::Values(LogTransport::udp, LogTransport::tcp));

TEST_P(RemoteLogOf, SendsMessagesInOrder) {
    LogReceiver receiver(GetParam());
    RemoteLog log("mail.example.test", {receiver.name()}, quick);
    push(log, "before the start");
    log.start();
    log.push(log::Level::error, 1'066'421'655'003, "level=error event=a caf\xc3\xa9");
    EXPECT_EQ(tail_of(receiver.next()), "before the start");
    EXPECT_EQ(receiver.next().value_or(""),
              "<19>1 2003-10-17T20:14:15.003Z mail.example.test posternd " +
                  std::to_string(getpid()) + " - - \xef\xbb\xbflevel=error event=a caf\xc3\xa9");
    log.push_kernel({13, 1, 2, "postern: said"}, 0);
    EXPECT_EQ(receiver.next().value_or(""),
              "<13>1 1970-01-01T00:00:00.000Z mail.example.test kernel - - - postern: said");
}

TEST_P(RemoteLogOf, NamesAreLookedUp) {
    LogReceiver receiver(GetParam());
    RemoteLog log("h", {receiver.name("localhost")}, quick);
    log.start();
    push(log, "by name");
    EXPECT_EQ(tail_of(receiver.next()), "by name");
}

TEST_P(RemoteLogOf, WaitsForAServerThatIsNotThere) {
    const std::uint16_t port = free_port(GetParam());
    RemoteLog log("h", {name_of(GetParam(), port)}, quick);
    log.start();
    for (int i = 0; i < 20; ++i) push(log, std::to_string(i));
    std::this_thread::sleep_for(milliseconds(300));
    LogReceiver receiver(GetParam(), port);
    // What a datagram met before anybody knew is lost: at most the first.
    const std::string first = tail_of(receiver.next());
    const int from = std::atoi(first.c_str());
    EXPECT_LE(from, GetParam() == LogTransport::udp ? 1 : 0) << first;
    for (int i = from + 1; i < 20; ++i) EXPECT_EQ(tail_of(receiver.next()), std::to_string(i));
}

TEST_P(RemoteLogOf, WhatWaitsAtTheEndIsSent) {
    LogReceiver receiver(GetParam());
    {
        RemoteLog log("h", {receiver.name()}, quick);
        log.start();
        for (int i = 0; i < 100; ++i) push(log, std::to_string(i));
    }
    for (int i = 0; i < 100; ++i) EXPECT_EQ(tail_of(receiver.next()), std::to_string(i));
}

TEST(RemoteLog, AConnectionThatTheServerHasClosedGetsNoMessage) {
    LogReceiver receiver(LogTransport::tcp);
    RemoteLog log("h", {receiver.name()}, quick);
    log.start();
    for (int i = 0; i < 5; ++i) {
        push(log, std::to_string(i));
        EXPECT_EQ(tail_of(receiver.next()), std::to_string(i));
        receiver.hang_up();
        std::this_thread::sleep_for(milliseconds(20));
    }
}

TEST(RemoteLog, ServersThatComeAndGoAreSaidInTheLogOnce) {
    LogFile file;
    const std::uint16_t port = free_port(LogTransport::tcp);
    RemoteLog log("h", {name_of(LogTransport::tcp, port)}, quick);
    const LogWriter writer(file.fd(), &log);
    log.start();
    log::info("test.first");
    EXPECT_TRUE(file.tells("event=log.server_lost server=tcp:127.0.0.1:"));
    std::this_thread::sleep_for(milliseconds(200));
    LogReceiver receiver(LogTransport::tcp, port);
    EXPECT_TRUE(file.tells("event=log.server_reached"));
    const std::size_t first = file.text().find("server_lost");
    EXPECT_EQ(file.text().find("server_lost", first + 1), std::string::npos) << file.text();
    EXPECT_TRUE(tail_of(receiver.next()).starts_with("level=info event=test.first"));
    EXPECT_TRUE(tail_of(receiver.next()).contains("event=log.server_lost"));
}

TEST(RemoteLog, TooManyAreDroppedCountedAndSaid) {
    LogFile file;
    const std::uint16_t port = free_port(LogTransport::tcp);
    RemoteLog log("h", {name_of(LogTransport::tcp, port)}, quick);
    const LogWriter writer(file.fd(), &log);
    for (std::size_t i = 0; i < log_messages_queued_max + 7; ++i) push(log, std::to_string(i));
    EXPECT_TRUE(file.tells("event=log.server_behind"));
    LogReceiver receiver(LogTransport::tcp, port);
    log.start();
    for (std::size_t i = 0; i < log_messages_queued_max; ++i) {
        ASSERT_EQ(tail_of(receiver.next()), std::to_string(i));
    }
    // The eighth is the line that says so.
    EXPECT_TRUE(file.tells("event=log.server_dropped server=" + receiver.name() + " messages=8"))
        << file.text();
}

TEST(RemoteLog, TooManyBytesAreDropped) {
    LogReceiver receiver(LogTransport::tcp);
    RemoteLog log("h", {receiver.name()}, quick);
    const std::string line(4'000, 'x');
    for (std::size_t i = 0; i <= log_bytes_queued_max / line.size(); ++i) push(log, line);
    log.start();
    std::size_t bytes = 0;
    while (const auto message = receiver.next(200)) bytes += message->size();
    EXPECT_LE(bytes, log_bytes_queued_max);
    EXPECT_GT(bytes, log_bytes_queued_max - 2 * line.size());
}

TEST(RemoteLog, ADatagramIsNeverFragmented) {
    LogReceiver receiver(LogTransport::udp);
    RemoteLog log("h", {receiver.name()}, quick);
    log.start();
    push(log, std::string(5'000, 'x'));
    EXPECT_EQ(receiver.next().value_or("").size(), syslog_datagram_bytes_max);
}

TEST(RemoteLog, AServerThatTakesNothingHoldsNobodyUp) {
    LogReceiver mute(LogTransport::tcp), other(LogTransport::udp);
    const auto begin = Clock::now();
    {
        RemoteLog log("h", {mute.name(), other.name()}, quick);
        log.start();
        const std::string line(4'000, 'x');
        for (std::size_t i = 0; i < 3'000; ++i) push(log, line);  // beyond every buffer
        EXPECT_TRUE(other.next());
    }
    EXPECT_LT(Clock::now() - begin, std::chrono::seconds(5)) << "neither at the end";
}

TEST(RemoteLog, OtherServersAreTakenAndThoseThatStayKeepWhatWaits) {
    LogReceiver gone(LogTransport::udp), fresh(LogTransport::udp);
    const std::uint16_t port = free_port(LogTransport::tcp);
    RemoteLog log("h", {gone.name(), name_of(LogTransport::tcp, port)}, quick);
    log.start();
    push(log, "one");
    EXPECT_EQ(tail_of(gone.next()), "one");
    log.set_servers({name_of(LogTransport::tcp, port), fresh.name()});
    push(log, "two");
    EXPECT_EQ(tail_of(fresh.next()), "two");
    EXPECT_FALSE(gone.next(50));
    LogReceiver late(LogTransport::tcp, port);
    EXPECT_EQ(tail_of(late.next()), "one");
    EXPECT_EQ(tail_of(late.next()), "two");
    log.set_servers({});
    EXPECT_FALSE(log.has_servers());
}

}  // namespace
}  // namespace postern::app
