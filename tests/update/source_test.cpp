// Updates from files, directories and a web server of the test's own.
#include "update/source.hpp"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <thread>

#include "update/appliance_files.hpp"

namespace postern::update {
namespace {

const Progress no_progress = [](Step, std::uint64_t, std::uint64_t) {};

class Source : public testing::Test {
 protected:
    Source() : appliance_(std::move(Appliance::open(files_.places()).value())) {}
    Reason verify(const std::string& bytes) {
        write_file(files_.update_path(), bytes);
        const auto verified = verify_file(files_.update_path(), *appliance_->trust(), no_progress);
        return verified ? Reason::no_appliance : verified.error().reason;
    }

    ApplianceFiles files_;
    std::unique_ptr<Appliance> appliance_;
};

TEST_F(Source, EachRefusalHasItsReasonAndChangesNothing) {
    const std::string block = files_.block();
    const std::string slot = files_.slot();
    const std::string good = make_file({});
    EXPECT_EQ(verify_file("/nonexistent", *appliance_->trust(), no_progress).error().reason,
              Reason::not_found);
    EXPECT_EQ(verify(std::string(9'000, 'x')), Reason::not_an_update);
    EXPECT_EQ(verify(good.substr(0, good.size() - 1)), Reason::truncated);
    EXPECT_EQ(verify(good + "x"), Reason::damaged);
    EXPECT_EQ(verify(manifest_text({}) + FileParts{}.slot), Reason::signature);
    EXPECT_EQ(verify(make_file({.seed = other_seed})), Reason::signature);
    EXPECT_EQ(verify(make_file({.arch = "arm64"})), Reason::other_architecture);
    EXPECT_EQ(verify(make_file({.version = "0.0.9", .minimum = "0.0.1"})), Reason::too_old);
    EXPECT_EQ(verify(make_file({.minimum = "0.2.0"})), Reason::too_far);
    EXPECT_EQ(files_.block(), block);
    EXPECT_EQ(files_.slot(), slot);
}

TEST_F(Source, AGoodFileIsInstalled) {
    EXPECT_EQ(verify(make_file({})), Reason::no_appliance);
    ASSERT_TRUE(install_file(files_.update_path(), *appliance_, no_progress));
    EXPECT_TRUE(files_.slot().starts_with(FileParts{}.slot));
    const auto block = BootBlock::parse(files_.block());
    EXPECT_EQ(block->chosen(), Slot::b);
    EXPECT_EQ(block->get("left"), "3");
    EXPECT_TRUE(block->can_fall_back());
}

TEST_F(Source, OfADirectoryTheNewestGoodOneIsTaken) {
    const std::string stick = files_.root() + "/stick";
    const Trust trust = *appliance_->trust();
    EXPECT_EQ(find_in_directory(stick, trust).error().reason, Reason::not_found);
    write_file(stick + "/postern-9.9.9-amd64.update", make_file({.seed = other_seed}));
    EXPECT_EQ(find_in_directory(stick, trust).error().reason, Reason::signature);
    write_file(stick + "/postern-0.10.0-amd64.update", make_file({.version = "0.10.0"}));
    write_file(stick + "/postern-0.9.0-amd64.update", make_file({.version = "0.9.0"}));
    write_file(stick + "/other.update", make_file({.version = "7.0.0"}));
    write_file(stick + "/postern-8.0.0-arm64.update",
               make_file({.version = "8.0.0", .arch = "arm64"}));
    const auto found = find_in_directory(stick, trust);
    ASSERT_TRUE(found) << found.error().words;
    EXPECT_EQ(found->first, stick + "/postern-0.10.0-amd64.update");
}

// Answers one request with what it was given, and closes.
class OneAnswer {
 public:
    explicit OneAnswer(std::string answer) : answer_(std::move(answer)) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        fd_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        EXPECT_EQ(::bind(fd_, reinterpret_cast<sockaddr*>(&address), size), 0);
        EXPECT_EQ(::listen(fd_, 1), 0);
        EXPECT_EQ(::getsockname(fd_, reinterpret_cast<sockaddr*>(&address), &size), 0);
        url = "http://127.0.0.1:" + std::to_string(ntohs(address.sin_port)) + "/x.update";
        thread_ = std::thread([this] { serve(); });
    }
    ~OneAnswer() {
        ::shutdown(fd_, SHUT_RDWR);
        thread_.join();
        ::close(fd_);
    }
    std::string url;

 private:
    void serve() {
        const int fd = ::accept4(fd_, nullptr, nullptr, SOCK_CLOEXEC);
        if (fd < 0) return;
        std::string request;
        char c = 0;
        while (!request.ends_with("\r\n\r\n") && ::read(fd, &c, 1) == 1) request += c;
        for (std::string_view left = answer_; !left.empty();) {
            const ssize_t n = ::send(fd, left.data(), left.size(), MSG_NOSIGNAL);
            if (n <= 0) break;
            left.remove_prefix(std::size_t(n));
        }
        ::close(fd);
    }
    std::string answer_;
    int fd_ = -1;
    std::thread thread_;
};

std::string response(const std::string& body, std::size_t length) {
    return "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(length) + "\r\n\r\n" + body;
}

TEST(Download, ABadAnswerLeavesNoFile) {
    const TemporaryDirectory directory;
    const std::string path = directory / "download";
    const auto get = [&](const std::string& answer, std::uint64_t bytes_max) {
        const OneAnswer server(answer);
        return download(POSTERN_FETCH, server.url, path, bytes_max,
                        [](std::uint64_t, std::uint64_t) {});
    };
    EXPECT_FALSE(get("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", 100));
    EXPECT_FALSE(get("nonsense", 100));
    EXPECT_FALSE(get(response("too short", 10), 100));
    const auto large = get(response(std::string(101, 'x'), 101), 100);
    ASSERT_FALSE(large);
    EXPECT_EQ(large.error().reason, Reason::too_big);
    EXPECT_FALSE(get("HTTP/1.1 302 Found\r\nLocation: file:///etc/passwd\r\n\r\n", 100'000));
    EXPECT_FALSE(read_small_file(path));
    const auto refused = download(POSTERN_FETCH, "http://127.0.0.1:1/x", path, 100,
                                  [](std::uint64_t, std::uint64_t) {});
    EXPECT_TRUE(refused.error().words.starts_with("the download failed: ")) << "no server";
    EXPECT_FALSE(refused.error().words.ends_with("it broke off")) << refused.error().words;
    EXPECT_FALSE(download("/nonexistent", "http://127.0.0.1:1/x", path, 100,
                          [](std::uint64_t, std::uint64_t) {}));
}

TEST(Download, WhatComesIsTheFile) {
    const TemporaryDirectory directory;
    const std::string path = directory / "download";
    const std::string file = make_file({});
    const OneAnswer server(response(file, file.size()));
    EXPECT_TRUE(is_url(server.url));
    std::uint64_t last = 0;
    ASSERT_TRUE(download(POSTERN_FETCH, server.url, path, file.size(),
                         [&](std::uint64_t done, std::uint64_t) { last = done; }));
    EXPECT_EQ(read_small_file(path), file);
    EXPECT_EQ(last, file.size());
}

}  // namespace
}  // namespace postern::update
