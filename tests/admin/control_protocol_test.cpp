// The control protocol: requests that are none, fields that are wrong, then every command on a
// database, and the settings a mail client is given.
#include "admin/control_protocol.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "admin/database_backend.hpp"
#include "admin/limits.hpp"

namespace postern::admin {
namespace {

using Json = nlohmann::json;

class FixedFacts final : public DaemonFacts {
 public:
    StatusReport status() const override {
        return {"9.9",
                "mail.example.test",
                61,
                2,
                5,
                {{"smtp", "*", 25},
                 {"imap", "*", 143},
                 {"submission", "*", 587},
                 {"imaps", "127.0.0.1", 2993},
                 {"pop3s", "::", 995}},
                {{"messages_received", 7}},
                "/data",
                "AB:CD",
                1'788'220'800,
                true};
    }
};

class ControlProtocol : public testing::Test {
 protected:
    ControlProtocol()
        : database_(auth::Database::open("", auth::cheap_password_cost).value()),
          backend_(*database_, facts_) {}

    std::string send(const std::string& line) { return handle_request(backend_, line); }

    Json ask(const std::string& line) {
        const std::string response = send(line);
        EXPECT_EQ(response.find('\n'), response.size() - 1) << response;
        return Json::parse(response, nullptr, false);
    }
    std::string error_of(const std::string& line) {
        const Json response = ask(line);
        EXPECT_EQ(response.value("ok", true), false) << line;
        return response.value("error", "");
    }
    void expect_ok(const std::string& line) {
        EXPECT_TRUE(ask(line).value("ok", false)) << line << " " << send(line);
    }

