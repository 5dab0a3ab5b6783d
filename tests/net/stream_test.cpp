// Streams over the real ring on loopback: hostile input first, then lines, pieces, files, moving.
#include "net/stream.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <string>
#include <thread>

#include "engine/io.hpp"
#include "engine/real_shard.hpp"

namespace postern::net {
namespace {

using engine::task;
using engine::try_;

class StreamTest : public engine::RealShardTest {
 protected:
    void SetUp() override {
        RealShardTest::SetUp();
        int ends[2];
        ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
        peer = ends[0];
        ours = ends[1];
    }
    void TearDown() override {
        if (peer >= 0) close(peer);
    }
    void say(std::string_view text) {
        ASSERT_EQ(write(peer, text.data(), text.size()), ssize_t(text.size()));
    }
    void hang_up() {
        close(peer);
        peer = -1;
    }

    int peer = -1;
    int ours = -1;
};

constexpr std::size_t line_max = 16;

task<void> answer_then_read(int fd) {
    Stream stream(fd, "peer", 25);
    auto first = co_await stream.read_line(100, deadline_in(seconds(2)));
    EXPECT_TRUE(first);
    stream.write("250 OK\r\n");
    if (!stream.has_input()) co_await stream.flush(deadline_in(seconds(2)));
    auto second = co_await stream.read_line(100, deadline_in(seconds(2)));
    EXPECT_TRUE(second) << name_of(second.error().code);
}

// The peer sends half of its second command and waits for the reply to the first.
TEST_F(StreamTest, WaitingForInputSendsWhatIsBuffered) {
    say("NOOP\r\nNO");
    std::string reply(8, '\0');
    std::thread client([&] {
        EXPECT_EQ(recv(peer, reply.data(), reply.size(), MSG_WAITALL), 8);
        say("OP\r\n");
    });
    run(answer_then_read(ours));
    client.join();
    EXPECT_EQ(reply, "250 OK\r\n");
}

task<void> answer_at_length(int fd, std::string* last) {
    Stream stream(fd, "peer", 25);
    auto first = co_await stream.read_line(100, deadline_in(seconds(2)));
    EXPECT_TRUE(first);
    const std::string reply(4u << 20, 'x');
    stream.write(reply);
    auto second = co_await stream.read_line(100, deadline_in(seconds(5)));
    EXPECT_TRUE(second) << name_of(second.error().code);
    if (second) *last = second->text;
}

// The peer says its last line and hangs up while the reply to the one before is still being sent.
TEST_F(StreamTest, WhatCameWhileSendingIsReadThoughThePeerHasHungUp) {
    std::thread client([&] {
        say("FIRST\r\n");
        char byte = 0;
        EXPECT_EQ(recv(peer, &byte, 1, 0), 1);
        say("LAST\r\n");
        shutdown(peer, SHUT_WR);
        std::string reply(4u << 20, '\0');
        recv(peer, reply.data(), reply.size() - 1, MSG_WAITALL);
    });
    std::string last;
    engine::run_to_end(*shard, answer_at_length(ours, &last));
    client.join();
    EXPECT_EQ(last, "LAST");
}

task<void> read_lines(int fd, std::vector<std::string>* lines) {
    Stream stream(fd, "peer", 25);
    for (;;) {
        auto line = co_await stream.read_line(line_max, deadline_in(seconds(2)));
        if (!line) {
            lines->push_back("!" + std::string(name_of(line.error().code)));
            if (line.error().kind == ErrorKind::gone) co_return;
            continue;
        }
        lines->push_back(std::string(line->text) +
                         (line->ending == LineEnding::bare_lf ? "<lf>" : ""));
    }
}

TEST_F(StreamTest, TooLongLinesAreSkippedAndTheNextOneIsInStep) {
    std::vector<std::string> lines;
    // 14 + CRLF is the limit, one more is over it.
    say("12345678901234\r\n123456789012345\r\nshort\r\nbare\nhalf");
    hang_up();
    run(read_lines(ours, &lines));
    std::vector<std::string> expected{"12345678901234", "!line_too_long", "short", "bare<lf>",
                                      "!closed"};
    EXPECT_EQ(lines, expected);
}

TEST_F(StreamTest, LinesCutAtEveryByte) {
    const std::string text = "EHLO a\r\n\r\nMAIL\nQUIT\r\n";
    std::thread writer([&] {
        for (char c : text) {
            say({&c, 1});
            std::this_thread::sleep_for(std::chrono::microseconds(300));
        }
        hang_up();
    });
    std::vector<std::string> lines;
    run(read_lines(ours, &lines));
    writer.join();
    EXPECT_EQ(lines, (std::vector<std::string>{"EHLO a", "", "MAIL<lf>", "QUIT", "!closed"}));
}

task<void> read_with_deadline(int fd, Error* error) {
    Stream stream(fd, "peer", 25);
    auto line = co_await stream.read_line(100, deadline_in(milliseconds(30)));
    *error = line.error();
}

TEST_F(StreamTest, SilentPeerTimesOut) {
    say("no end of line");
    Error error;
    run(read_with_deadline(ours, &error));
    EXPECT_EQ(error.code, ErrorCode::timed_out);
}

task<void> write_until_stuck(int fd, Error* error) {
    Stream stream(fd, "peer", 25);
    const std::string block(256 * 1024, 'x');
    for (;;) {
        stream.write(block);
        auto flushed = co_await stream.flush(deadline_in(milliseconds(50)));
        if (!flushed) {
            *error = flushed.error();
            co_return;
        }
    }
}

TEST_F(StreamTest, PeerThatReadsNothingHitsTheDeadline) {
    Error error;
    run(write_until_stuck(ours, &error));
    EXPECT_EQ(error.code, ErrorCode::timed_out);
    EXPECT_EQ(error.kind, ErrorKind::gone);
}

// Reads slowly while the peer sends far more than stream_buffers_max buffers.
task<void> count_all(int fd, std::size_t* total) {
    Stream stream(fd, "peer", 25);
    for (;;) {
        auto bytes = co_await stream.read_some(deadline_in(seconds(5)));
        if (!bytes) co_return;
        *total += bytes->size();
        stream.consume(bytes->size());
        if (*total % 7 == 0) {
            co_await engine::sleep_until(engine::Shard::current().kernel().now() + milliseconds(1));
        }
    }
}

TEST_F(StreamTest, BackpressureLosesNothing) {
    constexpr std::size_t bytes = 16u << 20;
    std::thread writer([&] {
        std::string block(64 * 1024, 'b');
        for (std::size_t sent = 0; sent < bytes; sent += block.size()) say(block);
        hang_up();
    });
    std::size_t total = 0;
    run(count_all(ours, &total));
    writer.join();
    EXPECT_EQ(total, bytes);
}

task<void> send_one_file(int fd, std::string path, std::uint64_t bytes, Result<void>* result) {
    Stream stream(fd, "peer", 25);
    auto file = co_await engine::open_file(path, O_RDONLY);
    stream.write("head ");
    *result = co_await stream.send_file(file->fd(), 0, bytes, deadline_in(seconds(5)));
    stream.write(" tail");
    if (*result) *result = co_await stream.flush(deadline_in(seconds(5)));
}

TEST_F(StreamTest, FilesBelowAndAboveTheSpliceLimit) {
    for (std::size_t bytes : {std::size_t(0), std::size_t(10), splice_bytes_min - 1,
                              splice_bytes_min, 3 * splice_bytes_min + 17}) {
        SetUp();
        std::string content(bytes, '\0');
        for (std::size_t i = 0; i < bytes; ++i) content[i] = char(i * 31 + i / 4096);
        char path[] = "/tmp/postern-net-XXXXXX";
        int fd = mkstemp(path);
        ASSERT_EQ(write(fd, content.data(), bytes), ssize_t(bytes));
        std::string received;
        std::thread reader([&] {
            char block[65536];
            while (received.size() < bytes + 10) {
                ssize_t count = read(peer, block, sizeof block);
                if (count <= 0) break;
                received.append(block, std::size_t(count));
            }
        });
        Result<void> result;
        run(send_one_file(ours, path, bytes, &result));
        EXPECT_TRUE(result);
        reader.join();
        EXPECT_TRUE(received == "head " + content + " tail") << bytes;
        close(fd);
        unlink(path);
        TearDown();
    }
    peer = -1;
}

task<void> detach_and_go_on(int fd, std::vector<std::string>* lines) {
    Stream before(fd, "192.0.2.1", 143);
    auto first = co_await before.read_line(100, deadline_in(seconds(2)));
    lines->push_back(std::string(first->text));
    auto detached = co_await before.detach();
    EXPECT_TRUE(detached);
    Stream after(std::move(*detached));
    EXPECT_EQ(after.peer_address(), "192.0.2.1");
    for (int i = 0; i < 2; ++i) {
        auto line = co_await after.read_line(100, deadline_in(seconds(2)));
        lines->push_back(std::string(line->text));
    }
    co_await after.close(deadline_in(milliseconds(50)));
}

TEST_F(StreamTest, DetachKeepsWhatWasReceived) {
    say("one\r\ntwo\r\nthree\r\n");
    std::vector<std::string> lines;
    run(detach_and_go_on(ours, &lines));
    EXPECT_EQ(lines, (std::vector<std::string>{"one", "two", "three"}));
}

// Stands for TLS: a line is a record, and one is read at a time.
class LineLayer final : public SecureLayer {
 public:
    void feed(std::string_view ciphertext) override { view_ = ciphertext; }
    void keep_input() override { kept_ += std::exchange(view_, {}); }
    Result<Handshake> handshake() override { return Handshake::complete; }
    Result<std::size_t> read(std::span<char> memory) override {
        keep_input();
        const std::size_t end = kept_.find('\n');
        if (end == std::string::npos) return std::size_t{0};
        const std::size_t count = kept_.copy(memory.data(), end + 1);
        kept_.erase(0, count);
        return count;
    }
    Result<std::size_t> write(std::string_view plaintext) override {
        output_ += plaintext;
        return plaintext.size();
    }
    void write_close_notify() override {}
    std::string_view output() const override { return output_; }
    void consume_output(std::size_t bytes) override { output_.erase(0, bytes); }

