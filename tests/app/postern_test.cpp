// The postern command as people run it, against a control socket served by the protocol's own
// handler on a database: exit statuses, texts, and passwords that come from standard input.
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <fstream>
#include <thread>

#include "admin/database_backend.hpp"
#include "app/postern_output.hpp"
#include "app/run_command.hpp"
#include "base/temporary_directory.hpp"

namespace postern::app {
namespace {

class FixedFacts final : public admin::DaemonFacts {
 public:
    admin::StatusReport status() const override {
        return {"9.9", "mail.example.test", 61, 2, 5, {{"imaps", "*", 993}}, {{"messages", 7}}};
    }
};

class Postern : public testing::Test {
 protected:
    Postern() : database_(auth::Database::open("", auth::cheap_password_cost).value()) {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        socket().copy(address.sun_path, sizeof address.sun_path - 1);
        listener_ = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        EXPECT_EQ(::bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
        EXPECT_EQ(::listen(listener_, 8), 0);
        server_ = std::thread([this] { serve(); });
    }
    ~Postern() override {
        ::shutdown(listener_, SHUT_RDWR);
        server_.join();
        ::close(listener_);
    }

    std::string socket() const { return directory_ / "control.sock"; }

    void serve() {
        for (;;) {
            const int fd = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
            if (fd < 0) return;
            std::string line;
            char c = 0;
            while (::read(fd, &c, 1) == 1 && c != '\n') line += c;
            const std::string response = admin::handle_request(backend_, line);
            ::send(fd, response.data(), response.size(), MSG_NOSIGNAL);
            ::close(fd);
        }
    }

    CommandOutcome run(const std::string& arguments, const std::string& input = {}) {
        const std::string input_file = directory_ / "input";
        std::ofstream(input_file) << input;
        const std::string command = std::string(POSTERN_COMMAND " --socket ") + socket() + " " +
                                    arguments + " 2>&1 <" + input_file;
        return run_command(command);
    }

    TemporaryDirectory directory_;
    std::unique_ptr<auth::Database> database_;
    FixedFacts facts_;
    admin::DatabaseBackend backend_{*database_, facts_};
    int listener_ = -1;
    std::thread server_;
};

TEST_F(Postern, RefusesWrongArguments) {
    for (const char* wrong : {"", "domain", "domain add", "account add", "frobnicate",
                              "account add a --password x", "status extra", "alias add a"}) {
        EXPECT_EQ(run(wrong).status, 2) << wrong;
    }
    EXPECT_EQ(run("--help").status, 0);
    EXPECT_TRUE(run("--version").text.starts_with("postern "));
}

TEST_F(Postern, SaysAtWhichSocketThereIsNobody) {
    const CommandOutcome outcome = run("status --socket /nonexistent/control.sock");
    EXPECT_EQ(outcome.status, 3);
    EXPECT_EQ(outcome.text,
              "postern: posternd is not running, or not with this control socket: "
              "/nonexistent/control.sock\n");
}

TEST_F(Postern, PassesOnTheDaemonsRefusal) {
    const CommandOutcome plain = run("domain add ..");
    EXPECT_EQ(plain.status, 1);
    EXPECT_EQ(plain.text, "postern: '..' is not a domain name\n");
    const CommandOutcome json = run("--json domain add ..");
    EXPECT_EQ(json.status, 1);
    EXPECT_EQ(json.text, "{\"ok\":false,\"error\":\"'..' is not a domain name\"}\n");
}

TEST_F(Postern, AdministersFromTheCommandLine) {
    EXPECT_EQ(run("domain list").text, "no domains yet: postern domain add NAME\n");
    EXPECT_EQ(run("domain add Example.test").text, "added example.test\n");
    EXPECT_EQ(run("account add alice", "").text, "postern: no password was given\n");
    EXPECT_EQ(run("account add alice --name 'Alice A'", "secret\nmore").text,
              "added alice@example.test\n");
    EXPECT_EQ(run("account passwd alice@example.test", "better\r\n").text, "done\n");
    const auto people = database_->load_directory().value();
    EXPECT_TRUE(auth::verify_password(people->find_login("alice")->credential, "better"));

    EXPECT_EQ(
        run("account list").text,
        "ADDRESS             NAME     ADMIN  DISABLED  LANGUAGE  STORAGE  MESSAGES  POP3 DAYS\n"
        "alice@example.test  Alice A                   en        ?        ?         -\n");
    EXPECT_EQ(run("account disable alice").text, "done\n");
    EXPECT_EQ(run("domain set-retention example.test 30").text, "done\n");
    EXPECT_EQ(
        run("account list").text,
        "ADDRESS             NAME     ADMIN  DISABLED  LANGUAGE  STORAGE  MESSAGES  POP3 DAYS\n"
        "alice@example.test  Alice A         yes       en        ?        ?         30\n");
    EXPECT_EQ(run("account enable alice").text, "done\n");
    EXPECT_EQ(run("account set-retention alice 7").text, "done\n");
    EXPECT_TRUE(run("account list").text.ends_with("  7\n"));
    EXPECT_EQ(run("account set-retention alice").text, "done\n");
    EXPECT_TRUE(run("account list").text.ends_with("  -\n"));
    EXPECT_EQ(run("account set-retention alice --as-domain").text, "done\n");
    EXPECT_EQ(run("account set-retention alice soon").status, 2);
    EXPECT_TRUE(run("domain list").text.ends_with("  30\n"));
    EXPECT_EQ(run("alias add info alice x@elsewhere.test").text,
              "info@example.test leads to alice@example.test, x@elsewhere.test\n");
    EXPECT_EQ(run("alias remove info x@elsewhere.test").text, "done\n");
    EXPECT_TRUE(run("account list --domain example.test").text.contains("alice"));
    EXPECT_EQ(run("client-settings alice").text,
              "PROTOCOL  SERVER             PORT  SECURITY  USER NAME\n"
              "IMAP      mail.example.test  993   SSL/TLS   alice@example.test\n");
    EXPECT_TRUE(run("client-settings alice --json").text.contains("\"port\":993"));
    EXPECT_TRUE(run("status").text.contains("connections  5\n"));
    EXPECT_TRUE(run("account remove alice").text.contains("accounts/example.test/alice"));
    EXPECT_EQ(run("alias list").text, "no aliases\n");
    EXPECT_EQ(run("domain remove example.test").text, "done\n");
}

TEST(PosternOutput, SurvivesAnswersThatMakeNoSense) {
    for (const char* bad : {"", "x", "[]", "{}", "{\"ok\":1}", "null"}) {
        EXPECT_FALSE(read_verdict(bad).ok) << bad;
        for (const char* command : {"status", "domain.list", "alias.add", "account.remove"}) {
            EXPECT_FALSE(format_response(command, bad).empty());
        }
    }
    EXPECT_EQ(read_verdict("{\"ok\":false,\"error\":\"a\\u001b\"}").error, "a\\x1b");
    EXPECT_EQ(format_response("account.list",
                              "{\"accounts\":[{\"address\":\"a\",\"display_name\":\"\\u001b[2J\","
                              "\"admin\":7}]}"),
              "ADDRESS  NAME     ADMIN  DISABLED  LANGUAGE  STORAGE  MESSAGES  POP3 DAYS\n"
              "a        \\x1b[2J  7                          ?        ?\n");
    EXPECT_EQ(format_response("account.list",
                              R"({"accounts":[{"address":"a","usage":{"bytes":2147483648,)"
                              R"("messages":7},"quota":{"bytes_max":10737418240,)"
                              R"("messages_max":0}}]})"),
              "ADDRESS  NAME  ADMIN  DISABLED  LANGUAGE  STORAGE         MESSAGES  POP3 DAYS\n"
              "a                                         2048M of 10.0G  7\n");
}

}  // namespace
}  // namespace postern::app