    std::unique_ptr<auth::Database> database_;
    FixedFacts facts_;
    DatabaseBackend backend_;
};

TEST_F(ControlProtocol, RefusesWhatIsNoRequest) {
    for (const char* bad : {"", "x", "[]", "null", "\"status\"", "{", "{\"command\":\"status\"} x",
                            "{\"command\":\"\xff\"}"}) {
        EXPECT_EQ(error_of(bad), "the request is not a JSON object") << bad;
    }
    EXPECT_EQ(error_of("{}"), "the request has no \"command\"");
    EXPECT_EQ(error_of("{\"command\":1}"), "the request has no \"command\"");
    EXPECT_EQ(error_of("{\"command\":\"no\\u001b\"}"), "there is no command \"no\\x1b\"");
    EXPECT_EQ(error_of(std::string(100'000, '[')), "the request is too long");
    EXPECT_EQ(error_of(std::string(control_request_bytes_max, '[')),
              "the request is not a JSON object");
}

TEST_F(ControlProtocol, RefusesWrongFields) {
    EXPECT_EQ(error_of(R"({"command":"domain.add"})"), "domain.add: \"name\" is missing");
    EXPECT_EQ(error_of(R"({"command":"domain.add","name":1})"),
              "domain.add: \"name\" must be a text");
    EXPECT_EQ(error_of(R"({"command":"domain.add","name":"a.test","default":"yes"})"),
              "domain.add: \"default\" must be true or false");
    EXPECT_EQ(error_of(R"({"command":"alias.add","address":"a","targets":[1]})"),
              "alias.add: \"targets\" must be a list of texts");
    EXPECT_EQ(error_of(R"({"command":"status","verbose":true})"),
              "status: unknown field \"verbose\"");
    EXPECT_EQ(error_of(R"({"command":"domain.add","name":"a b"})"), "'a b' is not a domain name");
    EXPECT_TRUE(database_->list_domains()->empty());
}

TEST_F(ControlProtocol, AdministersDomainsAccountsAndAliases) {
    const Json domain = ask(R"({"command":"domain.add","name":"Example.test"})");
    EXPECT_EQ(domain["domain"]["name"], "example.test");
    EXPECT_EQ(domain["domain"]["default"], true);
    const Json alice = ask(R"({"command":"account.add","address":"alice","password":"secret",)"
                           R"("display_name":"Alice","admin":true})");
    EXPECT_EQ(alice["account"]["address"], "alice@example.test");
    EXPECT_EQ(alice["account"]["admin"], true);
    expect_ok(R"({"command":"account.passwd","address":"alice","password":"better"})");
    const Json alias = ask(R"({"command":"alias.add","address":"info","targets":["alice"]})");
    EXPECT_EQ(alias["alias"]["targets"][0], "alice@example.test");

    EXPECT_EQ(ask(R"({"command":"domain.list"})")["domains"][0]["accounts"], 1);
    EXPECT_EQ(ask(R"({"command":"account.list","domain":"example.test"})")["accounts"].size(), 1u);
    EXPECT_EQ(ask(R"({"command":"alias.list"})")["aliases"][0]["address"], "info@example.test");
    EXPECT_FALSE(send(R"({"command":"account.list"})").contains("argon2"));

    const Json gone = ask(R"({"command":"account.remove","address":"alice"})");
    EXPECT_EQ(gone["shrunk_aliases"][0], "info@example.test");
    EXPECT_EQ(gone["home"], "accounts/example.test/alice");
    EXPECT_EQ(error_of(R"({"command":"alias.remove","address":"info"})"),
              "there is no alias info@example.test");
    expect_ok(R"({"command":"domain.remove","name":"example.test"})");
}

TEST_F(ControlProtocol, RulesOfDomainsAndAccounts) {
    expect_ok(R"({"command":"domain.add","name":"example.test"})");
    expect_ok(R"({"command":"account.add","address":"alice","password":"x"})");
    expect_ok(R"({"command":"account.add","address":"bob","password":"x"})");
    EXPECT_EQ(error_of(R"({"command":"domain.set-retention","name":"example.test","days":-1})"),
              "domain.set-retention: \"days\" must be a number, 0 or more");
    EXPECT_EQ(error_of(R"({"command":"account.set-retention","address":"alice","days":36501})"),
              "mail can be kept for at most 36500 days, or for ever");
    EXPECT_EQ(error_of(R"({"command":"account.disable","address":"carol"})"),
              "there is no account carol@example.test");
    const auto accounts = [&] { return ask(R"({"command":"account.list"})")["accounts"]; };
    EXPECT_TRUE(accounts()[0]["pop3_retention_days"].is_null());
    expect_ok(R"({"command":"domain.set-retention","name":"example.test","days":14})");
    expect_ok(R"({"command":"account.set-retention","address":"bob","days":0})");
    expect_ok(R"({"command":"account.disable","address":"bob"})");
    EXPECT_EQ(accounts()[0]["pop3_retention_days"], 14);
    EXPECT_EQ(accounts()[0]["retention_of"], "domain");
    EXPECT_EQ(accounts()[1]["pop3_retention_days"], 0);
    EXPECT_EQ(accounts()[1]["retention_of"], "account");
    EXPECT_EQ(accounts()[1]["disabled"], true);
    EXPECT_EQ(ask(R"({"command":"domain.list"})")["domains"][0]["pop3_retention_days"], 14);
    auto directory = backend_.take_new_directory().value();
    ASSERT_TRUE(directory);
    EXPECT_EQ(directory->pop3_retention().shortest, 0u);
    EXPECT_TRUE(directory->pop3_retention().differs);
    EXPECT_EQ(directory->find_login("alice")->pop3_retention, 14u);
    EXPECT_TRUE(directory->find_login("bob")->disabled);

    expect_ok(R"({"command":"account.set-retention","address":"bob"})");
    EXPECT_TRUE(accounts()[1]["pop3_retention_days"].is_null());
    expect_ok(R"({"command":"account.set-retention","address":"bob","as_domain":true})");
    expect_ok(R"({"command":"account.enable","address":"bob"})");
    EXPECT_EQ(accounts()[1]["pop3_retention_days"], 14);
    EXPECT_EQ(accounts()[1]["disabled"], false);
    directory = backend_.take_new_directory().value();
    EXPECT_EQ(directory->pop3_retention().shortest, 14u);
    EXPECT_FALSE(directory->pop3_retention().differs);
}

TEST_F(ControlProtocol, ChangesGiveANewDirectoryOnce) {
    EXPECT_EQ(backend_.take_new_directory().value(), nullptr);
    ask(R"({"command":"domain.list"})");
    error_of(R"({"command":"domain.add","name":".."})");
    EXPECT_EQ(backend_.take_new_directory().value(), nullptr);
    expect_ok(R"({"command":"domain.add","name":"example.test"})");
    const auto directory = backend_.take_new_directory().value();
    ASSERT_TRUE(directory);
    EXPECT_TRUE(directory->is_local_domain("example.test"));
    EXPECT_EQ(backend_.take_new_directory().value(), nullptr);
}

TEST_F(ControlProtocol, ReportsStatus) {
    const Json status = ask(R"({"command":"status"})");
    EXPECT_EQ(status["uptime_s"], 61);
    EXPECT_EQ(status["listeners"][1]["port"], 143);
    EXPECT_EQ(status["counters"]["messages_received"], 7);
    EXPECT_EQ(status["data_directory"], "/data");
    EXPECT_EQ(status["certificate"]["sha256"], "AB:CD");
    EXPECT_EQ(status["certificate"]["not_after"], 1'788'220'800);
    EXPECT_EQ(status["plaintext_login"], true);
    EXPECT_EQ(status["admin_password"], false);
    EXPECT_EQ(status["domains"], ask(R"({"command":"domain.list"})")["domains"].size());
}

TEST_F(ControlProtocol, GivesClientSettingsOfKnownAccounts) {
    expect_ok(R"({"command":"domain.add","name":"example.test"})");
    EXPECT_EQ(error_of(R"({"command":"client-settings","address":"alice"})"),
              "there is no account alice@example.test");
    ask(R"({"command":"account.add","address":"alice","password":"x"})");
    const Json settings =
        ask(R"({"command":"client-settings","address":"Alice@Example.test"})")["settings"];
    ASSERT_EQ(settings.size(), 4u);  // not port 25
    EXPECT_EQ(settings[0].dump(),
              R"({"port":2993,"protocol":"IMAP","security":"SSL/TLS","server":"127.0.0.1",)"
              R"("user_name":"alice@example.test"})");
    EXPECT_EQ(settings[1]["security"], "STARTTLS");
    EXPECT_EQ(settings[1]["server"], "mail.example.test");
    EXPECT_EQ(settings[2]["protocol"], "POP3");
    EXPECT_EQ(settings[3]["protocol"], "SMTP");
    EXPECT_EQ(settings[3]["port"], 587);
}

TEST_F(ControlProtocol, TheConsolesPassword) {
    EXPECT_EQ(error_of(R"({"command":"admin.check-password","password":"x"})"),
              "no administrator password is set");
    EXPECT_EQ(error_of(R"({"command":"admin.set-password","password":"short"})"),
              "the password must have at least 8 characters");
    expect_ok(R"({"command":"admin.set-password","password":"long enough"})");
    expect_ok(R"({"command":"admin.check-password","password":"long enough"})");
    EXPECT_EQ(error_of(R"({"command":"admin.check-password","password":"long-enough"})"),
              "the password is wrong");
    EXPECT_EQ(ask(R"({"command":"status"})")["admin_password"], true);
}

}  // namespace
}  // namespace postern::admin