 private:
    std::string_view view_;
    std::string kept_;
    std::string output_;
};

task<void> wait_after_moving(int fd, std::string* log) {
    Stream before(fd, "192.0.2.1", 995);
    co_await before.start_tls(std::make_unique<LineLayer>(), "", deadline_in(seconds(2)));
    auto first = co_await before.read_line(100, deadline_in(seconds(2)));
    *log += first->text;
    auto detached = co_await before.detach();
    EXPECT_TRUE(detached);
    Stream after(std::move(*detached));
    for (int i = 0; i < 2; ++i) {
        auto is_there = co_await after.wait_input(deadline_in(milliseconds(200)));
        *log += is_there && *is_there ? " there " : " ? ";
        if (!is_there) co_return;
        auto line = co_await after.read_line(100, deadline_in(seconds(2)));
        *log += line->text;
    }
    *log += after.has_input() ? " more" : " no more";
}

// Records that came together with the one before the move: no byte comes after them that would wake
// whoever waits.
TEST_F(StreamTest, WhatTheLayerHoldsWhenItMovesIsInput) {
    say("PASS\r\nSTAT\r\nLIST\r\n");
    std::string log;
    run(wait_after_moving(ours, &log));
    EXPECT_EQ(log, "PASS there STAT there LIST no more");
}

task<void> wait_for_either(int fd, std::string* log) {
    Stream stream(fd, "peer", 143);
    stream.wake_event().set();
    auto woken = co_await stream.wait_input(deadline_in(seconds(2)));
    *log += woken && !*woken ? "woken " : "? ";
    auto input = co_await stream.wait_input(deadline_in(seconds(2)));
    while (input && !*input) input = co_await stream.wait_input(deadline_in(seconds(2)));
    *log += input ? "input" : "?";
}

TEST_F(StreamTest, WaitInputTellsInputFromWake) {
    say("DONE\r\n");
    std::string log;
    run(wait_for_either(ours, &log));
    EXPECT_EQ(log, "woken input");
}

}  // namespace
}  // namespace postern::net
