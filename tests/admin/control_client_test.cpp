// The client's end of the control socket: nobody there, somebody who breaks off, then answers in
// pieces and two at once.
#include "postern/control_client.hpp"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <thread>

#include "base/temporary_directory.hpp"

namespace postern {
namespace {

// A socket in a directory of its own; `serve` runs for one connection on a thread.
class OneTimeServer {
 public:
    explicit OneTimeServer(void (*serve)(int fd)) {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        std::strncpy(address.sun_path, path().c_str(), sizeof address.sun_path - 1);
        listener_ = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        EXPECT_EQ(::bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
        EXPECT_EQ(::listen(listener_, 1), 0);
        thread_ = std::thread([this, serve] {
            const int fd = ::accept(listener_, nullptr, nullptr);
            if (fd < 0) return;
            serve(fd);
            ::close(fd);
        });
    }
    ~OneTimeServer() {
        ::shutdown(listener_, SHUT_RDWR);
        thread_.join();
        ::close(listener_);
    }
    std::string path() const { return directory_ / "control.sock"; }

 private:
    TemporaryDirectory directory_;
    int listener_ = -1;
    std::thread thread_;
};

void read_line(int fd) {
    char c = 0;
    while (::read(fd, &c, 1) == 1 && c != '\n') {
    }
}

void send_text(int fd, std::string_view text) {
    EXPECT_EQ(::send(fd, text.data(), text.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(text.size()));
}

TEST(ControlClient, SaysWhichSocketNobodyServes) {
    const auto client = ControlClient::connect("/nonexistent/control.sock");
    ASSERT_FALSE(client);
    EXPECT_EQ(client.error(),
              "posternd is not running, or not with this control socket: "
              "/nonexistent/control.sock");
    EXPECT_FALSE(ControlClient::connect(""));
    EXPECT_FALSE(ControlClient::connect(std::string(108, 'a')));
}

TEST(ControlClient, ReportsAnAnswerBrokenOff) {
    const OneTimeServer server([](int fd) {
        read_line(fd);
        send_text(fd, "{\"ok\":");
    });
    auto client = ControlClient::connect(server.path());
    ASSERT_TRUE(client) << client.error();
    const auto response = client->request("{}");
    ASSERT_FALSE(response);
    EXPECT_TRUE(response.error().ends_with("closed without an answer"));
}

TEST(ControlClient, JoinsPiecesAndKeepsWhatComesEarly) {
    const OneTimeServer server([](int fd) {
        read_line(fd);
        send_text(fd, "{\"o");
        send_text(fd, "k\":1}\n{\"ok\":2}\n");
        read_line(fd);
    });
    auto client = ControlClient::connect(server.path());
    ASSERT_TRUE(client) << client.error();
    EXPECT_EQ(client->request("{}"), "{\"ok\":1}");
    EXPECT_EQ(client->request("{}"), "{\"ok\":2}");
}

}  // namespace
}  // namespace postern
