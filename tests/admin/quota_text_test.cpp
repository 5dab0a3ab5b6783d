// Quotas from an administrator's words to the snapshot that the shards use.
#include "admin/quota_text.hpp"

#include <gtest/gtest.h>

#include "admin/control_protocol.hpp"
#include "admin/database_backend.hpp"
#include "admin/store_commands.hpp"

namespace postern::admin {
namespace {

TEST(QuotaText, RefusesWhatIsNone) {
    for (const char* bad : {"", "0", "-1", "G", "0G", "1X", "1.5G", "10 G", "9999999999G", "K1"}) {
        EXPECT_FALSE(parse_storage_quota(bad)) << bad;
        EXPECT_FALSE(parse_message_quota(bad)) << bad;
    }
    EXPECT_FALSE(parse_message_quota("10G"));
    EXPECT_EQ(parse_storage_quota("10g")->max, 10ull << 30);
    EXPECT_EQ(parse_storage_quota("64K")->max, 64ull << 10);
    EXPECT_EQ(parse_storage_quota("123")->max, 123u);
    EXPECT_EQ(parse_message_quota("7")->max, 7u);
    EXPECT_EQ(parse_message_quota("Unlimited")->kind, auth::QuotaSetting::Kind::unlimited);
    EXPECT_EQ(parse_storage_quota("domain")->kind, auth::QuotaSetting::Kind::as_domain);
}

class NoFacts final : public DaemonFacts {
 public:
    StatusReport status() const override { return {}; }
};

TEST(QuotaCommands, AnAccountHasItsOwnOrItsDomains) {
    auto database = auth::Database::open("", auth::cheap_password_cost).value();
    NoFacts facts;
    DatabaseBackend backend(*database, facts);
    const auto send = [&](const char* line) { return handle_request(backend, line); };
    const auto quota = [&] {
        return database->load_directory().value()->find_mail_directory("example.test/alice")->quota;
    };
    const std::string ok = "{\"ok\":true}\n";
    send(R"({"command":"domain.add","name":"example.test"})");
    send(R"({"command":"account.add","address":"alice","password":"x"})");
    EXPECT_FALSE(quota().any());
    EXPECT_NE(send(R"({"command":"account.set-quota","address":"alice"})"), ok);
    EXPECT_NE(send(R"({"command":"account.set-quota","address":"alice","storage":"x"})"), ok);
    EXPECT_NE(send(R"({"command":"account.set-quota","address":"bob","storage":"1G"})"), ok);
    EXPECT_NE(send(R"({"command":"domain.set-quota","name":"b.test","storage":"1G"})"), ok);
    EXPECT_FALSE(quota().any());

    EXPECT_EQ(send(R"({"command":"domain.set-quota","name":"example.test","storage":"1k",)"
                   R"("messages":"9"})"),
              ok);
    EXPECT_EQ(quota().bytes_max, 1024u);
    EXPECT_EQ(quota().messages_max, 9u);
    EXPECT_EQ(send(R"({"command":"account.set-quota","address":"alice","storage":"2k"})"), ok);
    EXPECT_EQ(quota().bytes_max, 2048u);
    EXPECT_EQ(quota().messages_max, 9u);
    EXPECT_EQ(send(R"({"command":"account.set-quota","address":"alice","messages":"unlimited"})"),
              ok);
    EXPECT_EQ(quota().bytes_max, 2048u);
    EXPECT_EQ(quota().messages_max, 0u);
    EXPECT_EQ(send(R"({"command":"account.set-quota","address":"alice","messages":"domain",)"
                   R"("storage":"domain"})"),
              ok);
    EXPECT_EQ(send(R"({"command":"domain.set-quota","name":"example.test","storage":"unlimited"})"),
              ok);
    EXPECT_EQ(quota().bytes_max, 0u);
    EXPECT_EQ(quota().messages_max, 9u);
}

TEST(QuotaCommands, ADomainHasATotalBesideWhatEachMayHold) {
    auto database = auth::Database::open("", auth::cheap_password_cost).value();
    NoFacts facts;
    DatabaseBackend backend(*database, facts);
    const auto send = [&](const char* line) { return handle_request(backend, line); };
    const std::string ok = "{\"ok\":true}\n";
    send(R"({"command":"domain.add","name":"example.test"})");
    send(R"({"command":"account.add","address":"alice","password":"x","language":"ru"})");
    EXPECT_NE(send(R"({"command":"domain.set-quota","name":"example.test"})"), ok);
    EXPECT_NE(send(R"({"command":"domain.set-quota","name":"example.test","total_storage":"x"})"),
              ok);
    EXPECT_NE(send(R"({"command":"account.set-quota","address":"alice","total_storage":"1G"})"),
              ok);
    EXPECT_EQ(send(R"({"command":"domain.set-quota","name":"example.test","total_storage":"4k",)"
                   R"("messages":"5","total_messages":"7"})"),
              ok);
    EXPECT_NE(send(R"({"command":"account.set-language","address":"alice","language":"xx"})"), ok);
    auto people = database->load_directory().value();
    const auth::Account* alice = people->find_mail_directory("example.test/alice");
    EXPECT_EQ(alice->domain_quota.bytes_max, 4096u);
    EXPECT_EQ(alice->domain_quota.messages_max, 7u);
    EXPECT_EQ(alice->quota.bytes_max, 0u);
    EXPECT_EQ(alice->quota.messages_max, 5u);
    EXPECT_EQ(alice->language, "ru");
    EXPECT_EQ(send(R"({"command":"account.set-language","address":"alice","language":"pt"})"), ok);
    EXPECT_EQ(send(R"({"command":"domain.set-quota","name":"example.test",)"
                   R"("total_storage":"unlimited"})"),
              ok);
    people = database->load_directory().value();
    alice = people->find_mail_directory("example.test/alice");
    EXPECT_EQ(alice->domain_quota.bytes_max, 0u);
    EXPECT_EQ(alice->domain_quota.messages_max, 7u);
    EXPECT_EQ(alice->language, "pt");
}

TEST(QuotaCommands, TheListHasUsageWhenItIsAskedFor) {
    const std::string asked = R"({"command":"account.list","usage":true})";
    const std::string response = R"({"ok":true,"accounts":[{"address":"a"},{"address":"b"}]})";
    EXPECT_EQ(accounts_to_measure(asked, response), (std::vector<std::string>{"a", "b"}));
    for (const char* other : {"", "x", "[]", R"({"command":"account.list"})",
                              R"({"command":"account.list","usage":false})"}) {
        EXPECT_TRUE(accounts_to_measure(other, response).empty()) << other;
    }
    EXPECT_TRUE(accounts_to_measure(asked, R"({"ok":false})").empty());
    std::vector<StoreAnswer> usages(2);
    usages[0].bytes = 12;
    usages[0].messages = 3;
    usages[1].error = "gone";
    EXPECT_EQ(add_usage(response, usages),
              R"({"ok":true,"accounts":[{"address":"a","usage":{"bytes":12,"messages":3}},)"
              R"({"address":"b","usage":null}]})"
              "\n");
}

}  // namespace
}  // namespace postern::admin
